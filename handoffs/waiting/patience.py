"""How long people are willing to wait, from waits of which most ended in an answer: Kaplan and Meier's estimate (JASA 1958)."""

import numpy as np
from numpy.typing import NDArray

from handoffs.waiting.snapshot import Numbers, Patience

# No wait counts for more than so many others when it stands for those who left.
HEAVIEST = 10.0
# The curve ends where fewer than so many still waited (or one in a hundred): of the last one who waits and leaves it would say that everybody left.
ENOUGH = 20
# Steps of the table that is drawn from, in each of which one in so many leaves; and how far beyond the curve it goes: no draw goes further.
STEPS, LONGEST = 128, 21


def fit(waited: Numbers, left: NDArray[np.bool_]) -> Patience:
    """From seconds waited, and whether that ended by leaving (else the patience is only known to be longer). Shapes (n,), (n,).

    The rate beyond the curve is that of its second half: who left then, over the seconds that all waited then.
    """
    if not np.any(left):
        return Patience()
    order = np.argsort(waited, kind="stable")
    times, gone = np.asarray(waited, float)[order], np.asarray(left, bool)[order]
    after, first = np.unique(times[gone], return_index=True)
    leaving = np.diff(np.append(first, gone.sum()))
    at_risk = len(times) - np.searchsorted(times, after, side="left")
    known = max(int((at_risk >= min(ENOUGH, 1 + len(times) // 100)).sum()), 1)
    after, share = after[:known], np.cumprod(1 - leaving / at_risk)[:known]
    half = float(after[-1]) / 2
    rate = float((gone & (times > half)).sum() / max(np.maximum(times - half, 0.0).sum(), 1.0))
    return Patience(np.asarray(after, float), np.asarray(share, float), rate)


def survival(patience: Patience, waited: Numbers) -> Numbers:
    """The share still willing after `waited` seconds, same shape; 1 while nobody is known to have left."""
    if not len(patience.after):
        return np.ones_like(waited, dtype=float)
    return np.append(1.0, patience.share)[np.searchsorted(patience.after, waited, side="right")]


def mean(patience: Patience) -> float:
    """Seconds people are willing to wait on average; inf while nobody is known to have left."""
    if not len(patience.after):
        return float("inf")
    known = float(np.sum(np.append(1.0, patience.share[:-1]) * np.diff(patience.after, prepend=0.0)))
    return known + float(patience.share[-1]) / max(patience.rate, 1e-9)


def weight(patience: Patience, waited: float) -> float:
    """For how many customers one stands who was served after so long: those who would have waited as long, but left (at most HEAVIEST)."""
    return float(1 / max(survival(patience, np.array([waited]))[0], 1 / HEAVIEST))


def draw(patience: Patience, waited: Numbers, chance: Numbers) -> Numbers:
    """Seconds from now until they leave, given that they waited so long already, by chances; inf is never. Shapes that go together.

    Read from a table by how likely it was to have left until then (the cumulated hazard): given that somebody waited so long, an exponential draw is
    added to theirs. Beyond the curve's end people go on leaving at its rate.
    """
    if not len(patience.after):
        return np.full(np.broadcast_shapes(waited.shape, chance.shape), np.inf)
    hazard, end = -np.log(np.maximum(patience.share, 1e-12)), float(patience.after[-1])
    inside = patience.after[np.searchsorted(hazard, np.arange(0.5, hazard[-1] * STEPS) / STEPS)]
    beyond = end + np.arange(LONGEST * STEPS) / STEPS / patience.rate if patience.rate else np.full(1, np.inf)
    table = np.append(inside, beyond)
    now = np.append(0.0, hazard)[np.searchsorted(patience.after, waited, side="right")]
    at = ((now - np.log(chance + 1e-9)) * STEPS).astype(int)
    return np.asarray(np.maximum(table.take(at, mode="clip") - np.minimum(waited, end), 0.0))
