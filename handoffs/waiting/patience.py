"""How long people are willing to wait, from waits of which most ended in an answer: Kaplan and Meier's estimate (JASA 1958)."""

import numpy as np
from numpy.typing import NDArray

from handoffs.waiting.snapshot import Numbers, Patience

# No wait counts for more than so many others when it stands for those who left.
HEAVIEST = 10.0


def fit(waited: Numbers, left: NDArray[np.bool_]) -> Patience:
    """From seconds waited, and whether that ended by leaving (else the patience is only known to be longer). Shapes (n,), (n,)."""
    if not np.any(left):
        return Patience()
    order = np.argsort(waited, kind="stable")
    times, gone = np.asarray(waited, float)[order], np.asarray(left, bool)[order]
    after, first = np.unique(times[gone], return_index=True)
    leaving = np.diff(np.append(first, gone.sum()))
    at_risk = len(times) - np.searchsorted(times, after, side="left")
    return Patience(np.asarray(after, float), np.asarray(np.cumprod(1 - leaving / at_risk), float))


def survival(patience: Patience, waited: Numbers) -> Numbers:
    """The share still willing after `waited` seconds, same shape; 1 while nobody is known to have left."""
    if not len(patience.after):
        return np.ones_like(waited, dtype=float)
    return np.append(1.0, patience.share)[np.searchsorted(patience.after, waited, side="right")]


def mean(patience: Patience) -> float:
    """Seconds people are willing to wait on average, those beyond the last who left counted to there; inf while nobody is known to have left."""
    if not len(patience.after):
        return float("inf")
    return float(np.sum(np.append(1.0, patience.share[:-1]) * np.diff(patience.after, prepend=0.0)) / max(1 - float(patience.share[-1]), 1e-9))


def weight(patience: Patience, waited: float) -> float:
    """For how many customers one stands who was served after so long: those who would have waited as long, but left (at most HEAVIEST)."""
    return float(1 / max(survival(patience, np.array([waited]))[0], 1 / HEAVIEST))


def draw(patience: Patience, waited: Numbers, chance: Numbers) -> Numbers:
    """Seconds from now until they leave, given that they waited so long already: (n,) and chances (paths, n) give (paths, n); inf is never.

    Beyond the last who left, people go on leaving at the mean rate up to there.
    """
    if not len(patience.after):
        return np.full(chance.shape, np.inf)
    level = chance * survival(patience, waited)
    place = np.searchsorted(-patience.share, -level, side="left")
    inside = patience.after[np.minimum(place, len(patience.after) - 1)]
    last, end = max(float(patience.share[-1]), 1e-9), max(float(patience.after[-1]), 1e-9)
    rate = -np.log(last) / end if last < 1 else 0.0
    beyond = np.maximum(end, waited) + (np.log(np.maximum(np.minimum(last, survival(patience, waited)), 1e-12) / np.maximum(level, 1e-12)) / rate
                                             if rate else np.inf)
    return np.asarray(np.maximum(np.where(place < len(patience.after), inside, beyond) - waited, 0.0))
