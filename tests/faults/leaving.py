"""The end of a seed for its customers: they leave, so that nobody waits in the next seed's lines and nobody is owed an answer."""

from contextlib import suppress

from handoffs import waiting_room
from handoffs.models import Conversation
from handoffs.states import Owner
from handoffs.transitions import Stale


def everybody() -> None:
    """What agents hold they go on with in the next seed. Raises django.db.DatabaseError."""
    Conversation.objects.filter(owner=Owner.ASSISTANT).update(silence_due_at=None, reply_due_at=None)
    for conversation in Conversation.objects.filter(owner=Owner.TEAM):
        # An agent or the sweep was first.
        with suppress(Stale):
            waiting_room.withdraw(conversation)
