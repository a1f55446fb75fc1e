"""The estimate of a wait, pure: what must hold for any queue."""

from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from handoffs.evaluation import place as places
from handoffs.evaluation.call_centre import Scenario
from handoffs.evaluation.queueing import log, replay
from handoffs.evaluation.queueing.days import Crew, ShopDay
from handoffs.evaluation.queueing.run import ORDERS, SETTINGS, Setting, play
from handoffs.evaluation.queueing.scores import scores
from handoffs.evaluation.queueing.seer import Seer
from handoffs.evaluation.queueing.shop import Shop
from handoffs.waiting import Forecast, conformal, erlang, handling, in_words, patience, place, refresh, simulate, words
from handoffs.waiting.past import Finished, Waited, learn
from handoffs.waiting.snapshot import ALWAYS, Habits, Held, Overtakers, Patience, Queue, Server, Waiter
from handoffs.waiting.words import minutes, promise

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HUNDRED = Habits((np.array([100.0]),))


def line(count: int, able: int = 1, **more: float) -> tuple[Waiter, ...]:
    return tuple(Waiter(str(number), float(number), 0.0, able, **more) for number in range(count))  # type: ignore[arg-type]


def medians(queue: Queue) -> list[float]:
    return np.median(simulate.waits(queue, 50), axis=0).tolist()  # type: ignore[no-any-return]


def test_one_who_waits_for_one_conversation_waits_for_what_is_left_of_it() -> None:
    assert medians(Queue(line(3), (Server(1, (Held(40.0),)),), HUNDRED)) == [60, 160, 260]


def test_paces_stretch_what_is_left_and_what_comes() -> None:
    assert medians(Queue(line(2), (Server(1, (Held(40.0),), pace=2.0),), HUNDRED)) == [160, 360]


def test_nobody_can_say_anything_without_servers_room_or_skill() -> None:
    for servers in ((), (Server(0),), (Server(2, shifts=()),)):
        assert medians(Queue(line(2), servers, HUNDRED)) == [inf, inf]
    assert medians(Queue(line(1, able=0), (Server(1),), HUNDRED)) == [inf]
    assert simulate.waits(Queue((), (Server(1),), HUNDRED)).shape == (simulate.PATHS, 0)


def test_without_a_past_nobody_knows_when_one_ends() -> None:
    assert medians(Queue(line(1), (Server(1, (Held(1.0),)),), Habits((np.zeros(0),)))) == [inf]


def test_breaks_late_starts_and_ends_of_shifts_are_waited_for() -> None:
    late = Server(1, shifts=((50.0, 120.0), (500.0, inf)))
    assert medians(Queue(line(3), (late,), HUNDRED)) == [50, 500, 600]
    assert medians(Queue(line(2), (Server(1, (Held(50.0),), shifts=((0.0, 40.0),)),), HUNDRED)) == [inf, inf]


def test_who_cannot_be_served_lets_others_pass() -> None:
    waiters = (Waiter("es", 0.0, 0.0, 0b10), Waiter("any", 1.0, 0.0, 0b11))
    servers = (Server(1, (Held(90.0),)), Server(1, (Held(10.0),)))
    assert medians(Queue(waiters, servers, HUNDRED)) == [90, 10]


def test_a_heavy_one_waits_for_all_its_room_and_lighter_ones_pass() -> None:
    server = Server(2, (Held(90.0), Held(50.0)))
    waiters = (Waiter("heavy", 0.0, 0.0, 1, weight=2.0), Waiter("light", 1.0, 0.0, 1))
    assert medians(Queue(waiters, (server,), HUNDRED)) == [110, 10]
    assert medians(Queue((Waiter("huge", 0.0, 0.0, 1, weight=9.0),), (server,), HUNDRED)) == [50]


def test_who_holds_more_than_they_have_room_for_makes_none_at_first() -> None:
    assert medians(Queue(line(1), (Server(1, (Held(90.0), Held(20.0))),), HUNDRED)) == [80]


def test_those_who_leave_make_room_and_are_followed_all_the_same() -> None:
    gone = Patience(np.array([5.0]), np.array([0.0]))
    assert medians(Queue(line(3), (Server(1, (Held(40.0),)),), Habits((np.array([100.0]),), gone))) == [60, 60, 60]


def test_a_newcomer_is_told_without_being_served() -> None:
    waiters = (Waiter("ghost", -1.0, 0.0, 1, phantom=True), *line(1))
    assert medians(Queue(waiters, (Server(1, (Held(40.0),)),), HUNDRED)) == [60, 60]


def test_more_urgent_customers_to_come_make_the_wait_longer_for_those_they_pass() -> None:
    servers = (Server(1, (Held(40.0),)),)
    many = Overtakers(rate=1.0, ahead=-1000.0, able=1)
    assert medians(Queue(line(1), servers, HUNDRED, (many,)))[0] >= 160
    assert medians(Queue(line(1), servers, HUNDRED, (Overtakers(1.0, 10.0, 1),))) == [60]


def test_the_same_snapshot_gives_the_same_numbers() -> None:
    queue = Queue(line(5), (Server(2, (Held(5.0), Held(9.0))),), Habits((np.sort(np.random.default_rng(1).exponential(90, 200)),)))
    assert np.array_equal(simulate.waits(queue), simulate.waits(queue))


def test_who_has_waited_long_is_likelier_to_stay() -> None:
    curve = patience.fit(np.array([10.0, 20, 30, 40]), np.array([True, False, True, False]))
    assert curve.share.tolist() == [0.75, 0.375]
    left = patience.draw(curve, np.array([0.0, 25.0]), np.full((1, 2), 0.9))
    assert left.tolist() == [[10.0, 5.0]]
    assert patience.weight(curve, 35.0) == pytest.approx(1 / 0.375)
    assert patience.fit(np.array([5.0]), np.array([False])) .after.size == 0
    assert np.isinf(patience.draw(Patience(), np.zeros(2), np.ones((3, 2)))).all()


def test_the_last_one_who_waits_and_leaves_does_not_speak_for_all() -> None:
    waited = np.append(np.linspace(1, 600, 1000), 900.0)
    curve = patience.fit(waited, np.append(np.arange(1000) % 10 == 0, True))
    assert curve.share[-1] > 0.5
    willing = patience.draw(curve, np.full(1, 900.0), np.linspace(0.05, 0.95, 19)[:, None])
    assert np.median(willing) > 100


def test_what_lasted_long_is_drawn_from_what_lasted_longer() -> None:
    times, of, half = handling.Times([np.zeros(0), np.array([10.0, 50, 100])]), np.ones((2, 1), int), np.full((2, 1), 0.5)
    first, beyond = times.left(of, np.array([[60.0], [500.0]]), np.ones((2, 1)), half)[:, 0].tolist()
    assert first == 40
    assert 0 < beyond < inf
    assert times.left(of * 0, half, half, half).tolist() == [[inf], [inf]]


def test_a_pace_is_believed_the_more_the_more_was_seen() -> None:
    assert handling.paces({"new": [np.log(2)], "old": [np.log(2)] * 980})["new"] == pytest.approx(2 ** (1 / 21))
    assert handling.paces({"old": [np.log(2)] * 980})["old"] == pytest.approx(2**0.98)


def test_habits_of_no_past_are_empty() -> None:
    known = learn([], [], 2)
    assert [times.tolist() for times in known.habits.handling] == [[], []]
    assert learn([Finished(0, "ann", 60.0, True)], [Waited(5.0, True)], 2).habits.handling[1].tolist() == [60.0]


def test_erlang_is_nothing_without_anybody_and_longer_further_back() -> None:
    assert np.isinf(erlang.waits(1, 0, 60, inf)).all()
    assert erlang.waits(1, 6, 60, inf).mean() == pytest.approx(10, rel=0.15)
    assert erlang.waits(5, 6, 60, inf).mean() == pytest.approx(50, rel=0.15)
    assert erlang.waits(5, 6, 60, 60).mean() < erlang.waits(5, 6, 60, inf).mean()


def test_a_missed_range_grows_and_weights_count() -> None:
    spread, stretch = conformal.Spread(100, 60, 95, 150), conformal.Stretch(1.0, 1.0)
    missed, held = stretch.learn(spread, 500), stretch.learn(spread, 100)
    assert missed.high > 1 > held.high
    assert stretch.learn(spread, 500, 3.0).high > missed.high
    assert stretch.learn(conformal.Spread(inf, 1, 2, inf), 5) == stretch


def test_paths_that_never_end_leave_a_range_that_can_be_said() -> None:
    draws = np.concatenate([np.arange(95.0), np.full(5, inf)])[:, None]
    spread = conformal.spreads(draws)[0]
    assert spread.mean < spread.high == 90
    assert conformal.Stretch(2.0, 2.0).over(spread).high < inf
    assert conformal.spreads(np.full((10, 1), inf))[0].high == inf


def test_a_promise_moves_later_only_when_nearly_broken_and_earlier_only_by_much() -> None:
    assert refresh.moved(300, refresh.Ahead(sure=900, holds=0.1)) is None
    assert refresh.moved(30, refresh.Ahead(sure=90, holds=0.5)) == 90
    assert refresh.moved(30, refresh.Ahead(sure=90, holds=0.95)) is None
    assert refresh.moved(-30, refresh.Ahead(sure=90, holds=0.0)) == 90
    assert refresh.moved(400, refresh.Ahead(sure=310, holds=1.0)) is None
    assert refresh.moved(400, refresh.Ahead(sure=200, holds=1.0)) == 200


@pytest.mark.parametrize(("low", "high", "said"), [(0, 20, (1, 1)), (130, 200, (2, 4)), (130, 290, (2, 5)), (400, 700, (5, 15)), (0, 1200, (1, 20))])
def test_minutes_are_those_people_say(low: float, high: float, said: tuple[int, int]) -> None:
    assert minutes(low, high) == said


def test_above_twenty_minutes_no_minutes_are_said_and_time_that_went_by_counts() -> None:
    told = Forecast(3, 600, 1300, NOON, NOON)
    assert (in_words(told, NOON)["too_long"], in_words(told, NOON)["within"]) == (True, None)
    assert in_words(told, NOON + timedelta(minutes=5))["within"] == 20
    assert in_words(told, NOON + timedelta(hours=5))["high"] == 1
    assert not any(in_words(None, NOON).values())


@pytest.mark.parametrize(("high", "promised", "read"), [
    (240, 5, (1, 4, 5)), (240, 3, (1, 3, 3)), (610, 11, (1, 11, 11)), (600, 8, (1, 8, 8)),
    (240, 2, (1, 4, None)), (900, 8, (1, 15, None)), (240, 0, (1, 4, None)), (90, 1, (1, 1, None)),
], ids=["agree", "a little beyond", "by rounding", "a quarter beyond", "far beyond", "far beyond a later one", "its time is up", "a minute"])
def test_a_range_and_a_promise_never_contradict_each_other(high: float, promised: int, read: tuple[int, int, int | None]) -> None:
    """In minutes; what was said of the promise before stands until it moves, but is not repeated beside a range that goes far beyond it."""
    told = in_words(Forecast(1, 30.0, high, NOON + timedelta(minutes=promised), NOON), NOON)
    assert (told["low"], told["high"], told["promised_at"] and (told["promised_at"] - NOON).seconds // 60) == read
    # An end that moves with the clock alone is no news: check-ins go by this.
    assert told["within"] == (told["high"] if told["high"] == words.said(high) else None)


def test_a_promise_is_a_round_clock_time_also_when_the_clocks_change() -> None:
    berlin = datetime(2026, 3, 29, 1, 58, 20, tzinfo=ZoneInfo("Europe/Berlin"))
    assert promise(berlin, 100).astimezone(ZoneInfo("Europe/Berlin")).strftime("%H:%M") == "03:00"
    assert promise(NOON, 0) == NOON
    assert promise(NOON, 61) == NOON + timedelta(minutes=2)
    assert promise(NOON, 601) == NOON + timedelta(minutes=15)
    assert promise(NOON, -5) == NOON


def test_the_place_is_that_of_a_brute_force() -> None:
    chance = Random(5)
    for case in (places.case(chance) for _ in range(500)):
        assert place.order(*case, places.NOON) == places.brute_force(*case)


def test_a_simulated_team_is_foretold_better_than_by_the_last_wait() -> None:
    small = SETTINGS["tiny"]
    seer = play(Setting(small.scenario.__class__(agents=4, capacity=2, load=0.95, days=8), 4, 0.5), "first-come", 3)
    found = scores([each for each in seer.told if each.scored])
    assert found["ratio"] < 0.8
    assert found["within"]["value"] > 0.6
    assert scores([]) == {"customers": 0}


def test_a_log_of_ones_own_is_replayed(tmp_path: Path) -> None:
    rows = ["arrive,start,end,leave,team,agent,on,off,kind"]
    for number in range(600):
        start = number * 60
        rows.append(f"{max(start - number % 7 * 20, 0)},{start},{start + 50 + number % 11},,care,ann,,,")
    (tmp_path / "log.csv").write_text("\n".join([*rows, ",,,,care,ann,0,36000,"]))
    seer = replay.play(log.read(tmp_path / "log.csv")["care"], 1)
    assert scores(seer.told)["customers"] > 100


@pytest.mark.parametrize(("row", "wrong"), [
    ('{"arrive": "2026-01-01T10:00", "start": "2026-01-01T09:00", "end": "2026-01-01T10:10", "agent": "a"}', "line 2: the clock runs backwards"),
    ('{"arrive": "noon", "leave": 5}', "line 2: `arrive` is no time"),
    ('{"arrive": true, "leave": 5}', "line 2: `arrive` is no time"),
    ('{"arrive": 1}', "line 2: a visit has either"),
    ('{"arrive": 1, "start": 2, "end": 3}', "line 2: a row with `start` names its `agent`"),
    ('{"on": 5, "agent": "a"}', "line 2: `on` and `off` belong together"),
    ("[]", "line 2: not a JSON object"), ("{", "line 2: Expecting"),
], ids=["backwards", "no time", "a boolean", "no end", "no agent", "no off", "no object", "no JSON"])  # fmt: skip
def test_a_bad_row_of_a_log_is_refused_with_its_line(tmp_path: Path, row: str, wrong: str) -> None:
    (tmp_path / "log.jsonl").write_text('{"arrive": 1, "leave": 5}\n' + row + "\n")
    with pytest.raises(ValueError, match=r"log\.jsonl, ") as refused:
        log.read(tmp_path / "log.jsonl")
    assert wrong in str(refused.value)


def test_who_is_always_here_needs_no_plan() -> None:
    assert Server(1).shifts == ALWAYS


def test_a_day_ends_though_somebody_is_left_in_line_whom_nobody_comes_back_for() -> None:
    plan = ((0.0, 50.0),)
    day = ShopDay(np.array([10.0, 20.0]), np.array([100.0, 100.0]), np.array([inf, inf]), np.zeros(2, int), np.zeros(2, int), (plan,), (plan,))
    crew, seer = Crew(np.ones(1), np.ones((1, 1), bool)), Seer(1.0, False, np.random.default_rng(0), 1)
    seer.begin_day(scoring=True)
    shop = Shop(day, Scenario(agents=1, capacity=1, load=1.0, days=1), ORDERS["first-come"], crew, seer)
    shop.run()
    assert shop.waits.tolist() == [0, inf]
