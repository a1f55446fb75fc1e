"""The roster: who is here, who may be given work, how much room they have, and the rules that set a status."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from handoffs import receiving, roster
from handoffs.models import Agent, Handoff
from handoffs.states import State
from tests.conftest import reload

GONE = timedelta(minutes=-1)


def row(agent: Agent, **columns: Any) -> Agent:
    Agent.objects.filter(pk=agent.pk).update(**columns)
    agent.refresh_from_db()
    return agent


def free() -> list[str]:
    return sorted(agent.id for agent in roster.free_agents(["billing"], timezone.now()))


def test_only_who_may_answer_is_given_work(person: Callable[..., Agent], dan: Agent, handoff: Handoff) -> None:
    here = person("here", "billing", "fraud")
    for name, columns in {"busy": {"status": "busy"}, "away": {"status": "away"}, "left": {"is_active": False}}.items():
        row(person(name, "billing"), **columns)
    person("absent", "billing", here=False)
    assert free() == [str(here.pk)]


def test_busy_agents_are_here_for_customers_and_may_claim(ann: Agent, handoff: Handoff) -> None:
    row(ann, status="busy")
    assert (roster.here().get(), roster.is_somebody_in(handoff.team), free()) == (ann, True, [])
    assert receiving.claim(handoff, ann).verb == "claimed"


def test_the_load_is_the_weights_of_what_is_held_and_of_open_offers(hand_off: Callable[..., Handoff], ann: Agent, bob: Agent) -> None:
    held, passing, offered, mine = (hand_off() for _ in range(4))
    for handoff, columns in ((held, {"state": State.CLAIMED, "agent": ann}), (passing, {"state": State.PASSING, "agent": ann}),
                             (offered, {"offered_to": ann}), (mine, {"state": State.CLAIMED, "agent": bob})):
        Handoff.objects.filter(pk=handoff.pk).update(weight=0.5, **columns)
    assert (roster.load(ann), roster.room(ann)) == (1.5, 2.5)
    assert {agent.id: agent.load for agent in roster.free_agents(["billing"], timezone.now())} == {str(ann.pk): 1.5, str(bob.pk): 0.5}


def test_what_is_heavier_than_the_whole_room_fits_an_empty_handed_agent_alone(claimed: Handoff, ann: Agent, bob: Agent) -> None:
    assert (roster.fits(bob, 9), roster.fits(ann, 9), roster.fits(ann, 3)) == (True, False, True)
    assert not roster.fits(row(bob, capacity=0), 1)


def test_a_broken_row_of_skills_counts_as_none(ann: Agent) -> None:
    row(ann, skills=["refunds"], languages={"ES": 4, "pt": "good"})
    one, = roster.free_agents(["billing"], timezone.now())
    assert (one.skills, one.languages) == ({}, {"es": 4})


def test_the_roster_asks_as_often_for_one_agent_as_for_many(person: Callable[..., Agent], django_assert_num_queries: Any) -> None:
    for number in range(5):
        person(f"agent{number}", "billing")
        with django_assert_num_queries(2):
            roster.free_agents(["billing", "fraud"], timezone.now())


def test_a_pulse_renews_all_leases_at_once(ann: Agent, bob: Agent, django_assert_max_num_queries: Any) -> None:
    row(ann, lease_until=timezone.now() + GONE)
    row(bob, lease_until=timezone.now() + timedelta(minutes=10))
    before = bob.lease_until
    with django_assert_max_num_queries(6):
        roster.pulse({ann.pk: 0, bob.pk: 0})
    ann.refresh_from_db()
    bob.refresh_from_db()
    assert (roster.is_here(ann, timezone.now()), bob.lease_until) == (True, before)


def test_who_calls_often_over_the_api_is_written_down_once_a_minute_at_most(ann: Agent, django_assert_num_queries: Any) -> None:
    now = timezone.now()
    row(ann, lease_until=now + timedelta(minutes=9, seconds=30))
    with django_assert_num_queries(0):
        roster.renew(ann, roster.API_LEASE)
    roster.renew(row(ann, lease_until=now + timedelta(minutes=8, seconds=55)), roster.API_LEASE)
    ann.refresh_from_db()
    assert ann.lease_until
    assert ann.lease_until >= now + roster.API_LEASE


def idle_for(agent: Agent, seconds: float) -> tuple[str, str]:
    """Status and its reason after a pulse of one whose last key was so long ago."""
    roster.pulse({agent.pk: seconds})
    agent.refresh_from_db()
    return agent.status, agent.status_why


def test_who_is_idle_is_set_away_and_is_back_with_the_next_key(ann: Agent, policy: Callable[..., Any]) -> None:
    policy(away_when_idle=300)
    row(ann, status_since=timezone.now() - timedelta(hours=1))
    assert [idle_for(ann, seconds) for seconds in (299, 300, 301, 2)] == [("available", ""), ("away", "idle"), ("away", "idle"), ("available", "")]


def test_without_the_rule_nobody_is_set_away(ann: Agent) -> None:
    row(ann, status_since=timezone.now() - timedelta(hours=1))
    assert idle_for(ann, 10**6) == ("available", "")


@pytest.mark.parametrize("why", ["", roster.MISSED])
def test_only_who_was_set_away_for_being_idle_comes_back_by_itself(ann: Agent, policy: Callable[..., Any], why: str) -> None:
    policy(away_when_idle=300)
    roster.set_status(ann, "away", why=why)
    assert idle_for(ann, 0) == ("away", why)


def test_another_page_that_saw_the_agent_lately_counts(ann: Agent, policy: Callable[..., Any]) -> None:
    policy(away_when_idle=300)
    roster.set_status(ann, "available")
    assert idle_for(ann, 5000) == ("available", "")


def test_busy_is_the_agents_own_word_and_no_rule_changes_it(ann: Agent, policy: Callable[..., Any]) -> None:
    policy(away_when_idle=300)
    row(ann, status="busy", status_since=timezone.now() - timedelta(hours=1))
    assert idle_for(ann, 5000) == ("busy", "")


def test_presence_is_the_lease_alone(claimed: Handoff, ann: Agent) -> None:
    row(ann, lease_until=timezone.now() + GONE)
    assert not roster.here().filter(pk=ann.pk).exists()
    assert reload(claimed).agent == ann
