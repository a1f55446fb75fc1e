"""The queue's order and the choice of agents: what must hold for any line, and the simulation that runs the same code."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from random import Random

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from handoffs import dispatch
from handoffs.dispatch import Free, Line, Place, Waiting
from handoffs.evaluation.call_centre import Scenario, day
from handoffs.evaluation.dispatch import RULES, SCENARIOS, SHARES
from handoffs.evaluation.floor import Floor

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TEAMS, TONGUES = ("billing", "fraud", "general"), ("", "es", "pt")
SMALL = Scenario(agents=2, capacity=2, load=1.1, days=1)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def line_of(chance: Random, count: int = 40) -> list[Waiting]:
    return [Waiting(f"h{number:02}", chance.choice(TEAMS), NOON - seconds(chance.randrange(600)), NOON - seconds(chance.randrange(900)), chance.choice(TONGUES),
                    {"photos": 2} if chance.random() < 0.2 else {},
                    chance.choice((0.5, 1.0, 2.0)), frozenset(f"a{chance.randrange(9)}" for _ in range(chance.randrange(3)))) for number in range(count)]


def agents_of(chance: Random, count: int = 9) -> list[Free]:
    return [Free(f"a{number}", frozenset(chance.sample(TEAMS, 2)), 4, chance.randrange(5), NOON - seconds(chance.randrange(3)),
                 {code: chance.randrange(1, 6) for code in chance.sample(TONGUES[1:], chance.randrange(3))},
                 {"photos": chance.randrange(4)}) for number in range(count)]


@pytest.mark.parametrize("seed", range(30))
def test_no_handoff_waits_that_a_free_agent_could_take(seed: int) -> None:
    chance = Random(seed)
    line, agents = line_of(chance), agents_of(chance)
    pairs = dict(dispatch.choose(line, agents, NOON))
    weights = {handoff.id: handoff.weight for handoff in line}
    room = {agent.id: agent.capacity - agent.load - sum(weights[handoff] for handoff, who in pairs.items() if who == agent.id) for agent in agents}
    able = {(handoff.id, agent.id) for handoff in line for agent in agents if agent.may_take(handoff)}
    missed = {(handoff, agent) for handoff, agent in able if handoff not in pairs and room[agent] >= weights[handoff]}
    assert set(pairs.items()) <= able
    assert min(room.values()) >= 0
    assert missed == set()


@pytest.mark.parametrize("seed", range(10))
def test_the_choice_is_the_same_whatever_the_order_of_what_is_given(seed: int) -> None:
    chance = Random(seed)
    line, agents = line_of(chance), agents_of(chance)
    expected = dispatch.choose(line, agents, NOON)
    assert dispatch.choose(chance.sample(line, len(line)), chance.sample(agents, len(agents)), NOON) == expected


def test_the_least_loaded_gets_it_then_who_has_waited_longest_for_work() -> None:
    one = [Waiting("h", "billing", NOON, NOON)]
    team = frozenset(["billing"])
    busy, late, early = Free("busy", team, 4, 2), Free("late", team, 4, 1, NOON), Free("early", team, 4, 1, NOON - seconds(60))
    assert dispatch.choose(one, [busy, late, early], NOON) == (("h", "early"),)
    assert dispatch.choose(one, [busy, late], NOON) == (("h", "late"),)


@pytest.mark.parametrize("agent", [
    Free("gone", frozenset(["billing"]), until=NOON),
    Free("full", frozenset(["billing"]), 2, 2),
    Free("stranger", frozenset(["fraud"])),
    Free("other tongue", frozenset(["billing"]), languages={"de": 5}),
    Free("few words", frozenset(["billing"]), languages={"de": 5, "es": dispatch.FLUENT - 1}),
    Free("beginner", frozenset(["billing"]), skills={"photos": 1}),
], ids=lambda agent: agent.id)  # fmt: skip
def test_nobody_gets_what_they_may_not_take(agent: Free) -> None:
    handoff = Waiting("h", "billing", NOON, NOON, "es", {"photos": 2})
    assert dispatch.choose([handoff], [replace(agent, skills=agent.skills or {"photos": 3})], NOON) == ()


def test_what_is_heavier_than_a_whole_room_fills_it() -> None:
    heavy, small = Waiting("h", "billing", NOON, NOON, weight=3), Free("small", frozenset(["billing"]), 2)
    assert dispatch.choose([heavy, replace(heavy, id="later")], [small], NOON) == (("h", "small"),)
    assert dispatch.choose([heavy], [replace(small, load=0.5)], NOON) == ()


def test_of_the_skills_of_an_agent_only_what_can_be_read_counts() -> None:
    assert dispatch.levels({"Photos": 3, "law": "high", "cards": 9, "tax": True, "es": 4}) == {"photos": 3, "es": 4}
    assert dispatch.levels(["photos"]) == {}


def test_the_head_start_grows_with_urgency_and_load() -> None:
    quiet, busy = Line(4, seconds(60)), Line(4, seconds(600))
    assert [dispatch.head_start(priority, Line()) for priority in (1, 2, 3, 4)] == [timedelta(0)] * 4
    starts = [dispatch.head_start(priority, busy) for priority in (1, 2, 3, 4)]
    assert starts == sorted(starts, reverse=True)
    assert starts[-1] == timedelta(0)
    assert dispatch.head_start(3, quiet) < dispatch.head_start(3, busy)


def test_the_most_urgent_goes_ahead_of_all_who_wait_by_arrival() -> None:
    for waiting, longest in ((1, 1), (3, 40), (200, 3600)):
        oldest = dispatch.rank_at(NOON - seconds(longest), 4, 300, Line())
        assert dispatch.rank_at(NOON, 1, 300, Line(waiting, seconds(longest))) < oldest


def test_equals_stay_in_order_of_arrival() -> None:
    behind = dispatch.rank_at(NOON, 1, 300, Line(3, seconds(100)))
    assert dispatch.rank_at(NOON + seconds(60), 1, 300, Line(4, seconds(160), behind)) > behind


@pytest.mark.parametrize(("place", "words"), [
    (Place(NOON, NOON, NOON + seconds(300), 300), ""),
    (Place(NOON, NOON, NOON + seconds(180), 300, "angry"), "Angry, so 2 min ahead"),
    (Place(NOON, NOON, NOON + seconds(255), 300, "business customer"), "Business customer, so 45 s ahead"),
    (Place(NOON, NOON + seconds(400), NOON - seconds(1), 300), "Waited before, so ahead of newer ones"),
    (Place(NOON, NOON + seconds(400), dispatch.passed(NOON) - seconds(1), 300), "Waited before, so ahead of newer ones"),
    (Place(NOON, NOON, dispatch.passed(NOON), 300), "Next, overtaken as often as one may be"),
    (Place(NOON, NOON, NOON - seconds(9000), 300, called_back=True), "Called back, so ahead of newer ones"),
    (Place(NOON, NOON, NOON + seconds(300), 300, called_back=True), ""),
])  # fmt: skip
def test_the_card_says_why_here(place: Place, words: str) -> None:
    assert dispatch.why(place) == words


@pytest.mark.parametrize("seed", range(4))
def test_nobody_is_overtaken_more_often_than_the_limit(seed: int) -> None:
    chance = np.random.default_rng(seed)
    played = day(SMALL, (0.5, 0.3, 0.2), chance)
    ours, unlimited = Floor(played, SMALL, RULES["ours"]).run(), Floor(played, SMALL, replace(RULES["ours"], limited=False)).run()
    assert ours.overtaken.max() <= dispatch.limit(ours.longest_line)
    assert unlimited.overtaken.max() > ours.overtaken.max()


def test_a_simulated_day_serves_or_loses_everybody_and_is_the_same_each_time() -> None:
    played = day(SMALL, SHARES, np.random.default_rng(5))
    first, again = (Floor(played, SMALL, RULES["ours"]).run() for _ in range(2))
    assert first.waits.tolist() == again.waits.tolist()
    assert first.line == {}
    assert len(first.started) + first.left.sum() == len(played.arrived)
    assert (first.waits <= played.patience + 1e-6).all()


def test_first_come_overtakes_nobody_and_newest_first_makes_the_longest_wait_longer() -> None:
    played = day(SMALL, SHARES, np.random.default_rng(6))
    first_come, newest = (Floor(played, SMALL, RULES[name]).run() for name in ("first_come", "newest"))
    assert first_come.overtaken.max() == 0
    assert newest.waits.max() > first_come.waits.max()


def test_the_simulation_is_measured_by_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SCENARIOS, "tiny", Scenario(agents=1, capacity=2, load=1.0, days=2))
    figures = []
    for seed in (1, 1, 2):
        out = StringIO()
        call_command("evaluate", "dispatch", "--scenario", "tiny", "--seed", str(seed), "--json", stdout=out)
        figures.append(json.loads(out.getvalue()))
    assert figures[0] == figures[1] != figures[2]
    assert figures[0]["strict_kept"]["value"] == 1
    assert figures[0]["ours_kept"]["low"] <= figures[0]["ours_kept"]["value"] <= figures[0]["ours_kept"]["high"]


def test_an_unknown_scenario_is_refused() -> None:
    with pytest.raises(CommandError, match="tiny, small, mid, surge"):
        call_command("evaluate", "dispatch", "--scenario", "huge")
