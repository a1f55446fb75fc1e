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
