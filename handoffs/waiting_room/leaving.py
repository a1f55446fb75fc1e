"""Ways out of the wait: an address to go on by with the place kept, back to the assistant, or no more need of us."""

from typing import Any

from django.db import transaction

from handoffs import clock, transitions
from handoffs.models import Callback, Conversation, Handoff, Step, Turn
from handoffs.states import OPEN, State
from handoffs.transitions import Stale
from handoffs.waiting_room.telling import reach_again, tell, words

WENT_BACK, WITHDREW, SOLVED, BOOKED = "went_back", "withdrew", "solved", "booked"


def leave_email(conversation: Conversation, email: str, phone: str = "") -> None:
    """Keep the place and go on by e-mail once the page is closed; a phone is for whoever takes it."""
    with transaction.atomic():
        Conversation.objects.filter(pk=conversation.pk).update(reply_by_email=email, **({"reply_by_phone": phone} if phone else {}))
        reach_again(conversation)
        handoff = open_handoff(conversation)
        if handoff:
            transitions.note(handoff, "left_email", by="customer")


def go_back(conversation: Conversation) -> Step:
    """The customer leaves the line and talks to the assistant again. Raises Stale when a person has them by now."""
    return leave_line(_waiting(conversation), State.HANDED_BACK, WENT_BACK, Turn.Kind.HANDED_BACK)


def withdraw(conversation: Conversation) -> Step:
    """The customer needs us no more: out of line, closed, and called back no more. Raises Stale when a person has them by now."""
    with transaction.atomic():
        transitions.lock(conversation.pk)
        Callback.objects.filter(conversation=conversation, state=Callback.State.BOOKED).update(state=Callback.State.CANCELLED, due_at=None)
        return leave_line(_waiting(conversation), State.CLOSED, WITHDREW, Turn.Kind.CLOSED)


def leave_line(handoff: Handoff, to: State, verb: str, kind: str, *, by: str = "customer", seen: int | None = None, **words_for: Any) -> Step:
    """Take a customer out of line by their own wish, which the words and the step name. Raises Stale when it does not wait any more."""
    with transaction.atomic():
        transitions.lock(handoff.conversation_id)
        step = transitions.move(handoff, to, verb=verb, by=by, seen=seen, ended_at=clock.now())
        conversation = handoff.conversation
        text = words(verb, conversation, assistant=conversation.answered_by.name, **words_for)
        tell(conversation, text, kind)
    return step


def open_handoff(conversation: Conversation) -> Handoff | None:
    rows = Handoff.objects.select_related("team", "agent", "conversation__answered_by")
    return rows.filter(conversation=conversation, state__in=sorted(OPEN)).first()


def _waiting(conversation: Conversation) -> Handoff:
    handoff = open_handoff(conversation)
    if handoff is None or handoff.state != State.WAITING:
        raise Stale(Conversation.objects.get(pk=conversation.pk), "this does not wait any more")
    return handoff
