"""Ways out of the wait: an address to go on by, with the place kept."""

from django.db import transaction

from handoffs import transitions
from handoffs.models import Conversation, Handoff


def leave_email(conversation: Conversation, email: str) -> None:
    """Keep the place and go on by e-mail once the page is closed."""
    with transaction.atomic():
        Conversation.objects.filter(pk=conversation.pk).update(reply_by_email=email)
        handoff = open_handoff(conversation)
        if handoff:
            transitions.note(handoff, "left_email", by="customer")


def open_handoff(conversation: Conversation) -> Handoff | None:
    return Handoff.objects.select_related("team", "agent", "conversation").filter(conversation=conversation, ended_at__isnull=True).first()
