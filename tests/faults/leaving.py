"""The end of a seed for its customers: they leave, so that nobody waits in the next seed's lines and nobody is owed an answer."""

from contextlib import suppress

from handoffs import receiving, waiting_room
from handoffs.models import Conversation, Handoff
from handoffs.states import Owner, State
from handoffs.transitions import Stale
from tests.faults.world import GIVEN_OUT


def everybody() -> None:
    """What agents hold they go on with in the next seed, but for those who work in a fault alone. Raises django.db.DatabaseError."""
    Conversation.objects.filter(owner=Owner.ASSISTANT).update(silence_due_at=None, reply_due_at=None)
    for conversation in Conversation.objects.filter(owner=Owner.TEAM):
        # An agent or the sweep was first.
        with suppress(Stale):
            waiting_room.withdraw(conversation)
    for handoff in Handoff.objects.filter(team__code=GIVEN_OUT, state=State.CLAIMED).select_related("agent"):
        with suppress(Stale):
            receiving.resolve(handoff, handoff.agent)  # type: ignore[arg-type]
