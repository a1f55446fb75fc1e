"""What those who wait are told: looked at by the clock, read by pages, kept with how it ended."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from handoffs import receiving, tasks
from handoffs.models import Agent, Handoff, Heartbeat, Outlook, Step, WaitEstimate
from handoffs.signals import Change
from handoffs.states import State
from handoffs.waiting_room import check_in, forecasts, foretelling, habits, outcomes, outlook, reading
from tests.conftest import reload

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    habits.forget()
    forecasts.forget()


def past(hand_off: Callable[..., Handoff], agent: Agent, count: int) -> None:
    """So many finished handoffs that waited a minute and were handled in four to eight."""
    one, now = hand_off(), timezone.now()
    conversation, ended = one.conversation, {"state": State.CLOSED, "agent": agent, "due_at": None, "ended_at": now}
    Handoff.objects.filter(pk=one.pk).delete()
    Handoff.objects.bulk_create([
        Handoff(conversation=conversation, team=one.team, trigger="explicit_request", reason="asked", rank_at=now, promise_due_at=now,
                waiting_since=now - (number + 5 + number % 5) * MINUTE, claimed_at=now - (number + 4 + number % 5) * MINUTE,
                resolved_at=now - number * MINUTE, **ended)
        for number in range(count)])  # fmt: skip


def look() -> int | None:
    """As if the last look were long ago."""
    Heartbeat.objects.filter(name=foretelling.DUTY).update(at=timezone.now() - 2 * MINUTE)
    return foretelling.work()


def test_who_waits_is_told_a_range_and_a_promise_that_holds_it(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    past(hand_off, ann, 250)
    for _ in range(ann.capacity):
        receiving.claim(hand_off(), ann)
    first, second = hand_off(), hand_off()
    look()
    look()
    told = forecasts.forecast(first.team)
    assert [told[each.pk].place for each in (first, second)] == [1, 2]
    for each in (first, second):
        assert 0 < told[each.pk].low < told[each.pk].high  # type: ignore[operator]
        assert not told[each.pk].guess
    assert told[first.pk].high < told[second.pk].high  # type: ignore[operator]
    assert forecasts.of(second) == told[second.pk]


def test_a_step_forward_is_not_kept_back_until_the_next_look(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    first, second, third = hand_off(), hand_off(), hand_off()
    past(hand_off, ann, 250)
    look()
    look()
    receiving.claim(first, ann)
    told = forecasts.forecast(first.team)
    assert [told[each.pk].place for each in (second, third)] == [1, 2]
    assert [forecasts.of(each) for each in (second, third)] == [told[each.pk] for each in (second, third)]


def test_who_came_after_the_look_is_told_the_same_alone_and_with_the_others(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    past(hand_off, ann, 250)
    first = hand_off()
    look()
    look()
    newcomer = hand_off()
    newcomer.refresh_from_db()
    receiving.claim(first, ann)
    alone, together = forecasts.of(newcomer), forecasts.forecast(newcomer.team)[newcomer.pk]
    assert alone is not None
    assert (together.place, together.low, together.promised_at) == (1, alone.low, alone.promised_at)


def test_who_came_further_back_than_is_looked_at_is_foretold_too(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    past(hand_off, ann, 250)
    look()
    far = hand_off()
    Handoff.objects.filter(pk=far.pk).update(first_place=reading.LOOKED_AT + 100)
    look()
    look()
    row = WaitEstimate.objects.get(handoff=far, current=True)
    assert (row.place, outcomes.new().exists()) == (1, False)


def test_far_back_nobody_is_overtaken_and_all_are_told_the_same_alone_and_with_the_others(
    hand_off: Callable[..., Handoff], ann: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LOOKED_AT", 2)
    past(hand_off, ann, 250)
    line = [hand_off() for _ in range(5)]
    look()
    look()
    for _ in range(2):
        receiving.claim(reload(line.pop(0)), ann)
    line += [hand_off(), hand_off()]
    look()
    line.append(hand_off())
    told = forecasts.forecast(line[0].team)
    assert [told[each.pk].place for each in line] == [1, 2, 3, 4, 5, 6]
    assert [forecasts.of(reload(each)) for each in line[:5]] == [told[each.pk] for each in line[:5]]
    assert outlook(reload(line[5]))["place"] == 6


def test_how_long_it_is_from_far_back_is_told_anew_at_each_look(hand_off: Callable[..., Handoff], ann: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LOOKED_AT", 1)
    past(hand_off, ann, 250)
    for _ in range(ann.capacity + 1):
        far = hand_off()
    look()
    look()
    WaitEstimate.objects.update(made_at=timezone.now() - timedelta(hours=5))
    look()
    told = forecasts.of(reload(far))
    assert told is not None
    assert told.made_at == Outlook.objects.get(team=far.team).made_at
    assert told.promised_at == WaitEstimate.objects.get(handoff=far, current=True).promised_at


def test_busy_hours_are_told_from_quiet_ones_by_what_was_read_of_room(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    past(hand_off, ann, 200)
    for number, each in enumerate(Handoff.objects.all()):
        # Who had to queue took longer, and waited no longer than the others.
        took = (2 if number % 2 else 10) * MINUTE
        Handoff.objects.filter(pk=each.pk).update(resolved_at=each.waiting_since + MINUTE + took)
        WaitEstimate.objects.create(handoff=each, team=each.team, since=each.waiting_since, told_at=each.waiting_since, mean=60, low=30, high=90, told_low=30,
                                    told_high=90, promised_at=each.claimed_at, made_at=each.claimed_at, room=bool(number % 2),
                                    ended_at=each.claimed_at, left=False, current=False)
    assert habits.learned(timezone.now()).known.habits.handling[0].max() > 11 * 60


def test_without_a_reading_who_waited_longer_than_is_usual_had_to_queue(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    past(hand_off, ann, 200)
    for number, each in enumerate(Handoff.objects.all()):
        waited, took = (20, 10) if number % 4 == 0 else (1, 2)
        claimed = each.waiting_since + waited * MINUTE
        Handoff.objects.filter(pk=each.pk).update(claimed_at=claimed, resolved_at=claimed + took * MINUTE)
    assert habits.learned(timezone.now() + 60 * MINUTE).known.habits.handling[0].max() > 11 * 60


def test_a_look_that_finds_news_tells_the_pages_of_the_team(hand_off: Callable[..., Handoff], ann: Agent, announced: Callable[..., Any]) -> None:
    first, _ = hand_off(), hand_off()
    Outlook.objects.create(team=first.team, guess=True, by_place=[[60.0, 30.0, 60.0, 120.0, 0.0]])
    look()
    receiving.claim(first, ann)
    with announced() as heard:
        look()
    assert heard == [Change(teams=frozenset({"billing"}))]


@pytest.mark.parametrize(("count", "guess"), [(19, None), (20, True), (199, True), (200, False)])
def test_little_data_is_no_number_or_a_guess(hand_off: Callable[..., Handoff], ann: Agent, count: int, guess: bool | None) -> None:
    past(hand_off, ann, count)
    handoff = hand_off()
    look()
    told = forecasts.first(handoff, 1)
    assert (told and told.guess) is guess


def test_with_nobody_here_no_minutes_are_said(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    past(hand_off, ann, 250)
    Agent.objects.update(lease_until=None)
    handoff = hand_off()
    look()
    told = forecasts.forecast(handoff.team)[handoff.pk]
    assert (told.low, told.promised_at, told.someone_here) == (None, None, False)


def test_two_beats_look_once(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    past(hand_off, ann, 200)
    hand_off()
    look()
    assert foretelling.work() is None


@pytest.mark.parametrize("finished", [0, 250])
def test_a_newcomer_is_looked_at_within_seconds_where_something_can_be_told(finished: int, hand_off: Callable[..., Handoff], ann: Agent) -> None:
    past(hand_off, ann, finished)
    look()
    look()
    hand_off()
    last = timezone.now() - 2 * foretelling.LEAST_APART
    Heartbeat.objects.filter(name=foretelling.DUTY).update(at=last)
    foretelling.work()
    assert (Heartbeat.objects.get(name=foretelling.DUTY).at > last) == (finished > 0)


def test_when_somebody_comes_to_an_empty_team_it_is_looked_at_within_seconds(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    past(hand_off, ann, 250)
    here_until = ann.lease_until
    looked = []
    for lease in (None, here_until):
        Agent.objects.update(lease_until=None)
        look()
        look()
        last = timezone.now() - 2 * foretelling.LEAST_APART
        Heartbeat.objects.filter(name=foretelling.DUTY).update(at=last)
        Agent.objects.filter(pk=ann.pk).update(lease_until=lease)
        foretelling.work()
        looked.append(Heartbeat.objects.get(name=foretelling.DUTY).at > last)
    assert looked == [False, True]


def test_a_claimed_wait_is_kept_with_its_end_and_teaches_the_range(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    past(hand_off, ann, 250)
    look()
    for _ in range(ann.capacity):
        receiving.claim(hand_off(), ann)
    handoff = hand_off()
    look()
    look()
    before = Outlook.objects.get(team=handoff.team).stretch_high
    Handoff.objects.filter(agent=ann).update(state=State.CLOSED, ended_at=timezone.now(), due_at=None)
    receiving.claim(reload(handoff), ann)
    look()
    row = WaitEstimate.objects.get(handoff=handoff, why="first")
    assert (row.current, row.left, row.broken, row.ended_at) == (False, False, False, reload(handoff).claimed_at)
    assert Outlook.objects.get(team=handoff.team).stretch_high < before
    assert outcomes.kept(timezone.now() - MINUTE)[0].waits >= 1


def test_a_promise_about_to_be_broken_moves_and_is_said_once(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    past(hand_off, ann, 250)
    for _ in range(ann.capacity):
        receiving.claim(hand_off(), ann)
    handoff = hand_off()
    look()
    look()
    WaitEstimate.objects.filter(handoff=handoff).update(promised_at=timezone.now() + timedelta(seconds=5))
    look()
    told = forecasts.of(reload(handoff))
    assert told is not None
    assert told.moved == "later"
    assert told.promised_at > timezone.now() + timedelta(seconds=5)  # type: ignore[operator]
    forecasts.told(handoff)
    assert forecasts.of(reload(handoff)).moved == ""  # type: ignore[union-attr]
    assert WaitEstimate.objects.filter(handoff=handoff).count() == 2


def due(handoff: Handoff, seconds: float = 1) -> None:
    Handoff.objects.filter(pk=handoff.pk).update(due_at=timezone.now() - timedelta(seconds=seconds))


def behind_no_room(hand_off: Callable[..., Handoff], ann: Agent) -> Handoff:
    """Who waits, and was foretold, behind an agent with no room."""
    past(hand_off, ann, 250)
    for _ in range(ann.capacity):
        receiving.claim(hand_off(), ann)
    handoff = hand_off()
    look()
    look()
    return handoff


def outdated(hand_off: Callable[..., Handoff], ann: Agent) -> Handoff:
    """Who waits, and was promised what is over since nobody looked again."""
    past(hand_off, ann, 250)
    handoff = hand_off()
    look()
    look()
    WaitEstimate.objects.update(made_at=timezone.now() - 2 * MINUTE, promised_at=timezone.now() - MINUTE)
    return handoff


def test_after_a_standstill_one_message_says_all(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    handoff, still = behind_no_room(hand_off, ann), 14 * MINUTE
    WaitEstimate.objects.update(
        since=F("since") - still, told_at=F("told_at") - still, made_at=F("made_at") - still, promised_at=F("made_at") - still + MINUTE,
    )
    Handoff.objects.filter(pk=handoff.pk).update(
        waiting_since=F("waiting_since") - still, told_at=F("told_at") - still, due_at=F("due_at") - still, promise_due_at=timezone.now() - MINUTE,
    )
    tasks.sweep()
    assert reload(handoff).check_ins == 0
    assert timezone.now() < reload(handoff).due_at < timezone.now() + MINUTE
    look()
    due(handoff)
    tasks.sweep()
    tasks.notice()
    assert handoff.conversation.turns.last().text.startswith("This takes longer than we said, and we’re sorry.")
    assert (reload(handoff).check_ins, reload(handoff).due_at > timezone.now() + MINUTE) == (1, True)


def test_without_a_new_look_the_word_comes_all_the_same(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    handoff = outdated(hand_off, ann)
    due(handoff, 60)
    tasks.sweep()
    due(handoff)
    tasks.sweep()
    assert reload(handoff).check_ins == 1


def test_a_late_word_is_put_off_once_however_late_the_sweep_stays(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    handoff = outdated(hand_off, ann)
    for _ in range(2):
        Handoff.objects.filter(pk=handoff.pk).update(told_at=F("told_at") - 2 * MINUTE, due_at=F("due_at") - 2 * MINUTE)
        assert reload(handoff).check_ins == 0
        tasks.sweep()
    assert reload(handoff).check_ins == 1


def test_far_back_where_nobody_looks_a_late_word_is_not_put_off(hand_off: Callable[..., Handoff], ann: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LOOKED_AT", 1)
    past(hand_off, ann, 250)
    for _ in range(2):
        far = hand_off()
    look()
    look()
    WaitEstimate.objects.filter(handoff=far).update(made_at=timezone.now() - 2 * MINUTE, promised_at=timezone.now() - MINUTE)
    for _ in range(2):
        look()
        due(far, 11)
        tasks.sweep()
    assert reload(far).check_ins == 2


def waits(hand_off: Callable[..., Handoff], ann: Agent, promise_due_in: timedelta) -> Handoff:
    """Who has been in line for half an hour behind an agent with no room."""
    handoff, long = behind_no_room(hand_off, ann), 30 * MINUTE
    Handoff.objects.filter(pk=handoff.pk).update(waiting_since=F("waiting_since") - long, promise_due_at=timezone.now() + promise_due_in)
    WaitEstimate.objects.filter(handoff=handoff).update(since=F("since") - long)
    return handoff


def hears(handoff: Handoff) -> str:
    due(handoff)
    tasks.sweep()
    return str(handoff.conversation.turns.last().text)


def hears_of_a_later_promise(handoff: Handoff, *, after: int) -> str:
    """So many seconds after what they heard last."""
    Step.objects.filter(handoff=handoff).update(at=F("at") - timedelta(seconds=after))
    WaitEstimate.objects.filter(handoff=handoff, current=True).update(promised_at=timezone.now() + timedelta(seconds=5))
    look()
    return hears(handoff)


def test_who_was_told_sorry_just_now_hears_the_new_time_alone(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    handoff = waits(hand_off, ann, -MINUTE)
    assert hears(handoff).startswith("This is taking longer than we want it to, and we’re sorry.")
    assert hears_of_a_later_promise(handoff, after=0).startswith("Still here.")


def test_each_sorry_keeps_two_minutes_from_the_one_before(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    handoff = waits(hand_off, ann, -20 * MINUTE)
    assert ["sorry" in hears_of_a_later_promise(handoff, after=seconds) for seconds in (0, 125, 20, 105)] == [True, True, False, True]


def test_who_was_told_sorry_for_a_later_promise_is_not_told_so_again_for_the_late_answer(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    handoff = waits(hand_off, ann, MINUTE / 3)
    assert hears_of_a_later_promise(handoff, after=0).startswith("This takes longer than we said, and we’re sorry.")
    Handoff.objects.filter(pk=handoff.pk).update(promise_due_at=timezone.now())
    assert hears(handoff).startswith("Still here.")


def test_an_answer_to_how_long_still_is_no_sorry(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    handoff = waits(hand_off, ann, -MINUTE)
    check_in(reload(handoff), asked=True)
    assert "sorry" in hears(handoff)


def test_a_look_costs_the_same_queries_however_long_the_line(hand_off: Callable[..., Handoff], ann: Agent,
                                                             django_assert_max_num_queries: Callable[..., AbstractContextManager[object]]) -> None:
    past(hand_off, ann, 250)
    for _ in range(3):
        hand_off()
    look()
    for _ in range(9):
        hand_off()
    with django_assert_max_num_queries(40):
        look()
