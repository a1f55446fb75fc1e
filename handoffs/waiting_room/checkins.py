"""A word from us before silence sets in: when a customer begins to wait, when something changed that matters to them, and whenever it is time again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import DateTimeField, F, Q, UUIDField

from handoffs import clock, transitions
from handoffs.models import Conversation, Handoff, PolicyVersion, Step, Turn
from handoffs.prepared import Given, Prepared
from handoffs.states import State
from handoffs.waiting_room import forecasts
from handoffs.waiting_room.line import outlook
from handoffs.waiting_room.phrasing import phrased
from handoffs.waiting_room.presence import is_away
from handoffs.waiting_room.schedule import Hearing, next_word
from handoffs.waiting_room.telling import tell, words
from handoffs.waiting_room.told import ALONE, is_back_later, matters, sign

# Steps that say what a customer who waits heard.
NOBODY, OVERFLOWED, CHECKED_IN = "nobody_here", "overflowed", "checked_in"
# When work begins again after a standstill, everybody who waits has been looked at within so long.
LOOKED_AT_IN = timedelta(seconds=10)
# Who was told sorry so short a time ago hears a new promise without another sorry.
SORRY_FOR = timedelta(minutes=2)
_still_due = Prepared(
    lambda: Handoff.objects.filter(pk=Given("handoff", UUIDField()), state=State.WAITING, due_at=Given("due", DateTimeField())).values_list("pk")
)


def join(handoff: Handoff, message: str, found: Sequence[list[Any]], **why: Any) -> tuple[str, list[Step]]:
    """Put what the customer of a handoff yet to be stored hears of its place into its columns: the words, and the step that notes when nobody is here.

    `found` is what was `asked` of its line.
    """
    view = outlook(handoff, new=True, found=found)
    for name, value in _heard(view).items():
        setattr(handoff, name, value)
    nobody = [] if view["someone_here"] else [Step(handoff=handoff, verb=NOBODY, by="baton", detail=_opens(handoff, view))]
    return words(message, handoff.conversation, **why, **view), nobody


def stand_in_line(handoff: Handoff, message: str, kind: str, **why: Any) -> Turn:
    """Tell a customer who begins to wait again how it stands, and note when nobody is here. Call inside a transaction."""
    view = outlook(handoff, new=True)
    Handoff.objects.filter(pk=handoff.pk).update(**_heard(view))
    _note_nobody(handoff, view)
    return tell(handoff.conversation, words(message, handoff.conversation, **why, **view), kind)


def tell_anew(handoff: Handoff, message: str, **why: Any) -> Turn:
    """Tell a customer who waits how it stands, beside what else the message says: a check-in that is due just then would only repeat it. In a transaction."""
    view = outlook(handoff)
    Handoff.objects.filter(pk=handoff.pk).update(**_told(handoff, view, clock.now()))
    forecasts.told(handoff)
    _note_nobody(handoff, view)
    return tell(handoff.conversation, words(message, handoff.conversation, **why, **view), Turn.Kind.CHECK_IN)


def _heard(view: dict[str, Any]) -> dict[str, Any]:
    return {"first_place": view["place"], "told_place": view["place"], "told": sign(view), "told_at": clock.now()}


def check_in(handoff: Handoff, *, asked: bool = False) -> Turn | None:
    """Say how it stands to a customer whose check-in is due, or who `asked`; while nobody is here, that once. Whoever moves the due time says it."""
    now, due = clock.now(), handoff.due_at
    if not asked and due and (not _still_due.first(handoff=handoff.pk, due=due) or _waits_for_a_look(handoff, due, now)):
        # Another worker said it since the row was read: what it takes to say it again need not be found out.
        return None
    view, every = outlook(handoff), _every()
    heard = hearing(handoff, view)
    with transaction.atomic():
        transitions.lock(handoff.conversation_id)
        mine = Handoff.objects.filter(pk=handoff.pk, state=State.WAITING, due_at=due)
        if not asked and not is_time(handoff, heard, view, now, every):
            following = next_word(heard, every)
            mine.update(due_at=following if following > now else now + every)
            return None
        if not mine.update(check_ins=F("check_ins") + 1, **_told(handoff, view, now)):
            return None
        forecasts.told(handoff)
        sorry = {} if asked else _sorry(handoff, view, now)
        turn = tell(handoff.conversation, _text(handoff, view, asked, sorry), Turn.Kind.CHECK_IN)
        detail = {"place": view["place"], "turn": turn.number, "due": due.isoformat() if due else "", "sorry": any(sorry.values())}
        transitions.note(handoff, CHECKED_IN, by="baton", detail=detail)
        _note_nobody(handoff, view)
        if not handoff.check_ins and not handoff.added:
            _have_asked(handoff)
    return turn


def _told(handoff: Handoff, view: dict[str, Any], now: datetime) -> dict[str, Any]:
    """What they know now, and when they hear of us next, as columns."""
    following = next_word(replace(hearing(handoff, view), heard_at=now), _every())
    return {"told": sign(view), "told_at": now, "told_place": view["place"], "due_at": following}


def hearing(handoff: Handoff, view: dict[str, Any]) -> Hearing:
    """How its customer waits and when they last heard from us."""
    return Hearing(handoff.waiting_since, handoff.told_at or handoff.waiting_since, is_away(handoff.conversation), view.get("promised_at"))


def is_time(handoff: Handoff, heard: Hearing, view: dict[str, Any], now: datetime, every: timedelta) -> bool:
    """Whether a check-in that is due is said: not what is known already while nobody is here, and by letter not what was due on the page."""
    if matters(handoff.told, view, away=heard.away):
        return True
    return (view["someone_here"] or not handoff.told.endswith(ALONE)) and (not heard.away or now >= next_word(heard, every))


def _every() -> timedelta:
    return timedelta(seconds=PolicyVersion.in_force().check_in_every)


def _waits_for_a_look(handoff: Handoff, due: datetime, now: datetime) -> bool:
    """After a standstill of ours: who was promised what is over by now hears once how it stands, so their word is put off, once, until all were looked at."""
    if now - due < LOOKED_AT_IN or _was_put_off(handoff, due) or not forecasts.is_outdated(handoff):
        return False
    Handoff.objects.filter(pk=handoff.pk, state=State.WAITING, due_at=due).update(due_at=now + LOOKED_AT_IN)
    return True


def _was_put_off(handoff: Handoff, due: datetime) -> bool:
    return due > next_word(hearing(handoff, {}), _every()) + LOOKED_AT_IN


def _text(handoff: Handoff, view: dict[str, Any], asked: bool, sorry: dict[str, bool]) -> str:
    came = view["someone_here"] and handoff.told.endswith(ALONE)
    moved = {"moved_up": view["place"] < handoff.told_place, "moved_back": 0 < handoff.told_place < view["place"]}
    text = words("check_in", handoff.conversation, **moved, came=came, count=handoff.check_ins, asked=asked, **{**view, **sorry})
    return phrased(text, handoff)


def _sorry(handoff: Handoff, view: dict[str, Any], now: datetime) -> dict[str, bool]:
    """What it says sorry for: a promise that moved `later`, though not twice in a short time, or the `late` answer, to who was never told so."""
    at, moved = _sorry_at(handoff), bool(view.get("later")) or is_back_later(handoff.told, view)
    return {"later": moved and (at is None or now - at > SORRY_FOR), "late": at is None and now > handoff.promise_due_at}


def _have_asked(handoff: Handoff) -> None:
    """Let a built-in assistant ask whether there is anything to add, once."""
    rows = Conversation.objects.filter(pk=handoff.conversation_id, answered_by__copilot=False).exclude(answered_by__plugin="")
    if PolicyVersion.in_force().attends_waiting:
        rows.update(reply_due_at=clock.now())


def _note_nobody(handoff: Handoff, view: dict[str, Any]) -> None:
    if not view["someone_here"]:
        transitions.note(handoff, NOBODY, by="baton", detail=_opens(handoff, view))


def _opens(handoff: Handoff, view: dict[str, Any]) -> dict[str, Any]:
    opens = view.get("opens")
    return {"team": handoff.team.code, "opens": opens.isoformat(" ") if opens else ""}


def _sorry_at(handoff: Handoff) -> datetime | None:
    """When this wait was last apologised for, by an alarm or a check-in."""
    said = Step.objects.filter(Q(verb="alarmed") | Q(verb=CHECKED_IN, detail__sorry=True), handoff=handoff, at__gte=handoff.waiting_since)
    return said.order_by("at").values_list("at", flat=True).last()
