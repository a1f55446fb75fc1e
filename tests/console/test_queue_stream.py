"""The queue as it is pushed: a card alone for a change, the list for arrivals and departures, few queries, nothing rendered twice."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from console.frames import changed
from console.streams.queue import Queue, card
from handoffs.models import Agent, Handoff
from handoffs.snapshots import Mood

BILLING = Queue("billing")
HandOff = Callable[..., Handoff]


@pytest.fixture
def three(hand_off: HandOff) -> list[Handoff]:
    return [hand_off() for _ in range(3)]


def ids(parts: dict[str, str]) -> list[str]:
    return list(parts)


def test_a_change_of_one_is_one_card(three: list[Handoff]) -> None:
    before = BILLING.parts()
    Handoff.objects.filter(pk=three[1].pk).update(mood=Mood.ANGRY)
    sent = changed(before, BILLING.parts())
    assert ids(sent) == [f"card-{three[1].pk}"]
    assert 'data-mood="angry"' in sent[f"card-{three[1].pk}"]


def test_an_arrival_is_the_list_and_its_counts(three: list[Handoff], hand_off: HandOff) -> None:
    before = BILLING.parts()
    hand_off()
    assert ids(changed(before, BILLING.parts())) == ["queue-list", "queue-count", "rail-count"]


def test_a_departure_is_the_list_and_its_counts(three: list[Handoff], ann: Agent) -> None:
    before = BILLING.parts()
    Handoff.objects.filter(pk=three[0].pk).update(state="claimed", agent=ann)
    assert ids(changed(before, BILLING.parts())) == ["queue-list", "queue-count", "rail-count"]


def test_another_order_is_the_list(three: list[Handoff]) -> None:
    before = BILLING.parts()
    Handoff.objects.filter(pk=three[0].pk).update(rank_at=Handoff.objects.latest("rank_at").rank_at.replace(year=2100))
    assert ids(changed(before, BILLING.parts())) == ["queue-list"]


def test_what_did_not_change_is_not_sent(three: list[Handoff]) -> None:
    assert changed(BILLING.parts(), BILLING.parts()) == {}


def test_the_queries_do_not_grow_with_the_queue(three: list[Handoff], hand_off: HandOff) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            BILLING.parts()
        return len(asked)

    few = queries()
    for _ in range(4):
        hand_off()
    assert (queries(), few) == (1, 1)


def test_a_card_is_rendered_again_only_when_it_shows_something_else(three: list[Handoff]) -> None:
    def shown(**columns: Any) -> str:
        Handoff.objects.filter(pk=three[0].pk).update(**columns)
        return card(Handoff.objects.select_related("team", "conversation__customer", "offered_to").get(pk=three[0].pk))

    first = shown()
    assert shown() is first
    assert "Two charges" in shown(goal="Two charges")


def test_a_card_shows_a_new_name(three: list[Handoff]) -> None:
    BILLING.parts()
    customer = three[0].conversation.customer
    customer.name = "Amara Nwosu"
    customer.save()
    assert "Amara Nwosu" in BILLING.parts()["queue-list"]
