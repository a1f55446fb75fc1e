"""Files customers and agents send each other: what they are is read from their first bytes, few kinds are kept, and no browser of ours shows them."""

import unicodedata
from collections.abc import Callable, Sequence

import puremagic
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction

from handoffs import attending, receiving, transitions, turns
from handoffs.models import Agent, Conversation, File, Handoff, Turn
from handoffs.snapshots import Author
from handoffs.states import Owner

TEXT = "text/plain"
# Kinds that are kept, and the endings their names may have; another name is given the first.
KINDS: dict[str, tuple[str, ...]] = {
    "image/png": (".png",), "image/jpeg": (".jpg", ".jpeg"), "image/gif": (".gif",), "image/webp": (".webp",), "image/heif": (".heic", ".heif"),
    "application/pdf": (".pdf",), TEXT: (".txt", ".csv", ".log"),
}
LOOKED_AT = 4096  # bytes
MOST_AT_ONCE, MOST_IN_ALL = 5, 100
LONGEST_NAME = 100
Upload = tuple[str, bytes]


class Refused(Exception):
    """It is not kept; `why` is one of off, closed, empty, too_large, too_many, kind."""

    def __init__(self, why: str, name: str = "") -> None:
        self.why, self.name = why, name
        super().__init__(f"{why}: {name}" if name else why)


def allowed() -> bool:
    return bool(settings.FILES)


def check_sizes(sizes: Sequence[int]) -> None:
    """Raises Refused, before any of it is read, when there are too many or one is too large."""
    if len(sizes) > MOST_AT_ONCE:
        raise Refused("too_many")
    if any(size > settings.FILES_LARGEST for size in sizes):
        raise Refused("too_large")


def send(conversation: Conversation, uploads: Sequence[Upload], *, client_id: str = "") -> Turn:
    """The customer sends files: all are kept as one turn, or none. A repeat of `client_id` returns the first turn. Raises Refused."""
    return _kept(conversation, uploads, lambda rows: _said(conversation, rows, client_id))


def give(handoff: Handoff, agent: Agent, uploads: Sequence[Upload], *, client_id: str = "", seen: int | None = None) -> Turn:
    """The agent who has the conversation sends the customer files, in the same way. Raises Refused, and Stale once it is no longer theirs."""
    return _kept(handoff.conversation, uploads, lambda rows: _given(handoff, agent, rows, client_id, seen))


def _kept(conversation: Conversation, uploads: Sequence[Upload], say: Callable[[Sequence[File]], Turn]) -> Turn:
    kinds = [_checked(name, content) for name, content in uploads]
    if not uploads or len(uploads) > MOST_AT_ONCE:
        raise Refused("too_many" if uploads else "empty")
    rows = [_stored(conversation, name, content, kind) for (name, content), kind in zip(uploads, kinds, strict=True)]
    try:
        turn = say(rows)
    except Exception:
        forget(rows)
        raise
    if rows[0].turn_id != turn.pk:
        forget(rows)
    return turn


def _said(conversation: Conversation, rows: Sequence[File], client_id: str, *, beside: bool = False) -> Turn:
    """The turn of these files, or the first one of this `client_id`. Those that came `beside` words are answered with them."""
    with transaction.atomic():
        transitions.lock(conversation.pk)
        said = Turn.objects.filter(conversation=conversation, author=Author.CUSTOMER, client_id=client_id).first() if client_id else None
        if said:
            return said
        now = Conversation.objects.select_related("customer", "answered_by", "team", "agent").get(pk=conversation.pk)
        if now.owner == Owner.NOBODY:
            raise Refused("closed")
        _has_room(now, len(rows))
        turn = transitions.say(now.pk, Author.CUSTOMER, _names(rows), kind=Turn.Kind.FILE, client_id=client_id)
        for row in rows:
            _keep(row, turn)
        (attending.heard if beside else turns.receive)(now, turn)
    return turn


def _given(handoff: Handoff, agent: Agent, rows: Sequence[File], client_id: str, seen: int | None) -> Turn:
    with transaction.atomic():
        turn = receiving.say(handoff, agent, _names(rows), kind=Turn.Kind.FILE, client_id=client_id, seen=seen)
        if turn.kind == Turn.Kind.FILE and not turn.files.exists():
            _has_room(handoff.conversation, len(rows))
            for row in rows:
                _keep(row, turn)
    return turn


def _names(rows: Sequence[File]) -> str:
    return ", ".join(row.name for row in rows)


def store(conversation: Conversation, uploads: Sequence[Upload]) -> list[File]:
    """Rows to be of what may be kept, their bytes written; call outside of a transaction, then `attach` or `forget` them."""
    return [_stored(conversation, name, content, kind_of(content)) for name, content in uploads if fits(name, content)]


def attach(turn: Turn, rows: Sequence[File]) -> None:
    """Keep what was stored for a turn, as far as there is room. Call inside a transaction."""
    transitions.lock(turn.conversation_id)
    room = max(0, MOST_IN_ALL - File.objects.filter(conversation=turn.conversation_id).count())
    for row in rows[:room]:
        _keep(row, turn)
    forget(rows[room:])


def say(conversation: Conversation, rows: Sequence[File], client_id: str, *, beside: bool = False) -> Turn | None:
    """What was stored, as a turn of its own as far as there is room; None when none of it can be kept. Call inside a transaction.

    What came `beside` words is answered with them.
    """
    transitions.lock(conversation.pk)
    room = max(0, MOST_IN_ALL - File.objects.filter(conversation=conversation).count())
    kept = rows[: min(room, MOST_AT_ONCE)]
    try:
        turn = _said(conversation, kept, client_id, beside=beside) if kept else None
    except Refused:
        turn = None
    forget([row for row in rows if turn is None or row.turn_id != turn.pk])
    return turn


def forget(rows: Sequence[File]) -> None:
    """Their bytes, when no row of theirs was kept."""
    for row in rows:
        row.stored.delete(save=False)


def fits(name: str, content: bytes) -> bool:
    """Whether it may be kept, for itself."""
    try:
        return bool(_checked(name, content))
    except Refused:
        return False


def kind_of(content: bytes) -> str:
    """The media type by the first bytes; empty for what cannot be told."""
    try:
        return str(puremagic.magic_string(content[:LOOKED_AT])[0].mime_type)
    except (puremagic.PureError, ValueError, IndexError):
        return TEXT if _is_text(content) else ""


def _checked(name: str, content: bytes) -> str:
    """The kind of what may be kept. Raises Refused."""
    if not allowed():
        raise Refused("off", name)
    if not content:
        raise Refused("empty", name)
    if len(content) > settings.FILES_LARGEST:
        raise Refused("too_large", name)
    kind = kind_of(content)
    if kind not in KINDS:
        raise Refused("kind", name)
    return kind


def _has_room(conversation: Conversation, more: int) -> None:
    if File.objects.filter(conversation=conversation).count() + more > MOST_IN_ALL:
        raise Refused("too_many")


def _stored(conversation: Conversation, name: str, content: bytes, kind: str) -> File:
    """A row to be, its bytes written: a storage elsewhere may take its time, so nothing should be locked meanwhile."""
    row = File(conversation=conversation, name=_named(name, kind), kind=kind, size=len(content))
    row.stored.save("", ContentFile(content), save=False)
    return row


def _keep(row: File, turn: Turn) -> None:
    """Should the transaction be given up, the bytes stay without a row: nobody can ask for them."""
    row.turn, row.author = turn, turn.author
    row.save(force_insert=True)


def _named(name: str, kind: str) -> str:
    """What people read: the last part of the name, without signs that turn or hide others, with an ending that is true."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C" and sign not in '<>:"|?*').strip(" .")
    endings = KINDS[kind]
    stem = next((shown[: -len(ending)] for ending in endings if shown.lower().endswith(ending)), None)
    ending = endings[0] if stem is None else shown[len(stem):]
    return f"{(shown if stem is None else stem)[:LONGEST_NAME] or 'file'}{ending}"


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any(ord(sign) < 32 and sign not in "\t\n\r\f" for sign in text)
