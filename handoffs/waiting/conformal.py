"""Keeps the stated range honest: it is stretched by how often it held, with those who left taken into account.

Gibbs and Candès (adaptive conformal inference, NeurIPS 2021): after each outcome the range grows when it was missed and shrinks a little
when it held, so that in the long run it is missed as often as stated, whatever the reason. Only those who were served show their wait,
and those who left would have waited longest; each outcome counts for 1 / Kaplan-Meier survival at its wait.
"""

from dataclasses import dataclass
from math import exp, inf, log

import numpy as np

from handoffs.waiting.snapshot import Numbers

# Of the waits below and above the range; together 80 % lie inside.
OUTSIDE = 0.1
# Slow: outcomes come late and in crowds, a quick step overshoots after each busy spell.
STEP = 0.003
# In units of OUTSIDE, so that one miss does as much as nine hits.
LEAST, MOST = 0.25, 6.0
# What a path that never ends, or hardly, may weigh in the mean.
NEARLY_ALL = 0.97


@dataclass(frozen=True)
class Spread:
    """What one wait may be, in seconds from now: the mean without the last few paths, and the 10th, 50th and 90th percentile."""

    mean: float
    low: float
    median: float
    high: float


@dataclass(frozen=True)
class Stretch:
    """How much further than drawn each side of a range reaches from the mean. Starts a little wide: drawn ranges hold 71 to 75 of 80."""

    low: float = 1.1
    high: float = 1.1

    def over(self, spread: Spread) -> Spread:
        if spread.high == inf:
            return spread
        low = spread.mean - self.low * (spread.mean - spread.low)
        high = spread.mean + self.high * (spread.high - spread.mean)
        return Spread(spread.mean, max(low, 0.0), min(spread.median, high), high)

    def learn(self, spread: Spread, waited: float, weight: float = 1.0) -> "Stretch":
        """After one wait for which `spread` was drawn and this stretch was used."""
        if spread.high == inf:
            return self
        told = self.over(spread)
        return Stretch(_moved(self.low, waited < told.low, weight), _moved(self.high, waited > told.high, weight))


def spreads(waits: Numbers) -> list[Spread]:
    """Of draws (paths, waiters), one for each waiter; all finite where the 90th percentile is."""
    if not waits.shape[1]:
        return []
    ordered = np.sort(waits, axis=0)
    low, median, high, most = (ordered[min(int(share * len(ordered)), len(ordered) - 1)] for share in (OUTSIDE, 0.5, 1 - OUTSIDE, NEARLY_ALL))
    # Where more than the last few never end, the 90th percentile is the most any path counts for.
    means = np.minimum(ordered, np.where(np.isinf(most), high, most)).mean(axis=0)
    return [Spread(*map(float, row)) for row in zip(means, low, median, high, strict=True)]


def _moved(stretch: float, missed: bool, weight: float) -> float:
    step = STEP * weight * (float(missed) - OUTSIDE) / OUTSIDE
    return exp(min(max(log(stretch) + step, log(LEAST)), log(MOST)))
