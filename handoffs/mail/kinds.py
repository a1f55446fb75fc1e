"""Whether a mail is somebody's words: machines answer too, and what they say must never be answered (RFC 3834)."""

from enum import StrEnum

from handoffs.mail.reading import Mail

BULK = ("bulk", "junk", "list", "auto_reply")
BY_MACHINE = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from", "x-mail-autoreply", "x-failed-recipients", "list-id")


class Kind(StrEnum):
    WORDS = "words"
    AUTO_REPLY = "auto-reply"
    BOUNCE = "bounce"
    LOOP = "loop"


def kind_of(mail: Mail, *, is_ours: bool = False, to_bounces: bool = False) -> Kind:
    """`is_ours`: it is one of our own letters; `to_bounces`: it came to the address only bounces go to."""
    headers = mail.headers
    null = headers.get("return-path", "").strip() == "<>"
    report = headers.get("content-type", "").strip().lower().startswith("multipart/report") or mail.sender.startswith("mailer-daemon@")
    # Customers pass reports on as well, with their own words.
    if report or (mail.failed and (to_bounces or null)):
        return Kind.BOUNCE
    if is_ours:
        return Kind.LOOP
    auto = headers.get("auto-submitted", "no").split(";")[0].strip().lower() not in ("no", "")
    machine = any(name in headers for name in BY_MACHINE) or headers.get("precedence", "").strip().lower() in BULK
    return Kind.AUTO_REPLY if auto or null or machine or to_bounces or "all" in _suppressed(headers) else Kind.WORDS


def _suppressed(headers: dict[str, str]) -> list[str]:
    return [each.strip().lower() for each in headers.get("x-auto-response-suppress", "").split(",")]
