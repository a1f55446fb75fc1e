"""How many of a draft policy's answers would be wrong, from judged ones on both sides of the limit in force. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.stats import t as student

from handoffs.learned.calibration import Numbers, wilson

FEWEST = 30


@dataclass(frozen=True)
class Share:
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def plain(self) -> dict[str, float]:
        return {"value": round(self.value, 6), "low": round(self.low, 6), "high": round(self.high, 6)}


@dataclass
class Side:
    """Answers of one kind, `answers` of them, and those a person judged: drawn at random with known chances.

    An entry a judged answer: `weight` is one over its chance to be drawn, `customer` any key of who it was for.
    """

    answers: int = 0
    wrong: list[bool] = field(default_factory=list)
    weight: list[float] = field(default_factory=list)
    customer: list[Any] = field(default_factory=list)

    def add(self, wrong: bool, customer: Any, chance: float = 1.0) -> None:
        self.wrong.append(wrong)
        self.weight.append(1 / chance)
        self.customer.append(customer)


def wrong_share(sides: Sequence[Side]) -> Share | None:
    """The share wrong of all answers on all sides, for customers like these; None where a side with answers has no judged one.

    Within a side: the weighted share, and Wilson's interval at the effective number of judged answers, which counts unequal weights and
    several answers for one customer (linearised variance by customer), at Student's quantile. The sides' intervals are put together by
    their distances from the estimate (MOVER, Zou and Donner 2008), with the chance in the sides' sizes as one more part.
    """
    given = [side for side in sides if side.answers]
    total = sum(side.answers for side in given)
    if not total or any(not side.wrong for side in given):
        return None
    parts = [(side.answers / total, _one_side(side)) for side in given]
    value = sum(part * share.value for part, share in parts)
    sizes = 1.96**2 * sum(part * (share.value - value) ** 2 for part, share in parts) / total
    below = sum((part * (share.value - share.low)) ** 2 for part, share in parts) + sizes
    above = sum((part * (share.high - share.value)) ** 2 for part, share in parts) + sizes
    return Share(value, max(0.0, value - below**0.5), min(1.0, value + above**0.5))


def _one_side(side: Side) -> Share:
    wrong, weight = np.asarray(side.wrong, float), np.asarray(side.weight, float)
    value = float(np.average(wrong, weights=weight))
    customers = len(set(side.customer))
    count = len(wrong) / _design_effect(wrong, weight, side.customer, value)
    low, high = wilson(value * count, count, float(student.ppf(0.975, max(1, customers - 1))))
    return Share(value, min(low, value), max(high, value))


def _design_effect(wrong: Numbers, weight: Numbers, customers: Iterable[Any], value: float) -> float:
    """How many judged answers are worth one independent one with an equal weight; never under what the weights alone cost (Kish 1965)."""
    unequal = float(len(weight) * (weight**2).sum() / weight.sum() ** 2)
    if not 0 < value < 1:
        return unequal
    place = np.unique([str(customer) for customer in customers], return_inverse=True)[1]
    sums = np.bincount(place, weight * (wrong - value))
    variance = float((sums**2).sum() / weight.sum() ** 2)
    return max(unequal, variance * len(wrong) / (value * (1 - value)))
