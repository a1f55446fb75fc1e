"""Signed addresses that answers to letters come back to: they name a conversation, for half a year, and nobody can make one up."""

import hmac
from base64 import b32decode, b32encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature
from django.utils.crypto import salted_hmac

LIFE = timedelta(days=180)
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
ANSWERS, BOUNCES = "r", "b"
SIGNED = 10  # bytes: 2^80 tries to guess one
PAYLOAD = 18


@dataclass(frozen=True)
class Named:
    """What an address names. Only bounces come to the one a letter is sent from."""

    conversation: UUID
    expires: datetime
    bounces: bool


def address(conversation: UUID, now: datetime, kind: str = ANSWERS) -> str:
    """As reply+r….@mail.example, for letters of `conversation`; empty when answers cannot be read (no MAIL_REPLY_ADDRESS)."""
    local, _, domain = settings.MAIL_REPLY_ADDRESS.partition("@")
    days = (now + LIFE - BEGINNING).days
    payload = conversation.bytes + days.to_bytes(2, "big")
    token = b32encode(payload + _signature(kind, payload)).decode().rstrip("=").lower()
    return f"{local}+{kind}{token}@{domain}" if domain else ""


def read(given: str) -> Named:
    """What one of our addresses names, however its letters are written. Raises BadSignature for every other."""
    local, _, domain = settings.MAIL_REPLY_ADDRESS.lower().partition("@")
    mailbox, _, host = given.lower().rpartition("@")
    begins, _, token = mailbox.partition("+")
    kind, token = token[:1], token[1:].upper()
    if not domain or (begins, host) != (local, domain) or kind not in (ANSWERS, BOUNCES):
        raise BadSignature("not one of our addresses")
    try:
        given_bytes = b32decode(token + "=" * (-len(token) % 8))
    except ValueError as error:
        raise BadSignature("not one of our addresses") from error
    payload, signature = given_bytes[:PAYLOAD], given_bytes[PAYLOAD:]
    if len(payload) != PAYLOAD or not hmac.compare_digest(signature, _signature(kind, payload)):
        raise BadSignature("made up, or cut")
    expires = BEGINNING + timedelta(days=int.from_bytes(payload[16:], "big"))
    return Named(UUID(bytes=payload[:16]), expires, kind == BOUNCES)


def letter_id(number: int) -> str:
    """The Message-ID of a letter, the same on every try."""
    return f"<l.{number}.{_signature('letter', str(number).encode()).hex()}@{domain_of_letters()}>"


def thread_id(conversation: UUID) -> str:
    """What every letter of a conversation refers to, so that mail programs show them as one thread."""
    return f"<c.{conversation.hex}@{domain_of_letters()}>"


def domain_of_letters() -> str:
    return (settings.MAIL_REPLY_ADDRESS or settings.DEFAULT_FROM_EMAIL).rpartition("@")[2].strip(" >") or "localhost"


def is_ours(message_id: str) -> bool:
    """Whether it is the id of one of our letters."""
    local, _, domain = message_id.strip("<>").rpartition("@")
    number = local.removeprefix("l.").partition(".")[0]
    return domain == domain_of_letters() and local.startswith("l.") and number.isascii() and number.isdigit() and message_id == letter_id(int(number))


def _signature(kind: str, payload: bytes) -> bytes:
    return salted_hmac(f"baton.mail.{kind}", payload, algorithm="sha256").digest()[:SIGNED]
