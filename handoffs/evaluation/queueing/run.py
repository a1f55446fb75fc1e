"""Plays one team under one order of the queue, foretelling as it goes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from handoffs.evaluation.call_centre import Scenario
from handoffs.evaluation.dispatch import RULES
from handoffs.evaluation.floor import Rule
from handoffs.evaluation.queueing.bank import BANK, bank_crew, bank_day
from handoffs.evaluation.queueing.days import KINDS, Crew, ShopDay, crew, shop_day
from handoffs.evaluation.queueing.seer import Seer
from handoffs.evaluation.queueing.shop import Shop

ORDERS: dict[str, Rule] = {"first-come": RULES["first_come"], "due-date": RULES["ours"]}


@dataclass(frozen=True)
class Setting:
    """A team; days it learns before those that are scored; and the share of its waits that are foretold."""

    scenario: Scenario
    learning: int
    share: float
    crew: Callable[[Scenario, np.random.Generator], Crew] = crew
    day: Callable[[Scenario, np.random.Generator], ShopDay] = shop_day


SETTINGS = {
    "tiny": Setting(Scenario(agents=4, capacity=2, load=0.92, days=80), 20, 0.5),
    "small": Setting(Scenario(agents=10, capacity=3, load=0.95, days=30), 10, 0.5),
    "mid": Setting(Scenario(agents=30, capacity=3, load=0.97, days=16), 6, 0.2),
    "surge": Setting(Scenario(agents=10, capacity=3, load=0.86, days=30, surge=1.6), 10, 0.5),
    "large": Setting(Scenario(agents=100, capacity=3, load=0.98, days=5), 2, 0.05),
    "bank": Setting(BANK, 10, 1.0, bank_crew, bank_day),
}


def play(setting: Setting, order: str, seed: int) -> Seer:
    """The same seed gives the same days, the same people and the same figures."""
    rng = np.random.default_rng(seed)
    people, seer = setting.crew(setting.scenario, rng), Seer(setting.share, order == "due-date", np.random.default_rng([seed, 1]), len(KINDS))
    for number in range(setting.learning + setting.scenario.days):
        day = setting.day(setting.scenario, rng)
        seer.begin_day(number >= setting.learning)
        Shop(day, setting.scenario, ORDERS[order], people, seer).run()
    return seer
