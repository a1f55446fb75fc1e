"""An agent's own status over the API."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from handoffs import roster
from handoffs.models import Agent, Assistant, Handoff
from tests.console.api_caller import Caller


def test_an_agent_reads_and_sets_their_status(claimed: Handoff, ann: Agent, key: Callable[..., str]) -> None:
    caller = Caller(key(agent=ann))
    roster.set_status(ann, "away", why=roster.MISSED)
    status, body = caller.get("/agents/me/status")
    assert (status, body["status"], body["why"], body["load"], body["capacity"]) == (200, "away", "missed_offers", 1.0, 4)
    status, body = caller.post("/agents/me/status", {"status": "busy"})
    ann.refresh_from_db()
    assert (status, body["status"], body["why"], ann.status, ann.status_why) == (200, "busy", "", "busy", "")


def test_a_call_says_that_the_agent_is_here(ann: Agent, key: Callable[..., str]) -> None:
    Agent.objects.filter(pk=ann.pk).update(lease_until=None)
    body = Caller(key(agent=ann)).get("/agents/me/status")[1]
    assert body["here_until"] > (timezone.now() + timedelta(minutes=9)).isoformat()


@pytest.mark.parametrize("body", [{}, {"status": "gone"}, {"status": None}, {"status": "busy", "why": "lunch"}, ["busy"]], ids=str)
def test_no_other_status_is_taken(ann: Agent, key: Callable[..., str], body: object) -> None:
    assert Caller(key(agent=ann)).post("/agents/me/status", body)[0] in (400, 422)
    ann.refresh_from_db()
    assert ann.status == "available"


def test_an_assistant_has_no_status(juniper: Assistant, key: Callable[..., str]) -> None:
    caller = Caller(key(assistant=juniper))
    assert [caller.get("/agents/me/status")[0], caller.post("/agents/me/status", {"status": "busy"})[0]] == [403, 403]


def test_an_agent_says_until_when(ann: Agent, key: Callable[..., str]) -> None:
    caller, (back, leaves) = Caller(key(agent=ann)), [(timezone.now() + timedelta(hours=hours)).isoformat() for hours in (1, 2)]
    caller.post("/agents/me/status", {"status": "away", "leaves_at": leaves, "back_at": back})
    ann.refresh_from_db()
    assert (ann.leaves_at.isoformat(), ann.back_at.isoformat()) == (leaves, back)  # type: ignore[union-attr]
    body = caller.post("/agents/me/status", {"status": "available"})[1]
    assert (body["leaves_at"] is None, body["back_at"]) == (False, None)
    assert caller.post("/agents/me/status", {"status": "available", "leaves_at": None})[1]["leaves_at"] is None


@pytest.mark.parametrize("name", ["leaves_at", "back_at"])
def test_what_is_left_out_stays(ann: Agent, key: Callable[..., str], name: str) -> None:
    caller, other = Caller(key(agent=ann)), {"leaves_at": "back_at", "back_at": "leaves_at"}[name]
    first, then = [(timezone.now() + timedelta(hours=hours)).isoformat() for hours in (1, 2)]
    caller.post("/agents/me/status", {"status": "away", "leaves_at": first, "back_at": first})
    caller.post("/agents/me/status", {"status": "away", name: then})
    ann.refresh_from_db()
    assert [getattr(ann, each).isoformat() for each in (name, other)] == [then, first]
    caller.post("/agents/me/status", {"status": "away", name: None})
    ann.refresh_from_db()
    assert [getattr(ann, each) is None for each in (name, other)] == [True, False]


def test_times_that_nobody_means_change_nothing(ann: Agent, key: Callable[..., str]) -> None:
    past = (timezone.now() - timedelta(hours=1)).isoformat()
    assert Caller(key(agent=ann)).post("/agents/me/status", {"status": "busy", "leaves_at": past})[0] == 403
    ann.refresh_from_db()
    assert ann.status == "available"
