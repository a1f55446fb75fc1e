"""What is due is due by the database's clock, whatever the clock of the machine says that looks."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from handoffs import clock, receiving, tasks, timekeeping, turns
from handoffs.models import Agent, Conversation, Handoff, Heartbeat
from handoffs.states import State
from tests.test_layers import ROOT, modules

AHEAD = 300.0
LONG_AGO = datetime(2001, 2, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_clock_afterwards() -> Iterator[None]:
    yield
    clock.set_by(None)


@pytest.fixture
def fast_machine() -> Iterator[None]:
    """This machine's clock is five minutes ahead."""
    with time_machine.travel(time.time() + AHEAD, tick=True):
        yield


def test_it_is_the_database_s_time_carried_on() -> None:
    clock.set_by(clock.Reading(LONG_AGO.timestamp(), time.time(), time.monotonic() - 40))
    assert timedelta(seconds=40) <= clock.now() - LONG_AGO < timedelta(days=1)


def test_before_it_is_read_it_is_this_machine_s() -> None:
    with time_machine.travel(LONG_AGO, tick=False):
        assert clock.now() == LONG_AGO == timezone.now()


def test_it_is_read_again_after_a_while_and_when_the_machine_slept_or_its_clock_was_set() -> None:
    for machine, steady, stale in ((0, 0, False), (20, 20, True), (300, 0, True), (-300, 0, True)):
        clock.set_by(clock.Reading(time.time(), time.time() - machine, time.monotonic() - steady))
        assert clock.is_stale() is stale


def reading(*, off: float = 0.0, took: float = 0.0, ago: float = 0.0, slept: float = 0.0) -> clock.Reading:
    """A database that is right but for `off` seconds, asked `ago` seconds ago, whose answer took so long."""
    machine, steady = time.time() - ago - slept, time.monotonic() - ago
    return clock.Reading(machine + off, machine, steady, took)


def test_a_slow_answer_does_not_replace_a_sure_one() -> None:
    clock.set_by(reading(ago=20))
    clock.learn(reading(off=1.5, took=4))
    assert abs(clock.now() - timezone.now()) < timedelta(seconds=1)


def test_the_sooner_an_answer_comes_the_surer_it_is() -> None:
    for off, took in ((2, 4), (1, 2), (1.5, 3)):
        clock.learn(reading(off=off, took=took))
    assert 0.9 < (clock.now() - timezone.now()).total_seconds() < 1.1


def test_after_a_slow_answer_it_is_asked_again_soon_but_not_at_once() -> None:
    stale = []
    for took, ago in ((0.01, 2), (0.3, 0.5), (0.3, 2), (0.01, 20)):
        clock.set_by(None)
        clock.learn(reading(took=took, ago=ago))
        stale.append(clock.is_stale())
    assert stale == [False, False, True, True]


def test_a_slow_answer_that_is_not_believed_is_asked_for_again_soon() -> None:
    clock.set_by(reading(ago=20))
    clock.learn(reading(off=1.5, took=4, ago=0.5))
    assert not clock.is_stale()
    clock.learn(reading(off=1.5, took=4, ago=2))
    assert clock.is_stale()


def test_after_a_sleep_even_a_slow_answer_is_better_than_none() -> None:
    clock.set_by(reading(ago=5, slept=3600))
    assert clock.is_stale()
    clock.learn(reading(off=1, took=2))
    assert 0.9 < (clock.now() - timezone.now()).total_seconds() < 1.1


def test_how_long_the_answer_took_is_known_of_a_reading(db: None) -> None:
    began = time.monotonic()
    read = timekeeping.read(connection)
    assert 0 < read.took <= time.monotonic() - began


def test_nothing_else_asks_the_machine_s_clock() -> None:
    """Only Django's own sessions are by that."""
    asking = [path for path in modules("handoffs", "console") if "timezone.now" in (ROOT / path).read_text()]
    assert list(map(str, asking)) == ["console/admission.py", "handoffs/clock.py"]


def test_a_new_connection_reads_it_when_that_is_due(db: None, fast_machine: None) -> None:
    timekeeping.keep(connection)
    read, _ = clock.now(), timekeeping.keep(connection)
    assert (round(clock.apart() / AHEAD), clock.is_stale()) == (1, False)
    assert clock.now() >= read


def test_a_fast_worker_takes_no_claim_from_an_agent_who_is_here(fast_machine: None, start: Callable[..., Conversation], ann: Agent) -> None:
    timekeeping.keep(connection)
    Agent.objects.update(lease_until=clock.now() + timedelta(seconds=35))
    handoff = turns.take(start(), "I was charged twice, get me a person please").handoff
    receiving.claim(handoff, ann)
    Handoff.objects.update(due_at=clock.now())
    tasks.sweep()
    assert Handoff.objects.get().state == State.CLAIMED


def test_a_clock_that_is_off_is_told(fast_machine: None, db: None) -> None:
    timekeeping.keep(connection)
    tasks.sweep()
    assert Heartbeat.objects.filter(name="clock").exists()
    assert timekeeping.problems() == ("this machine's clock is 300 s ahead of the database's", "a worker's clock is not the database's")
    clock.set_by(None)
    Heartbeat.objects.all().delete()
    assert timekeeping.problems() == ()
