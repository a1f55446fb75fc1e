"""A customer who writes faster than anybody can answer: every word is kept at once, and what is too much is judged and answered together, soon."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from handoffs import attending, clock, decisions, transitions, waiting_room
from handoffs.decisions import Decision
from handoffs.models import Conversation, PolicyVersion, Turn
from handoffs.snapshots import Action, Author, Judgement
from handoffs.states import Owner
from handoffs.transitions import Forbidden

MINUTE, TOGETHER = timedelta(minutes=1), timedelta(seconds=10)


def is_crowded(conversation: Conversation) -> bool:
    """Whether the customer has said as much in the last minute as is judged one by one; asks nobody while they have not said so much at all."""
    most = PolicyVersion.in_force().turns_a_minute
    if conversation.last_number < most:
        return False
    newest = conversation.turns.filter(author=Author.CUSTOMER, number__gt=conversation.last_number - 2 * most)
    return newest.filter(at__gt=clock.now() - MINUTE).count() >= most


def hold(conversation: Conversation, text: str, *, client_id: str = "") -> Decision:
    """Keep the words and judge them later with those around them; once a burst the customer is told so. Raises Forbidden when closed."""
    with transaction.atomic():
        transitions.lock(conversation.pk)
        now = Conversation.objects.get(pk=conversation.pk)
        if said := decisions.on_words(now, client_id):
            return said
        if now.owner == Owner.NOBODY:
            raise Forbidden("this conversation is closed")
        turn = transitions.say(now.pk, Author.CUSTOMER, text, client_id=client_id)
        rows, due = Conversation.objects.filter(pk=now.pk), clock.now() + TOGETHER
        rows.update(held_from=Coalesce("held_from", turn.number), held_due_at=Coalesce("held_due_at", due))
        if not _was_told(now):
            waiting_room.tell(now, waiting_room.words("crowded", now), Turn.Kind.NOTICE)
        # What the words are about can wait; that there are any ends what waits for them.
        if handoff := waiting_room.open_handoff(now):
            attending.take_up(handoff)
    return decisions.of(now, Action.NONE, turn, Judgement(Action.NONE), None)


def due() -> QuerySet[Conversation]:
    return Conversation.objects.filter(held_due_at__lte=clock.now()).select_related("customer", "answered_by").order_by("held_due_at")


def _was_told(conversation: Conversation) -> bool:
    recent = Q(at__gt=clock.now() - MINUTE)
    return conversation.turns.filter(recent, kind=Turn.Kind.NOTICE, author=Author.WAITING_ROOM).exists()
