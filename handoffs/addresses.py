"""Addresses of pages for people elsewhere: a customer's is signed, unguessable and needs no log-in."""

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer

SIGNER = Signer(sep=".", salt="baton.customer-page")


def token(conversation_id: UUID) -> str:
    return SIGNER.sign(conversation_id.hex)


def read(text: str) -> UUID:
    """The conversation a token names. Raises BadSignature when it was tampered with or cut."""
    try:
        return UUID(SIGNER.unsign(text))
    except ValueError as error:
        raise BadSignature("not the address of a conversation") from error


def url(conversation_id: UUID) -> str:
    """The page's full address, for people elsewhere."""
    return f"{settings.BASE_URL.rstrip('/')}/c/{token(conversation_id)}/"


def desk(handoff_id: UUID) -> str:
    """The desk of a handoff, for agents who sign in."""
    return f"{settings.BASE_URL.rstrip('/')}/handoffs/{handoff_id}/"
