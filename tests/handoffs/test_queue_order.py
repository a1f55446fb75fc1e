"""The queue's order in the product: the list, the place in line and "claim next" agree, and nobody is overtaken without end."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from console.streams.queue import Queue
from handoffs import claiming, dispatch, receiving, routing, waiting_room
from handoffs.models import Agent, Customer, Handoff
from tests.conftest import reload

ANGRY = "THIS IS RIDICULOUS!! You charged me twice and it is the third time, useless!!"
CALM = "Please send me a copy of the invoice for A-20817"


def waiting_longer(handoff: Handoff, minutes: int) -> Handoff:
    """As if it had come so many minutes earlier."""
    earlier = {name: getattr(handoff, name) - timedelta(minutes=minutes) for name in ("created_at", "waiting_since", "rank_at", "promise_due_at")}
    Handoff.objects.filter(pk=handoff.pk).update(**earlier)
    return reload(handoff)


def ahead(priority: int) -> int:
    """Minutes of head start when one has waited for ten."""
    return round(dispatch.head_start(priority, dispatch.Line(1, timedelta(minutes=10))) / timedelta(minutes=1))


def test_list_place_claim_next_and_choice_agree(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    for minutes, words in ((9, CALM), (7, ANGRY), (5, CALM), (3, CALM), (1, ANGRY)):
        waiting_longer(hand_off(words), minutes)
    listed = list(claiming.queue_of(ann))
    assert [waiting_room.place(handoff) for handoff in listed] == [1, 2, 3, 4, 5]
    me = dispatch.Free(ann.username, frozenset(["billing"]), 10)
    chosen = [handoff for handoff, _ in routing.choose(map(routing.as_waiting, listed), [me], listed[0].created_at)]
    assert chosen == [str(handoff.pk) for handoff in listed]
    assert [claiming.claim_next(ann) for _ in range(3)] == listed[:3]


def test_the_urgent_go_ahead_by_how_long_the_line_is(hand_off: Callable[..., Handoff]) -> None:
    calm = waiting_longer(hand_off(CALM), 10)
    angry = hand_off(ANGRY)
    assert (calm.priority, angry.priority) == (4, 2)
    line = dispatch.Line(1, angry.created_at - calm.waiting_since)
    promised = angry.created_at + timedelta(seconds=angry.team.promise)
    assert abs(promised - angry.rank_at - dispatch.head_start(2, line)) < timedelta(seconds=2)
    assert list(waiting_room.queue()) == [angry, calm]


def test_equals_stay_in_order_of_arrival(hand_off: Callable[..., Handoff]) -> None:
    waiting_longer(hand_off(CALM), 10)
    angry = [hand_off(ANGRY) for _ in range(3)]
    assert list(waiting_room.queue())[:3] == angry


def test_who_was_overtaken_as_often_as_one_may_be_is_next(hand_off: Callable[..., Handoff], person: Callable[..., Agent]) -> None:
    ann = person("ann", "billing", capacity=20)
    calm = waiting_longer(hand_off(CALM), 10)
    limit = dispatch.limit(1)
    for overtaken in range(limit + 1):
        angry = hand_off(ANGRY)
        assert claiming.claim_next(ann) == (angry if overtaken < limit else calm)
    assert reload(calm).steps.filter(verb="let_through", detail__overtaken=limit).count() == 1


def test_the_card_says_why_here(hand_off: Callable[..., Handoff]) -> None:
    calm, angry = waiting_longer(hand_off(CALM), 10), hand_off(ANGRY)
    assert routing.why_here(calm) == ""
    assert routing.why_here(angry) == f"Angry, so {ahead(2)} min ahead"
    assert routing.why_here(angry) in Queue("billing").parts()["queue-list"]


def test_a_tier_is_named_when_it_is_what_counts(hand_off: Callable[..., Handoff]) -> None:
    waiting_longer(hand_off(CALM), 10)
    Customer.objects.update(tier="Business")
    business = hand_off(CALM)
    assert (business.priority, routing.why_here(business)) == (3, f"Business customer, so {ahead(3)} min ahead")


@pytest.mark.django_db(transaction=True)
def test_a_claim_never_waits_for_what_another_is_just_claiming(hand_off: Callable[..., Handoff], person: Callable[..., Agent]) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("on SQLite one writes at a time")
    ann = person("ann", "billing", capacity=20)
    calm, other = waiting_longer(hand_off(CALM), 10), hand_off(ANGRY)
    for _ in range(dispatch.limit(1)):
        receiving.claim(hand_off(ANGRY), ann)

    def claim() -> None:
        try:
            receiving.claim(other, ann)
        finally:
            connections.close_all()

    with transaction.atomic(), ThreadPoolExecutor(1) as second:
        Handoff.objects.filter(pk=calm.pk).update(state="waiting")
        second.submit(claim).result(timeout=60)
    assert reload(other).agent == ann
