"""Sums over replayed conversations, of a fixed size however many there are, and their bootstrap by customer."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handoffs.learned.calibration import wilson
from handoffs.learned.estimates import GROUPS, Share, group_of

DRAWS = 1000
Sums = NDArray[np.float64]


class Tally:
    """Counts by name and group of customers."""

    def __init__(self) -> None:
        self._sums: dict[Any, Sums] = defaultdict(lambda: np.zeros(GROUPS))
        self._draws: NDArray[np.float64] | None = None

    def add(self, name: Any, customer: str, amount: float = 1.0) -> None:
        self._sums[name][group_of(customer)] += amount

    def total(self, name: Any) -> float:
        return float(self._sums[name].sum()) if name in self._sums else 0.0

    def names(self, kind: str) -> list[Any]:
        """The names that are tuples beginning with `kind`."""
        return [name for name in self._sums if isinstance(name, tuple) and name[0] == kind]

    def groups(self) -> int:
        """How many groups have customers; as good as the number of customers while that is small."""
        return len(self._groups())

    def drawn(self, name: Any) -> Sums:
        """The total in each of the bootstrap's draws of customers."""
        return np.asarray(self._weights() @ self._sums[name], float) if name in self._sums else np.zeros(DRAWS)

    def share(self, part: Any, whole: Any) -> Share:
        """Part of whole with its interval; where none or all are part of it, and nothing varies, Wilson's."""
        low, high = self.interval(lambda of: of(part) / np.maximum(of(whole), 1e-9))
        count = self.total(whole)
        value = self.total(part) / count if count else 0.0
        if value in (0.0, 1.0):
            low, high = wilson(value * count, count)
        return Share(value, low, high)

    def difference(self, one: Any, other: Any, whole: Any) -> Share:
        """How much more of the whole `other` is than `one`."""
        count = self.total(whole)
        value = (self.total(other) - self.total(one)) / count if count else 0.0
        return Share(value, *self.interval(lambda of: (of(other) - of(one)) / np.maximum(of(whole), 1e-9)))

    def amount(self, name: Any, per: float = 1.0) -> Share:
        return Share(self.total(name) / per, *self.interval(lambda of: of(name) / per))

    def interval(self, measure: Callable[[Callable[[Any], Sums]], Sums]) -> tuple[float, float]:
        """The middle 95 % of a measure over the draws."""
        low, high = np.quantile(measure(self.drawn), (0.025, 0.975))
        return float(low), float(high)

    def _weights(self) -> NDArray[np.float64]:
        """How often each group is drawn, a row a draw; groups without customers never are. Seeded: the same history, the same interval."""
        if self._draws is None:
            groups = self._groups()
            self._draws = np.zeros((DRAWS, GROUPS))
            if len(groups):
                self._draws[:, groups] = np.random.default_rng(0).multinomial(len(groups), np.full(len(groups), 1 / len(groups)), DRAWS)
        return self._draws

    def _groups(self) -> NDArray[np.intp]:
        return np.flatnonzero(np.sum(list(self._sums.values()), axis=0)) if self._sums else np.array([], np.intp)
