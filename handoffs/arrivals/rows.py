"""One row for each mail or message that came, however often it is sent."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from handoffs import clock, files, history, transitions, turns, waiting_room
from handoffs.conversations import find_or_begin
from handoffs.models import Conversation, File, InboundMail, Turn
from handoffs.snapshots import LONGEST_TEXT
from handoffs.states import Owner

KEPT = timedelta(days=30)
# For which something was "just" sent, when nothing was said since.
JUST = timedelta(minutes=5)
MOST_PIECES = 8


def key_of(*parts: object) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()


def known(key: str) -> InboundMail | None:
    return InboundMail.objects.filter(key=key).first()


def keep(key: str, **columns: Any) -> InboundMail:
    """The row of this key, made unless somebody was faster."""
    return InboundMail.objects.get_or_create(key=key, defaults=columns)[0]


def say(conversation: Conversation, text: str, attached: list[files.Upload], key: str, /, *, beside: bool = False, **columns: Any) -> InboundMail:
    """The customer's words as a turn, or as several when they are long, with what they sent along: all of it once, or nothing when it breaks off.

    One transaction with its row, so that whoever is told of it finds its sender and files. What came `beside` words said before is answered with them,
    as long as their conversation is not closed.
    """
    into = conversation if beside and not any(files.fits(*each) for each in attached) else _open(conversation)
    stored = files.store(into, attached)
    try:
        with transaction.atomic():
            turn = _words(into, text, key) if text else files.say(into, stored, key[:40], beside=beside and into == conversation)
            row, made = InboundMail.objects.get_or_create(key=key, defaults={"conversation": into, "result": InboundMail.Result.TAKEN, **columns})
            if made:
                _join(row, turn, stored if text else [], len(attached), beside=beside)
    except Exception:
        files.forget(stored)
        raise
    if not made and text:
        files.forget(stored)
    return row


def tidy() -> None:
    """Forget what was not taken a month ago."""
    InboundMail.objects.filter(turn__isnull=True, at__lt=clock.now() - KEPT).delete()


def _join(row: InboundMail, turn: Turn | None, stored: list[File], given: int, *, beside: bool) -> None:
    if turn:
        files.attach(turn, stored)
    kept = turn.files.count() if turn else 0
    row.turn, row.files, row.files_refused = turn, kept, given - kept
    if turn is None:
        row.result, row.why = InboundMail.Result.NOTHING, f"{given} attached, none kept"
        untold(row, beside=beside)
    row.save(update_fields=["turn", "files", "files_refused", "result", "why"])


def untold(row: InboundMail, *, beside: bool = False) -> None:
    """What came is not kept: whoever has the conversation knows that there was something, and the customer hears of it unless it came `beside` words."""
    if not row.why or not row.conversation:
        return
    if handoff := waiting_room.open_handoff(row.conversation):
        transitions.note(handoff, "media_not_taken", by="baton", note=row.why)
    if not beside:
        _tell_not_kept(_open(row.conversation), row.at)


def _tell_not_kept(conversation: Conversation, came_at: datetime) -> None:
    """Once until something else is said: who sends many is told of all of them together."""
    with transaction.atomic():
        now = history.locked(conversation.pk)
        just, earlier = (waiting_room.words("not_kept", now, late=late) for late in (False, True))
        if now.owner != Owner.NOBODY and not now.turns.filter(number=now.last_number, text__in=(just, earlier)).exists():
            late = now.last_turn_at > came_at or came_at < clock.now() - JUST
            waiting_room.tell(now, earlier if late else just, Turn.Kind.NOTICE)


def _words(conversation: Conversation, text: str, key: str) -> Turn | None:
    """The first turn of these words; each of their turns is taken once."""
    said = []
    for number, piece in enumerate(_pieces(text)):
        said.append(turns.take(conversation, piece, client_id=f"{key[:40]}-{number}").turn)
        conversation.refresh_from_db()
    return said[0] if said else None


def newest(conversation: Conversation) -> Conversation:
    """The conversation, or the last of those that follow it since it was closed."""
    following = conversation
    while following.owner == Owner.NOBODY:
        found = Conversation.objects.filter(assistant=following.assistant_id, external_id=_following(following)).first()
        if not found:
            break
        following = found
    return following


def _following(conversation: Conversation) -> str:
    """The same for every mail that comes after it was closed."""
    return f"{conversation.external_id[:150]}~{conversation.pk.hex}"


def _open(conversation: Conversation) -> Conversation:
    """The conversation, or one that follows it when it was closed meanwhile: whoever answers then needs something new."""
    conversation = newest(conversation)
    if conversation.owner != Owner.NOBODY:
        return conversation
    customer = conversation.customer
    follows, _ = find_or_begin(conversation.assistant, _following(conversation),
                               customer={"external_id": customer.external_id}, answered_by=conversation.answered_by, medium=conversation.medium,
                               language=conversation.language)
    Conversation.objects.filter(pk=follows.pk).update(reply_by_email=conversation.reply_by_email)
    follows.refresh_from_db()
    return follows


def _pieces(text: str) -> list[str]:
    """The text in as many turns as it needs, cut at its lines."""
    pieces: list[str] = []
    rest = text
    while rest and len(pieces) < MOST_PIECES:
        head = rest.encode()[:LONGEST_TEXT].decode("utf-8", "ignore")
        if len(head) < len(rest) and "\n" in head[len(head) // 2 :]:
            head = head[: head.rindex("\n")]
        pieces.append(head)
        rest = rest[len(head) :].lstrip("\n")
    return pieces
