"""A bank's call centre by its published figures: its hours, kinds of calls, service times and patience, one call at a time."""

import numpy as np

from handoffs.evaluation.call_centre import ARRIVALS, HOUR, SERVICE, Numbers, Scenario, patience, seconds
from handoffs.evaluation.queueing.days import CLOSE, KINDS, STAY, TIERS, Crew, ShopDay, Spans, endless
from handoffs.waiting.past import Known

# As many of its calls had to wait as in the figures: 54.5 %, of whom 21.8 % hung up; half of those who waited waited 50 s, one in ten 179 s.
BANK = Scenario(agents=7, capacity=1, load=1.15, days=40)
DAYS, HOURS = 0.1, 0.15
# So few never leave: by them a wait is seen whole.
NEVER_LEAVE = 0.1


def bank_crew(scenario: Scenario, rng: np.random.Generator) -> Crew:
    """Everybody takes every call."""
    return Crew(np.exp(0.15 * rng.standard_normal(scenario.agents)), np.ones((scenario.agents, len(KINDS)), bool))


def bank_truth(scenario: Scenario, people: Crew) -> Known:
    return endless(people, 1.0, 1.0, NEVER_LEAVE)


def bank_day(scenario: Scenario, rng: np.random.Generator) -> ShopDay:
    rates = ARRIVALS * scenario.load * np.exp(DAYS * rng.standard_normal() + HOURS * rng.standard_normal(len(ARRIVALS)))
    hours = np.repeat(np.arange(len(rates)), rng.poisson(rates))
    arrived: Numbers = np.sort((hours + rng.random(len(hours))) * HOUR)
    kind = rng.choice(KINDS, len(arrived), p=SERVICE[list(KINDS), 0] / SERVICE[list(KINDS), 0].sum())
    plan = tuple(_shift(number, scenario.agents) for number in range(scenario.agents))
    willing = np.where(rng.random(len(arrived)) < NEVER_LEAVE, np.inf, patience(len(arrived), rng))
    return ShopDay(arrived, seconds(kind, rng.standard_normal(len(arrived))), willing,
                   rng.choice(len(TIERS), len(arrived), p=TIERS), kind, plan, plan)


def _shift(number: int, agents: int) -> Spans:
    """As many are there each hour as the hour's calls ask for; those of the busiest hours alone come last."""
    busy = ARRIVALS / ARRIVALS.max() * agents >= number + 0.5
    edges = np.flatnonzero(np.diff(np.concatenate([[False], busy, [False]]))) * HOUR
    spans = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    return tuple((begin, end + STAY if end == CLOSE else end) for begin, end in spans)
