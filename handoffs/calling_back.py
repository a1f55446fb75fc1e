"""Callbacks that are due: a reminder first, then the handoff they were booked for, with the place it had."""

from django.db import transaction
from django.db.models import QuerySet

from handoffs import briefs, clock, history, pipeline, routing, transitions
from handoffs.models import Callback, Conversation, Handoff
from handoffs.snapshots import Brief, Detection, Fact
from handoffs.states import State
from handoffs.transitions import Stale
from handoffs.waiting_room import callbacks

CALLBACK = "callback"


def due() -> QuerySet[Callback]:
    rows = Callback.objects.filter(state=Callback.State.BOOKED, due_at__lte=clock.now()).order_by("due_at")
    return rows.select_related("team", "asked_in", "conversation__answered_by", "conversation__customer")


def work(callback: Callback) -> Handoff | None:
    """Remind the customer, or at its time begin the handoff. Whoever is first does it; nobody does it twice."""
    if callback.at > clock.now():
        callbacks.remind(callback)
        return None
    with transaction.atomic():
        transitions.lock(callback.conversation_id)
        mine = Callback.objects.filter(pk=callback.pk, state=Callback.State.BOOKED, due_at=callback.due_at, phone=callback.phone)
        if not mine.update(state=Callback.State.BEGUN, due_at=None):
            return None
        handoff = _open(callback.conversation)
        if handoff and handoff.state in (State.RESOLVED, State.PASSING):
            # It is about to end or to move: looked at again in a moment.
            raise Stale(callback.conversation)
        handoff = handoff or _begin(callback)
        Callback.objects.filter(pk=callback.pk).update(begun_as=handoff)
        Handoff.objects.filter(pk=handoff.pk).update(called_back_at=callback.at, **_place(callback, handoff))
        if callback.phone:
            briefs.revise(handoff.pk, lambda brief: _with_phone(brief, callback.phone))
        transitions.note(handoff, "callback_due", by="baton", detail={"at": callback.at.isoformat()})
    return handoff


def _open(conversation: Conversation) -> Handoff | None:
    """What is under way already: the customer has come back by themselves."""
    return Handoff.objects.select_related("team", "agent", "conversation").filter(conversation=conversation, ended_at__isnull=True).first()


def _begin(callback: Callback) -> Handoff:
    (conversation, said, _), view = history.held(callback.conversation_id), callbacks.view(callback)
    asked = Detection(CALLBACK, f"Asked to be called back at {view['at']:%H:%M} ({view['zone']})", {"at": callback.at.isoformat()}, team=callback.team.code)
    before = callback.asked_in
    return pipeline.hand_off(conversation, said, (asked,), intent=before.intent if before else "", place_of=before)


def _place(callback: Callback, handoff: Handoff) -> dict[str, object]:
    """The place it had before it was booked: never a worse one than what comes now has."""
    before = callback.asked_in
    if before is None or handoff.state != State.WAITING:
        return {}
    return routing.better_place(handoff, before)


def _with_phone(brief: Brief, phone: str) -> Brief | None:
    if any(fact.value == phone for fact in brief.facts):
        return None
    return brief.model_copy(update={"facts": (Fact(name="phone", value=phone, by="customer"), *brief.facts)})
