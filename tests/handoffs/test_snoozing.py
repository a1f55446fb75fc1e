"""Putting a handoff aside: until a time or the customer's next words, never out of the agent's hands, never twice."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from handoffs import receiving, roster, snoozing, tasks, turns
from handoffs.models import Agent, Handoff, Team
from handoffs.states import State
from handoffs.transitions import Forbidden, Stale
from tests.conftest import reload

HOUR = timedelta(hours=1)


@pytest.fixture
def snoozed(claimed: Handoff, ann: Agent) -> Handoff:
    snoozing.snooze(claimed, ann, timezone.now() + HOUR)
    return reload(claimed)


def when_it_is_time(handoff: Handoff) -> Handoff:
    """The sweep once the time has come."""
    now = timezone.now() - timedelta(seconds=1)
    Handoff.objects.filter(pk=handoff.pk).update(snoozed_until=now, due_at=now)
    tasks.sweep()
    return reload(handoff)


def test_the_customer_hears_by_when(claimed: Handoff, ann: Agent) -> None:
    Team.objects.update(time_zone="Asia/Tokyo")
    handoff, until = reload(claimed), timezone.now() + timedelta(days=3)
    snoozing.snooze(handoff, ann, until)
    there = until.astimezone(snoozing.zone_of(handoff.team))
    assert reload(claimed).conversation.turns.last().text == (
        f"Ann is looking into this and will be back to you on {there:%A} {there.day} {there:%B} by {there:%H:%M} JST. You can write here at any time.")


def test_the_agent_may_keep_it_to_themselves(claimed: Handoff, ann: Agent) -> None:
    snoozing.snooze(claimed, ann, timezone.now() + HOUR, tell=False)
    assert reload(claimed).conversation.turns.last().kind == "joined"


@pytest.mark.parametrize("ahead", [timedelta(0), -HOUR, timedelta(days=15)], ids=["now", "past", "too far"])
def test_a_time_that_is_over_or_too_far_is_refused(claimed: Handoff, ann: Agent, ahead: timedelta) -> None:
    with pytest.raises(Forbidden):
        snoozing.snooze(claimed, ann, timezone.now() + ahead)


def test_only_its_agent_puts_it_aside(claimed: Handoff, bob: Agent, cara: Agent) -> None:
    for other in (bob, cara):
        with pytest.raises(Stale):
            snoozing.snooze(claimed, other, timezone.now() + HOUR)
    with pytest.raises(Stale):
        snoozing.wake(claimed, bob)
    assert reload(claimed).snoozed_until is None


def test_a_stale_epoch_puts_nothing_aside(claimed: Handoff, ann: Agent) -> None:
    with pytest.raises(Stale):
        snoozing.snooze(claimed, ann, timezone.now() + HOUR, seen=claimed.conversation.epoch - 1)


def test_it_keeps_its_room(snoozed: Handoff, ann: Agent) -> None:
    assert (roster.room(ann), snoozed.state) == (ann.capacity - 1, State.CLAIMED)


def test_it_is_woken_once_and_marked_until_its_agent_opens_it(snoozed: Handoff, ann: Agent) -> None:
    woken = when_it_is_time(snoozed)
    Handoff.objects.filter(pk=woken.pk).update(due_at=timezone.now() - timedelta(milliseconds=1))
    tasks.sweep()
    marked = reload(snoozed).snoozed_until
    receiving.saw(reload(snoozed), ann, 1)
    assert (woken.steps.filter(verb="woken").count(), marked is not None, reload(snoozed).snoozed_until) == (1, True, None)


def test_presence_is_looked_at_meanwhile_and_the_time_kept(snoozed: Handoff) -> None:
    Handoff.objects.filter(pk=snoozed.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    tasks.sweep()
    now = reload(snoozed)
    assert now.due_at is not None
    assert now.snoozed_until is not None
    assert (now.due_at <= now.snoozed_until, now.steps.filter(verb="woken").exists()) == (True, False)


def test_words_of_the_customer_wake_it(snoozed: Handoff) -> None:
    turns.take(snoozed.conversation, "Are you there?", client_id="m")
    now = reload(snoozed)
    assert (now.snoozed_until, now.steps.get(verb="woken").by) == (None, "customer")


def test_its_agent_takes_it_up_again(snoozed: Handoff, ann: Agent) -> None:
    assert (snoozing.wake(snoozed, ann) is not None, snoozing.wake(snoozed, ann), reload(snoozed).snoozed_until) == (True, None, None)


def test_without_its_agent_it_goes_back_to_the_queue(snoozed: Handoff, ann: Agent) -> None:
    Agent.objects.filter(pk=ann.pk).update(lease_until=timezone.now() - HOUR)
    Handoff.objects.filter(pk=snoozed.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    tasks.sweep()
    assert (reload(snoozed).state, reload(snoozed).snoozed_until) == (State.WAITING, None)


@pytest.mark.parametrize("move", [receiving.release, receiving.resolve], ids=["release", "resolve"])
def test_any_move_ends_it(snoozed: Handoff, ann: Agent, move: Callable[..., object]) -> None:
    move(snoozed, ann)
    assert reload(snoozed).snoozed_until is None


def test_tomorrow_is_where_the_team_works(teams: dict[str, Team]) -> None:
    team = teams["billing"]
    team.time_zone = "Pacific/Auckland"
    found = snoozing.tomorrow(team)
    assert (found.hour, found.utcoffset() != timedelta(0), 0 < (found - datetime.now(UTC)).total_seconds() <= 48 * 3600) == (9, True, True)


def test_a_zone_nobody_knows_is_the_installations(teams: dict[str, Team]) -> None:
    team = teams["billing"]
    team.time_zone = "Middle/Earth"
    assert str(snoozing.zone_of(team)) == "UTC"
