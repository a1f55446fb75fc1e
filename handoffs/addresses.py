"""The signed address of a customer's page: random, unguessable, needs no log-in."""

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
