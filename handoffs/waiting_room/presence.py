"""Whether a customer's page is open: a lease that ends by itself; and who closed it while they waited."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from handoffs import clock, plugins, roster, transitions
from handoffs.models import Conversation, Handoff
from handoffs.states import HELD, State

AT_ONCE = 500


def is_here(conversation: Conversation) -> bool:
    """Whether the customer's page is open."""
    return bool(conversation.page_open_until and conversation.page_open_until > clock.now())


def is_away(conversation: Conversation) -> bool:
    """Whether words on the page reach nobody now: it was closed, or they go by letter alone. A page of somebody else's reads them all the same."""
    return reads_nothing(conversation.page_open_until, conversation.reply_by_email, conversation.medium, clock.now())


def reads_elsewhere(conversation: Conversation) -> bool:
    """Whether a firm shows them what is said on a page of its own, told by its webhook, and they never opened ours."""
    return conversation.medium == "webhook" and conversation.page_open_until is None


def reads_nothing(open_until: datetime | None, email: str, medium: str, now: datetime) -> bool:
    return bool(open_until or email or goes_by_phone(medium)) and not (open_until and open_until > now)


def goes_by_phone(medium: str) -> bool:
    """Whether words go to a phone number, one message each."""
    plugin = plugins.load("handoffs.mediums").get(medium)
    return bool(plugin and plugin.needs == "phone")


def page_is_open(conversation: Conversation) -> None:
    pages_are_open([conversation.pk])


def pages_are_open(conversations: Collection[UUID]) -> None:
    """Note that the customers of these conversations have their pages open; one that somebody is writing to is passed over until the next time."""
    with transaction.atomic():
        free = Conversation.objects.filter(pk__in=conversations).select_for_update(skip_locked=True, no_key=True)
        Conversation.objects.filter(pk__in=free.values("pk")).update(page_open_until=clock.now() + roster.PAGE_LEASE)


def see_who_left() -> int:
    """Mark the handoffs whose customers closed their page, and those who are back; how many changed."""
    now = clock.now()
    cared_for = Handoff.objects.filter(state__in=[State.WAITING, *HELD]).select_related("team", "conversation")
    gone = cared_for.filter(left_at__isnull=True, conversation__page_open_until__lt=now)
    back = cared_for.filter(Q(conversation__page_open_until__gte=now), left_at__isnull=False)
    marked = [*(_mark(handoff, "left", at=now) for handoff in gone[:AT_ONCE]), *(_mark(handoff, "came_back") for handoff in back[:AT_ONCE])]
    return sum(marked)


def _mark(handoff: Handoff, verb: str, at: object = None) -> bool:
    with transaction.atomic():
        if not Handoff.objects.filter(pk=handoff.pk, left_at=handoff.left_at).update(left_at=at):
            return False
        transitions.note(handoff, verb, by="customer")
    return True
