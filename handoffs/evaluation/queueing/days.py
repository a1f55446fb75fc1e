"""Days of a team that is not all alike: several skills, agents of different pace with breaks and late starts, busier and quieter days.

Handle times, patience and the hours' profile are those of a real call centre (`evaluation.call_centre`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from handoffs.evaluation.call_centre import ARRIVALS, HOUR, SERVICE, Day, Numbers, Scenario, patience, seconds
from handoffs.waiting import patience as willing
from handoffs.waiting.past import Known
from handoffs.waiting.snapshot import Habits

TIERS = (0.10, 0.25, 0.65)
# Customers who never leave: by them a wait is seen whole.
NEVER_LEAVE = 0.2
# What customers need, as kinds of calls of the call centre; each agent knows the first, and others by this chance.
KINDS, KNOWS = (0, 1, 2), 0.6
OPEN, CLOSE = 0.0, 12.0 * HOUR
# Whoever stays to the end serves whom the evening left in line.
STAY = 4.0 * HOUR
# Standard deviations of the logarithm: of agents' pace, of a day's customers, of an hour's.
PACE, DAYS, HOURS = 0.2, 0.15, 0.1
# A conversation held beside others goes slower; on its own, and with all places taken.
ALONE, FULL = 0.8, 1.1
# What is left of a day of twelve hours after breaks, late starts and early ends.
PRESENT = 0.83
# Seconds by which people come back from a break earlier or later than planned.
LATE = 90.0
# Of what an endless past would say so many are drawn.
DRAWN = 5000
Spans = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Crew:
    """The agents: pace, and kinds they know (agents, kinds)."""

    pace: Numbers
    knows: NDArray[np.bool_]


@dataclass(frozen=True)
class ShopDay(Day):
    """A day with the kind of each customer, and when each agent begins something new: as planned, and as it was."""

    kind: NDArray[np.int64]
    plan: tuple[Spans, ...]
    true: tuple[Spans, ...]


def crew(scenario: Scenario, rng: np.random.Generator) -> Crew:
    knows = rng.random((scenario.agents, len(KINDS))) < KNOWS
    knows[:, 0] = True
    for kind in range(1, len(KINDS)):
        knows[rng.choice(scenario.agents, 2, replace=False), kind] = True
    return Crew(np.exp(PACE * rng.standard_normal(scenario.agents)), knows)


def shop_day(scenario: Scenario, rng: np.random.Generator) -> ShopDay:
    share = SERVICE[list(KINDS), 0] / SERVICE[list(KINDS), 0].sum()
    sample = np.random.default_rng(0)
    usual = float(sum(part * seconds(np.full(20_000, kind), sample.standard_normal(20_000)).mean() for part, kind in zip(share, KINDS, strict=True)))
    arrived = _arrivals(scenario, usual, rng)
    count = len(arrived)
    kind = rng.choice(KINDS, count, p=share)
    willing = np.where(rng.random(count) < NEVER_LEAVE, np.inf, scenario.capacity * patience(count, rng))
    plans = [_plan(rng) for _ in range(scenario.agents)]
    return ShopDay(arrived, scenario.capacity * seconds(kind, rng.standard_normal(count)), willing, rng.choice(len(TIERS), count, p=TIERS), kind,
                   tuple(plans), tuple(_as_it_was(plan, rng) for plan in plans))


def _arrivals(scenario: Scenario, usual: float, rng: np.random.Generator) -> Numbers:
    rates = ARRIVALS / ARRIVALS.mean() * scenario.load * scenario.agents * PRESENT / (usual * FULL) * HOUR
    rates = rates * np.exp(DAYS * rng.standard_normal() + HOURS * rng.standard_normal(len(rates)))
    rates[scenario.surge_at] *= scenario.surge
    hours = np.repeat(np.arange(len(rates)), rng.poisson(rates))
    return np.sort((hours + rng.random(len(hours))) * HOUR)


def _plan(rng: np.random.Generator) -> Spans:
    """Twelve hours less a lunch and two short breaks; three in ten begin later, three in ten end earlier."""
    begin = OPEN if rng.random() < 0.7 else rng.uniform(0, 2.5) * HOUR
    end = CLOSE + STAY if rng.random() < 0.7 else CLOSE - rng.uniform(0, 3) * HOUR
    lunch, first, second = rng.uniform(3.5, 6) * HOUR, rng.uniform(1, 3) * HOUR, rng.uniform(7.5, 10.5) * HOUR
    breaks = sorted(((lunch, lunch + 0.75 * HOUR), (first, first + 0.25 * HOUR), (second, second + 0.25 * HOUR)))
    edges = [begin, *(edge for pair in breaks if begin < pair[0] and pair[1] < end for edge in pair), end]
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def _as_it_was(plan: Spans, rng: np.random.Generator) -> Spans:
    edges = np.array(plan).ravel()
    moved = np.maximum.accumulate(np.maximum(edges + LATE * rng.standard_normal(len(edges)) * (edges > OPEN), 0.0))
    return tuple(zip(moved[::2].tolist(), moved[1::2].tolist(), strict=True))


def truth(scenario: Scenario, people: Crew) -> Known:
    """What an endless past would teach: of busy hours, in which everybody's places are taken."""
    return endless(people, scenario.capacity * FULL, scenario.capacity, NEVER_LEAVE)


def endless(people: Crew, times: float, patient: float, never: float) -> Known:
    """Times of service and patience so many times as long as the call centre's; a share who never leave."""
    rng = np.random.default_rng(0)
    handling = tuple(np.sort(times * seconds(np.full(DRAWN, kind), rng.standard_normal(DRAWN))) for kind in KINDS)
    leave = np.where(rng.random(DRAWN) < never, np.inf, patient * patience(DRAWN, rng))
    habits = Habits(handling, willing.fit(np.minimum(leave, CLOSE), leave < CLOSE))
    return Known(habits, {f"{number:03}": float(pace) for number, pace in enumerate(people.pace)}, DRAWN)
