"""Duties take turns: a backlog of one delays the others by moments, and what waits longest is done first."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext

from console.streams.wall import Wall
from handoffs import clock, duties, tasks
from handoffs.duties import Duty
from handoffs.models import Handoff, Heartbeat
from handoffs.states import OPEN, State
from handoffs.transitions import Stale
from handoffs.waiting_room import foretelling


class Steady:
    """A clock that only work moves on."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Backlog:
    """So many rows, each of which takes so many seconds; when each was done."""

    def __init__(self, steady: Steady, rows: int, seconds: float) -> None:
        self.steady, self.seconds = steady, seconds
        self.left, self.done = list(range(rows)), list[tuple[float, int]]()

    def duty(self) -> Duty:
        return Duty(lambda: list(self.left), self.do)  # type: ignore[arg-type,return-value]

    def do(self, row: int) -> None:
        self.steady.now += self.seconds
        self.left.remove(row)
        self.done.append((self.steady.now - 100, row))


def test_two_hundred_slow_rows_of_one_duty_do_not_delay_another() -> None:
    steady = Steady()
    slow, quick = Backlog(steady, 200, 0.15), Backlog(steady, 20, 0.001)
    duties.take_turns([slow.duty(), quick.duty()], steady=steady)
    assert quick.left == []
    assert max(at for at, _ in quick.done) < 0.5


def test_a_sweep_ends_in_time_for_the_next_however_much_is_due() -> None:
    steady = Steady()
    backlogs = [Backlog(steady, 200, 0.05) for _ in range(8)]
    duties.take_turns([each.duty() for each in backlogs], steady=steady)
    assert steady.now - 100 < 2.5
    assert all(each.done for each in backlogs)


def test_time_that_others_do_not_need_is_used() -> None:
    steady = Steady()
    slow, nothing = Backlog(steady, 200, 0.01), Backlog(steady, 0, 0)
    duties.take_turns([slow.duty(), nothing.duty()], steady=steady)
    assert len(slow.done) > 60


def test_what_is_read_slowly_is_worked_on_all_the_same() -> None:
    steady = Steady()
    slow = Backlog(steady, 3, 0.001)

    def read() -> Any:
        steady.now += 5
        return list(slow.left)

    duties.take_turns([Duty(read, slow.do)], steady=steady)
    assert len(slow.done) == 1


def test_every_open_handoff_has_a_duty() -> None:
    assert set(tasks.WHEN_DUE) == OPEN


def test_what_is_due_longest_comes_first(db: None) -> None:
    rows = [each.due() for each in (*tasks.SWEPT, tasks.LAPSED, tasks.ANSWERED)]
    assert len(rows) == len(OPEN) + 6
    assert [row.query.order_by[0].removesuffix("_at") for row in rows if isinstance(row, QuerySet)] == [
        "due", "due", "due", "due", "silence_due", "held_due", "due", "due", "expires", "reply_due"]


@pytest.mark.django_db
def test_one_that_fails_is_looked_at_later_and_stops_no_other(hand_off: Callable[..., Handoff]) -> None:
    failing, fine = hand_off(), hand_off()
    Handoff.objects.filter(pk=failing.pk).update(due_at=clock.now() - timedelta(seconds=5))
    Handoff.objects.filter(pk=fine.pk).update(due_at=clock.now() - timedelta(seconds=1))

    def act(handoff: Handoff) -> None:
        if handoff.pk == failing.pk:
            raise ValueError("broken")
        Handoff.objects.filter(pk=handoff.pk).update(due_at=clock.now() + timedelta(hours=1))

    duty = Duty(lambda: Handoff.objects.filter(due_at__lte=clock.now(), state=State.WAITING).order_by("due_at"), act, "due_at")
    duties.take_turns([duty])
    assert not duty.due().exists()
    assert list(Handoff.objects.order_by("due_at").values_list("pk", flat=True)) == [failing.pk, fine.pk]


def fail(row: Any) -> None:
    raise ValueError("broken")


@pytest.mark.django_db(transaction=True)
def test_one_that_cannot_even_be_put_off_stops_no_other(hand_off: Callable[..., Handoff]) -> None:
    """Somebody has its row, so that looking at it again later cannot be written down."""
    if connection.vendor == "sqlite":
        pytest.skip("on SQLite one writes at a time")
    locked, fine = hand_off(), hand_off()
    Handoff.objects.update(due_at=clock.now() - timedelta(seconds=5))

    def work() -> None:
        connection.cursor().execute("SET lock_timeout = '100ms'")
        try:
            duties.each(Handoff.objects.filter(pk__in=[locked.pk, fine.pk]).order_by("created_at"), fail, due="due_at")
        finally:
            connections.close_all()

    with transaction.atomic(), ThreadPoolExecutor(1) as second:
        Handoff.objects.select_for_update().get(pk=locked.pk)
        second.submit(work).result(timeout=60)
    assert list(Handoff.objects.filter(due_at__gt=clock.now())) == [fine]


@pytest.mark.django_db
def test_what_fails_is_named_while_it_does(handoff: Handoff, client: Client) -> None:
    assert duties.problems() == ()
    duties.each([handoff], fail)
    said = "What is due failed within the last minute and is tried again; the worker's log says why: test_duties."
    assert duties.problems() == (said,)
    assert said in client.get("/readyz").json()["warnings"]
    Heartbeat.objects.update(at=clock.now() - timedelta(minutes=2))
    assert duties.problems() == ()


@pytest.mark.django_db
def test_who_was_only_second_has_not_failed(handoff: Handoff) -> None:
    def late(row: Handoff) -> None:
        raise Stale(row.conversation)

    duties.each([handoff], late)
    assert duties.problems() == ()


AGES_AGO = timedelta(hours=8)


def ages_pass(*but: str) -> None:
    Heartbeat.objects.exclude(name__in=but).update(at=clock.now() - AGES_AGO)


def not_done() -> str:
    return " ".join(words for words in duties.problems() if "Not done" in words)


@pytest.mark.django_db
def test_what_nobody_does_is_said_by_what_people_miss(client: Client) -> None:
    for task in (tasks.sweep, tasks.offer, tasks.pass_on, tasks.answer, tasks.deliver, tasks.foretell):
        task()
    ages_pass("sweep", "offer", "overflow", "foretell")
    tasks.sweep()
    said = "Not done for more than 2 minutes, so look whether these processes run: " \
           "the built-in assistant's answers (worker), letters and messages to customers (worker)."
    ready = client.get("/readyz")
    assert (not_done(), ready.status_code, said in ready.json()["warnings"], said in Wall("all").context()["problems"]) == (said, 200, True, True)
    tasks.answer()
    tasks.deliver()
    assert not_done() == ""


@pytest.mark.django_db
def test_what_never_ran_is_said_too_and_the_mailbox_only_where_there_is_one(settings: Any) -> None:
    tasks.sweep()
    ages_pass("sweep")
    assert [name in not_done() for name in ("check-ins", "offers", "letters", "mails")] == [False, True, True, False]
    settings.IMAP_HOST, settings.IMAP_PORT = "127.0.0.1", 1
    assert "customers' mails (outside)" in not_done()
    tasks.read_mail()
    assert "mails" not in not_done()


@pytest.mark.django_db
def test_a_machine_that_has_just_started_is_late_with_nothing() -> None:
    for task in (tasks.sweep, tasks.deliver):
        task()
    ages_pass()
    assert "check-ins" in not_done()
    tasks.sweep()
    assert not_done() == ""


@pytest.mark.django_db
def test_what_is_done_each_second_writes_only_now_and_then() -> None:
    duties.ran("answer")
    Heartbeat.objects.update(at=clock.now() - timedelta(seconds=9))
    with CaptureQueriesContext(connection) as statements:
        duties.ran("answer")
    assert [each["sql"].split()[0] for each in statements] == ["SELECT"]


@pytest.mark.django_db
def test_a_look_at_the_line_that_was_begun_and_never_ended_is_said() -> None:
    tasks.sweep()
    ages_pass("sweep")
    Heartbeat.objects.create(name=foretelling.DUTY, at=clock.now())
    tasks.foretell()
    assert "how long customers will wait (outside)" in not_done()
    ages_pass("sweep")
    tasks.foretell()
    assert "how long customers" not in not_done()
