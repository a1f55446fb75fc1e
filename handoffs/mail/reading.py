"""A mail's bytes as values: who, to whom, what they say themselves, and what is attached."""

import codecs
import email
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email import policy
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

from handoffs.mail.words import from_html, own_words

LONGEST_TEXT, LONGEST_HTML = 128 * 1024, 256 * 1024  # bytes that are read: what people write themselves stands far before
MOST_PARTS, MOST_FILES = 200, 20
FALLBACKS = ("utf-8", "cp1252")
# Headers in which those who passed a mail on say for whom it came.
TO = ("To", "Cc", "Delivered-To", "X-Original-To", "X-Forwarded-To", "Envelope-To", "X-Envelope-To")
RECIPIENTS = ("Original-Recipient", "Final-Recipient")


@dataclass(frozen=True)
class Attached:
    name: str
    content: bytes


@dataclass(frozen=True)
class Failed:
    """Of a bounce: why it failed for good, and for whom. Of a mail that was passed on the last address may be one that its sender does not know."""

    why: str
    to: tuple[str, ...]


@dataclass(frozen=True)
class Returned:
    """Of a bounce: the Message-ID of what came back, and to whom it was written."""

    id: str = ""
    to: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mail:
    """`id` is the sender's Message-ID, or a digest of the mail; `text` their own words without what they quote, `uncut` all of it when that is more.

    Addresses are in lower case.
    """

    id: str
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    uncut: str = ""
    files: tuple[Attached, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    failed: tuple[Failed, ...] = ()
    returned: Returned = Returned()


def read(raw: bytes) -> Mail:
    """Never raises: what cannot be read is left out."""
    message = email.message_from_bytes(raw, policy=policy.compat32)
    headers = {name.lower(): _decoded(value) for name, value in reversed(message.items())}
    parts = list(_parts(message))
    whole = _storable(_text(parts)).strip()
    own = own_words(whole)
    return Mail(
        id=(headers.get("message-id", "").strip() or f"<{hashlib.sha256(raw).hexdigest()}>")[:300],
        sender=next(iter(_addresses([headers.get("from", "")])), ""),
        to=tuple(dict.fromkeys(_addresses(_decoded(value) for name in TO for value in message.get_all(name, [])))),
        subject=" ".join(headers.get("subject", "").split())[:200],
        text=own,
        uncut=whole if own.split() != whole.split() else "",
        files=tuple(_files(parts)),
        headers=headers,
        failed=tuple(_failed(parts)),
        returned=next(_returned(parts), Returned()),
    )


def _parts(message: Message) -> Iterator[Message]:
    """The parts that hold something, the first MOST_PARTS; what is in a mail that was passed on is its own."""
    waiting = [message]
    for _ in range(MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        if part.get_content_maintype() == "multipart" and isinstance(part.get_payload(), list):
            waiting = [*part.get_payload(), *waiting]
        else:
            yield part


def _text(parts: list[Message]) -> str:
    """The plain text; only without any, what the HTML says."""
    inline = [part for part in parts if "attachment" not in str(part.get("Content-Disposition", "")).lower()]
    plain = [_words(part, LONGEST_TEXT) for part in inline if part.get_content_type() == "text/plain"]
    if any(text.strip() for text in plain):
        return "\n".join(plain)
    return "\n".join(from_html(_words(part, LONGEST_HTML)) for part in inline if part.get_content_type() == "text/html")


def _words(part: Message, longest: int) -> str:
    content = _content(part)[:longest]
    for charset in (part.get_content_charset() or "utf-8", *FALLBACKS):
        try:
            if codecs.lookup(charset)._is_text_encoding:
                return content.decode(charset, "strict" if charset != FALLBACKS[-1] else "replace")
        except (LookupError, UnicodeDecodeError, ValueError):
            # A text that was cut in the middle of a sign still is what it says it is.
            if len(content) == longest:
                return content.decode("utf-8", "ignore")
    return content.decode("utf-8", "replace")


def _content(part: Message) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError):
        return b""
    return content if isinstance(content, bytes) else b""


def _files(parts: list[Message]) -> Iterator[Attached]:
    named = [(part, part.get_filename()) for part in parts if part.get_content_maintype() not in ("multipart", "message")]
    for part, name in [each for each in named if each[1] or "attachment" in str(each[0].get("Content-Disposition", "")).lower()][:MOST_FILES]:
        yield Attached(_decoded(name or "")[:200], _content(part))


def _failed(parts: list[Message]) -> Iterator[Failed]:
    """RFC 3464: of each recipient, what happened. Only what failed for good; a delay is none."""
    for part in parts:
        if part.get_content_type() == "message/delivery-status" and isinstance(part.get_payload(), list):
            for fields in part.get_payload():
                if isinstance(fields, Message) and str(fields.get("Action", "")).strip().lower() == "failed":
                    why = " ".join(_storable(str(fields.get("Diagnostic-Code") or fields.get("Status") or "")).split())[:200]
                    yield Failed(why, tuple(_addresses(str(fields.get(name, "")).partition(";")[2] for name in RECIPIENTS)))


def _returned(parts: list[Message]) -> Iterator[Returned]:
    """The mails that are in it, whole or with their headers alone."""
    for part in parts:
        inner = part.get_payload() if part.get_content_type() == "message/rfc822" else []
        if part.get_content_type() == "text/rfc822-headers":
            inner = [email.message_from_bytes(_content(part), policy=policy.compat32)]
        for message in inner:
            if isinstance(message, Message):
                yield Returned(_decoded(message.get("Message-ID", "")).strip(), tuple(_addresses(map(_decoded, message.get_all("To", [])))))


def _decoded(value: object) -> str:
    """A header's words; what claims a charset that does not fit is read all the same."""
    found = []
    try:
        pieces = decode_header(str(value))
    except Exception:
        # Python's own reader of encoded words raises many things on broken ones.
        return _storable(str(value))
    for piece, charset in pieces:
        found.append(piece if isinstance(piece, str) else _piece(piece, charset))
    return _storable("".join(found))


def _storable(text: str) -> str:
    """Without what no database takes: halves of signs, and NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def _piece(piece: bytes, charset: str | None) -> str:
    try:
        return piece.decode(charset or "ascii")
    except (LookupError, UnicodeDecodeError, ValueError):
        return piece.decode("utf-8", "replace")


def _addresses(values: Iterable[str]) -> list[str]:
    lines = [" ".join(value.split())[:20_000] for value in values]
    try:
        found = [address for _, address in getaddresses(lines)]
    except (RecursionError, ValueError, IndexError):
        # Comments within comments, and whatever else Python's own reader gives up on.
        found = re.split(r'[\s<>(),;:"]+', " ".join(lines))
    return [address.lower() for address in found if "@" in address and len(address) <= 254]
