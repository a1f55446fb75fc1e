"""How well the queue's order keeps promises, in a simulation, against other orders and with the longest wait beside it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handoffs import dispatch
from handoffs.evaluation.call_centre import Numbers, Scenario, day
from handoffs.evaluation.files import Files
from handoffs.evaluation.floor import MORNING, Floor, Rule, breaches

SCENARIOS = {
    "tiny": Scenario(agents=4, capacity=2, load=0.92, days=100),
    "small": Scenario(agents=10, capacity=3, load=0.95, days=40),
    "mid": Scenario(agents=30, capacity=3, load=0.97, days=14),
    "surge": Scenario(agents=10, capacity=3, load=0.86, days=40, surge=1.6),
}
# Three tiers: their share of the customers, seconds promised, what a breach weighs, and the priority the product gives them.
SHARES, TARGETS, WEIGHTS, PRIORITIES = (0.10, 0.25, 0.65), np.array([60.0, 300, 900]), np.array([6.0, 2, 1]), (1, 3, 4)
PROMISE = int(TARGETS[-1])


def first_come(now: datetime, tier: int, line: dispatch.Line) -> datetime:
    return now


def strict(now: datetime, tier: int, line: dispatch.Line) -> datetime:
    return now + timedelta(days=tier)


def newest(now: datetime, tier: int, line: dispatch.Line) -> datetime:
    return MORNING - (now - MORNING)


def ours(now: datetime, tier: int, line: dispatch.Line) -> datetime:
    return dispatch.rank_at(now, PRIORITIES[tier], PROMISE, line)


RULES = {"first_come": Rule(first_come), "strict": Rule(strict), "newest": Rule(newest), "ours": Rule(ours, limited=True)}

Figure = Callable[[NDArray[np.bool_]], float]


class Dispatch:
    """First come first served, strict priority, newest first and ours on the same days: breaches by weight (leaving is one) and the longest wait.

    `kept` is the share of strict priority's gain over first come that ours keeps, `longest` its mean longest wait of a day over that of
    first come; each with a 95 % interval over the days (jackknife).
    """

    code = "dispatch"
    simulates = True

    def measure(self, files: Files) -> dict[str, Any]:
        if files.scenario not in SCENARIOS:
            raise ValueError(f"--scenario must be one of {', '.join(SCENARIOS)}")
        scenario, rng = SCENARIOS[files.scenario], np.random.default_rng(files.seed)
        days = [day(scenario, SHARES, rng) for _ in range(scenario.days)]
        floors = {name: [Floor(each, scenario, rule).run() for each in days] for name, rule in RULES.items()}
        return {"scenario": files.scenario, "seed": files.seed, "days": scenario.days, "customers": sum(len(each.arrived) for each in days),
                **_against_first_come(floors), **{name: _summary(played) for name, played in floors.items()}}


def _against_first_come(floors: dict[str, list[Floor]]) -> dict[str, Any]:
    lost = {name: np.array([breaches(floor, TARGETS, WEIGHTS).sum() for floor in played]) for name, played in floors.items()}
    most = {name: np.array([floor.waits.max(initial=0) for floor in played]) for name, played in floors.items()}
    found: dict[str, Any] = {}
    for name in ("strict", "newest", "ours"):
        found[f"{name}_breaches"] = _interval(_ratio(lost[name], lost["first_come"]), len(lost[name]))
        found[f"{name}_longest"] = _interval(_ratio(most[name], most["first_come"]), len(most[name]))
        found[f"{name}_kept"] = _interval(_ratio(lost["first_come"] - lost[name], lost["first_come"] - lost["strict"]), len(lost[name]))
    return found


def _ratio(above: Numbers, below: Numbers) -> Figure:
    """Of the sums over some days."""
    return lambda on: float(above[on].sum() / below[on].sum()) if below[on].sum() else 0.0


def _interval(figure: Figure, days: int) -> dict[str, float]:
    """The figure over all days, and its 95 % interval by leaving out one day after the other."""
    value, number = figure(np.ones(days, bool)), np.arange(days)
    without = np.array([figure(number != left_out) for left_out in number])
    half = 1.96 * float(np.sqrt((days - 1) * without.var()))
    return {"value": round(value, 4), "low": round(value - half, 4), "high": round(value + half, 4)}


def _summary(floors: list[Floor]) -> dict[str, Any]:
    waits, left = np.concatenate([floor.waits for floor in floors]), np.concatenate([floor.left for floor in floors])
    tier, lost = np.concatenate([floor.day.tier for floor in floors]), np.concatenate([breaches(floor, TARGETS, WEIGHTS) for floor in floors]) > 0
    return {
        "queued": round(float((waits > 0).mean()), 3), "left": round(float(left.mean()), 3), "mean_wait": round(float(waits.mean()), 1),
        "longest_wait": round(float(np.mean([floor.waits.max(initial=0) for floor in floors]))), "longest_of_all": round(float(waits.max())),
        "breaches_by_tier": [round(float(lost[tier == number].mean()), 3) for number in range(len(TARGETS))],
        "mean_wait_by_tier": [round(float(waits[tier == number].mean()), 1) for number in range(len(TARGETS))],
        "most_overtaken": int(max(floor.overtaken.max(initial=0) for floor in floors)),
    }
