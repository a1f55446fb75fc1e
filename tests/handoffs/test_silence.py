"""An agent's page falls silent: the customer hears of it before the conversation goes back to the queue, and only once."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from handoffs import clock, roster, tasks
from handoffs.models import Agent, Handoff, Turn
from handoffs.states import State
from tests.conftest import reload

pytestmark = pytest.mark.django_db


@pytest.fixture
def ended(claimed: Handoff, ann: Agent) -> Callable[..., list[str]]:
    """Ann's lease ended so many seconds ago; what the customer was told of it after a sweep."""

    def sweep(seconds: float) -> list[str]:
        Agent.objects.filter(pk=ann.pk).update(lease_until=clock.now() - timedelta(seconds=seconds))
        Handoff.objects.filter(pk=claimed.pk).update(due_at=clock.now())
        tasks.sweep()
        return list(Turn.objects.filter(kind=Turn.Kind.NOTICE).values_list("text", flat=True))

    return sweep


def test_the_customer_is_told_within_a_minute_and_once(ended: Callable[..., list[str]], claimed: Handoff) -> None:
    """A page is pinged every 10 s, a lease is 35 s, and so much more is waited before anything is said."""
    (text,) = ended(12)
    assert text == ("We’ve lost the connection to Ann for the moment. You can stay as you are: "
                    "if they aren’t back soon, someone else takes over and has the whole chat.")
    assert timedelta(seconds=55) > roster.PAGE_LEASE + roster.SILENCE
    assert (ended(13), reload(claimed).state) == ([text], State.CLAIMED)


def test_nothing_is_said_of_a_short_cut(ended: Callable[..., list[str]], claimed: Handoff) -> None:
    assert ended(5) == []
    assert reload(claimed).due_at - clock.now() < timedelta(seconds=6)
    assert ended(-30) == []


def test_nothing_is_said_of_what_was_put_aside(ended: Callable[..., list[str]], claimed: Handoff) -> None:
    Handoff.objects.update(snoozed_until=clock.now() + timedelta(hours=1))
    assert ended(12) == []


def test_it_goes_back_to_the_queue_after_the_grace(ended: Callable[..., list[str]], claimed: Handoff) -> None:
    ended(12)
    ended(61)
    assert reload(claimed).state == State.WAITING
