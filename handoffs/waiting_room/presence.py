"""Whether a customer's page is open: a lease that ends by itself."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from handoffs import clock, roster
from handoffs.models import Conversation


def is_here(conversation: Conversation) -> bool:
    """Whether the customer's page is open."""
    return bool(conversation.page_open_until and conversation.page_open_until > clock.now())


def page_is_open(conversation: Conversation) -> None:
    pages_are_open([conversation.pk])


def pages_are_open(conversations: Collection[UUID]) -> None:
    """Note that the customers of these conversations have their pages open; one that somebody is writing to is passed over until the next time."""
    with transaction.atomic():
        free = Conversation.objects.filter(pk__in=conversations).select_for_update(skip_locked=True, no_key=True)
        Conversation.objects.filter(pk__in=free.values("pk")).update(page_open_until=clock.now() + roster.PAGE_LEASE)
