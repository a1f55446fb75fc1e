"""Plays one team under one order of the queue, foretelling as it goes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from handoffs.evaluation.call_centre import Scenario
from handoffs.evaluation.dispatch import RULES
from handoffs.evaluation.floor import Rule
from handoffs.evaluation.queueing.bank import BANK, bank_crew, bank_day, bank_truth
from handoffs.evaluation.queueing.days import KINDS, Crew, ShopDay, crew, shop_day, truth
from handoffs.evaluation.queueing.seer import Seer
from handoffs.evaluation.queueing.shop import Shop
from handoffs.waiting.past import Known

ORDERS: dict[str, Rule] = {"first-come": RULES["first_come"], "due-date": RULES["ours"]}


@dataclass(frozen=True)
class Setting:
    """A team; days it learns before those that are scored; the share of the waits of those who never leave that are foretold (of the others'
    a quarter of it); and in which half hours promises are looked at each minute, one in so many."""

    scenario: Scenario
    learning: int
    share: float
    followed: int = 1
    crew: Callable[[Scenario, np.random.Generator], Crew] = crew
    day: Callable[[Scenario, np.random.Generator], ShopDay] = shop_day
    truth: Callable[[Scenario, Crew], Known] = truth


SETTINGS = {
    "tiny": Setting(Scenario(agents=4, capacity=2, load=0.92, days=80), 20, 0.5),
    "small": Setting(Scenario(agents=10, capacity=3, load=0.95, days=30), 10, 0.5, 2),
    "mid": Setting(Scenario(agents=30, capacity=3, load=0.97, days=20), 6, 0.15, 3),
    "surge": Setting(Scenario(agents=10, capacity=3, load=0.86, days=30, surge=1.6), 10, 0.5, 2),
    "large": Setting(Scenario(agents=100, capacity=3, load=0.98, days=8), 5, 0.04, 8),
    "bank": Setting(BANK, 10, 1.0, 1, bank_crew, bank_day, bank_truth),
}


def play(setting: Setting, order: str, seed: int) -> Seer:
    """The same seed gives the same days, the same people and the same figures."""
    rng = np.random.default_rng(seed)
    people = setting.crew(setting.scenario, rng)
    seer = Seer(setting.share, order == "due-date", np.random.default_rng([seed, 1]), len(KINDS), followed=setting.followed,
                truth=setting.truth(setting.scenario, people))
    for number in range(setting.learning + setting.scenario.days):
        day = setting.day(setting.scenario, rng)
        seer.begin_day(number >= setting.learning)
        Shop(day, setting.scenario, ORDERS[order], people, seer).run()
    return seer
