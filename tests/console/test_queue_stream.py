"""The queue as it is pushed: a card alone for what comes, goes or changes, the list for another order, few queries, nothing rendered twice."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.db.models import BooleanField, CharField, DateTimeField, Field, JSONField, TextField
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


def test_an_arrival_is_its_card_and_the_counts(three: list[Handoff], hand_off: HandOff) -> None:
    before = BILLING.parts()
    card = f"card-{hand_off().pk}"
    sent = changed(before, BILLING.parts())
    assert (ids(sent), sent[card].count('id="card-')) == ([card, "queue-count", "rail-count"], 1)


def test_a_departure_is_a_word_and_the_counts(three: list[Handoff], ann: Agent) -> None:
    before = BILLING.parts()
    Handoff.objects.filter(pk=three[0].pk).update(state="claimed", agent=ann)
    sent = changed(before, BILLING.parts())
    assert (ids(sent), len(sent[f"card-{three[0].pk}"]) < 120) == ([f"card-{three[0].pk}", "queue-count", "rail-count"], True)


def test_the_first_who_comes_and_the_last_who_goes_are_the_list(hand_off: HandOff, ann: Agent) -> None:
    nobody = BILLING.parts()
    handoff = hand_off()
    one = BILLING.parts()
    Handoff.objects.filter(pk=handoff.pk).update(state="claimed", agent=ann)
    assert [ids(changed(nobody, one)), ids(changed(one, BILLING.parts()))] == [["queue-list", "queue-count", "rail-count"]] * 2


def test_another_order_is_the_list(three: list[Handoff]) -> None:
    before = BILLING.parts()
    Handoff.objects.filter(pk=three[0].pk).update(rank_at=Handoff.objects.latest("rank_at").rank_at.replace(year=2100))
    assert ids(changed(before, BILLING.parts())) == ["queue-list", "queue-count"]


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


def shown(handoff: Handoff) -> str:
    return BILLING.parts()["queue-list"].items[f"card-{handoff.pk}"]  # type: ignore[attr-defined, no-any-return]


def test_a_card_is_rendered_again_only_when_it_shows_something_else(three: list[Handoff]) -> None:
    first = shown(three[0])
    assert shown(three[0]) is first
    Handoff.objects.filter(pk=three[0].pk).update(goal="Two charges")
    assert "Two charges" in shown(three[0])


def another(field: "Field[Any, Any]") -> Any:
    """A value the field may have and had not."""
    if field.choices:
        return field.choices[-1][0]  # type: ignore[index]
    if isinstance(field, DateTimeField):
        return datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    return "another"[: field.max_length] if isinstance(field, CharField | TextField) else {"a": 1} if isinstance(field, JSONField) else 7


@pytest.mark.parametrize("of", ["handoff", "conversation", "customer", "team", "offered_to"])
def test_a_card_is_as_fresh_as_every_column_of_its_rows(three: list[Handoff], ann: Agent, of: str) -> None:
    """Whatever column a card comes to show, it must be among those it is kept by."""
    Handoff.objects.filter(pk=three[0].pk).update(offered_to=ann)

    def whole() -> Handoff:
        return Handoff.objects.select_related("team", "offered_to", "conversation__customer").get(pk=three[0].pk)

    handoff = whole()
    row = {"handoff": handoff, "conversation": handoff.conversation, "customer": handoff.conversation.customer}.get(of) or getattr(handoff, of)
    for field in type(row)._meta.concrete_fields:
        # Keys, and what decides whether it waits at all.
        if not (field.is_relation or field.unique or isinstance(field, BooleanField) or field.name in ("state", "owner")):
            shown(handoff)
            type(row).objects.filter(pk=row.pk).update(**{field.name: another(field)})
            assert shown(handoff) == card(whole()), field.name


def test_a_card_shows_a_new_name(three: list[Handoff]) -> None:
    BILLING.parts()
    customer = three[0].conversation.customer
    customer.name = "Amara Nwosu"
    customer.save()
    assert "Amara Nwosu" in BILLING.parts()["queue-list"]
