"""How many of a draft policy's answers would be wrong, from judged ones on both sides of the limit in force. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from handoffs.learned.calibration import TWO_SIDED, wilson

# Customers are drawn and counted in so many groups, by their name: as single customers while there are fewer.
GROUPS = 400


@dataclass(frozen=True)
class Share:
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def plain(self) -> dict[str, float]:
        return {"value": round(self.value, 6), "low": round(self.low, 6), "high": round(self.high, 6)}


class Side:
    """Answers of one kind, `answers` of them, and sums over those a person judged: drawn at random with known chances.

    Customers are told apart by groups of a fixed number, so that the sums stay small however many answers were judged.
    """

    def __init__(self) -> None:
        self.answers = self.judged = 0
        self.squares = 0.0
        self.weights, self.wrong = np.zeros(GROUPS), np.zeros(GROUPS)

    def add(self, wrong: bool, customer: str, chance: float = 1.0) -> None:
        """A judged answer to this customer, which had this chance to be drawn."""
        group, weight = group_of(customer), 1 / chance
        self.judged += 1
        self.squares += weight * weight
        self.weights[group] += weight
        self.wrong[group] += weight * wrong


def group_of(customer: str) -> int:
    return crc32(customer.encode("utf-8", "replace")) % GROUPS


def wrong_share(sides: Sequence[Side]) -> Share | None:
    """The share wrong of all answers on all sides, for customers like these; None where a side with answers has no judged one.

    Within a side: the weighted share, and Wilson's interval at the effective number of judged answers, which counts unequal weights and
    several answers for one customer (linearised variance by customer). The sides' intervals are put together by their distances from
    the estimate (MOVER, Zou and Donner 2008), with the chance in the sides' sizes as one more part.
    """
    given = [side for side in sides if side.answers]
    total = sum(side.answers for side in given)
    if not total or any(not side.judged for side in given):
        return None
    parts = [(side.answers / total, _one_side(side)) for side in given]
    value = sum(part * share.value for part, share in parts)
    sizes = TWO_SIDED**2 * sum(part * (share.value - value) ** 2 for part, share in parts) / total
    below = sum((part * (share.value - share.low)) ** 2 for part, share in parts) + sizes
    above = sum((part * (share.high - share.value)) ** 2 for part, share in parts) + sizes
    return Share(value, max(0.0, value - below**0.5), min(1.0, value + above**0.5))


def _one_side(side: Side) -> Share:
    value = float(side.wrong.sum() / side.weights.sum())
    count = side.judged / _design_effect(side, value)
    low, high = wilson(value * count, count)
    return Share(value, min(low, value), max(high, value))


def _design_effect(side: Side, value: float) -> float:
    """How many judged answers are worth one independent one with an equal weight; never under what the weights alone cost (Kish 1965)."""
    squared = float(side.weights.sum()) ** 2
    unequal = side.judged * side.squares / squared
    if not 0 < value < 1:
        return unequal
    variance = float(((side.wrong - value * side.weights) ** 2).sum()) / squared
    return max(unequal, variance * side.judged / (value * (1 - value)))
