"""A word from us before silence sets in: when a customer begins to wait, and whenever their check-in is due."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery

from handoffs import clock, transitions
from handoffs.models import Handoff, PolicyVersion, Step, Turn
from handoffs.states import State
from handoffs.waiting_room.line import outlook
from handoffs.waiting_room.telling import tell, words

# Steps that say what a customer who waits heard last of who is here; with nobody here, the first follows the others.
NOBODY, OVERFLOWED, CHECKED_IN = "nobody_here", "overflowed", "checked_in"


def stand_in_line(handoff: Handoff, message: str, kind: str, **why: Any) -> Turn:
    """Tell a customer who begins to wait how it stands, and note when nobody is here. Call inside a transaction."""
    view = outlook(handoff)
    Handoff.objects.filter(pk=handoff.pk).update(first_place=view["place"], told_place=view["place"])
    _note_nobody(handoff, view)
    return tell(handoff.conversation, words(message, **why, **view), kind)


def knows_nobody_is_here() -> Subquery:
    """For rows of handoffs: `NOBODY` when that is the last their customer heard of who is here while they wait."""
    told = Step.objects.filter(handoff=OuterRef("pk"), verb__in=[NOBODY, OVERFLOWED, CHECKED_IN], at__gte=OuterRef("waiting_since"))
    return Subquery(told.order_by("-id").values("verb")[:1])


def _note_nobody(handoff: Handoff, view: dict[str, Any]) -> None:
    if not view["someone_here"]:
        opens = view.get("opens")
        transitions.note(handoff, NOBODY, by="baton", detail={"team": handoff.team.code, "opens": opens.isoformat(" ") if opens else ""})


def check_in(handoff: Handoff) -> Turn | None:
    """Say how it stands to a customer whose check-in is due; while nobody is here, that once. Whoever moves the due time says it; nobody says it twice."""
    policy = PolicyVersion.in_force()
    due = clock.now() + timedelta(seconds=policy.check_in_every)
    with transaction.atomic():
        transitions.lock(handoff.conversation_id)
        rows = Handoff.objects.filter(pk=handoff.pk, state=State.WAITING, due_at=handoff.due_at)
        if not rows.update(due_at=due):
            return None
        view = outlook(handoff)
        if not view["someone_here"] and Handoff.objects.filter(pk=handoff.pk).annotate(heard=knows_nobody_is_here()).filter(heard=NOBODY).exists():
            return None
        moved_up, late = view["place"] < handoff.told_place, clock.now() > handoff.promise_due_at and not _heard_sorry(handoff)
        text = words("check_in", moved_up=moved_up, late=late, count=handoff.check_ins, **view)
        Handoff.objects.filter(pk=handoff.pk).update(told_place=view["place"], check_ins=F("check_ins") + 1)
        turn = tell(handoff.conversation, text, Turn.Kind.CHECK_IN)
        transitions.note(handoff, CHECKED_IN, by="baton", detail={"place": view["place"], "turn": turn.number})
        _note_nobody(handoff, view)
    return turn


def _heard_sorry(handoff: Handoff) -> bool:
    """Whether this wait was apologised for: by an alarm, or by the first check-in after the promise was broken."""
    said = Step.objects.filter(handoff=handoff, at__gte=handoff.waiting_since)
    return said.filter(Q(verb="alarmed") | Q(verb=CHECKED_IN, at__gt=handoff.promise_due_at)).exists()
