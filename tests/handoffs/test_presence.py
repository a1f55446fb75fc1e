"""Who is here is written for many at once: whoever has one of the rows locked keeps none of the others waiting."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection, connections, transaction
from django.db.models import Model

from handoffs import roster, waiting_room
from handoffs.models import Agent, Conversation

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def held_by_another(row: Model) -> Iterator[None]:
    """Somebody else's transaction has changed the row and is not done."""
    if connection.vendor == "sqlite":
        pytest.skip("on SQLite one writes at a time")
    with transaction.atomic():
        type(row)._base_manager.select_for_update(no_key=True).get(pk=row.pk)
        yield


def elsewhere(work: Callable[[], None]) -> None:
    """Done on a connection of its own; raises what it raised, as a lock that was waited for too long."""

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as second:
        second.submit(run).result(timeout=60)


def test_a_pulse_passes_over_an_agent_somebody_writes_to(ann: Agent, bob: Agent) -> None:
    Agent.objects.update(lease_until=None)
    with held_by_another(ann):
        elsewhere(lambda: roster.pulse({ann.pk: 0, bob.pk: 0}))
    assert list(Agent.objects.filter(lease_until__isnull=False)) == [bob]
    roster.pulse({ann.pk: 0, bob.pk: 0})
    assert not Agent.objects.filter(lease_until=None).exists()


def test_a_customers_open_page_waits_for_nobody_who_writes_to_their_conversation(start: Callable[..., Conversation]) -> None:
    conversation, other = start(), start()
    with held_by_another(conversation):
        elsewhere(lambda: waiting_room.pages_are_open([conversation.pk, other.pk]))
    assert list(Conversation.objects.filter(page_open_until__isnull=False)) == [other]
    waiting_room.pages_are_open([conversation.pk, other.pk])
    assert not Conversation.objects.filter(page_open_until=None).exists()
