"""How long people are willing to wait, from waits of which most ended in an answer: Kaplan and Meier's estimate (JASA 1958)."""

import numpy as np
from numpy.typing import NDArray

from handoffs.waiting.snapshot import Numbers, Patience

# No wait counts for more than so many others when it stands for those who left.
HEAVIEST = 10.0
# The curve ends where fewer than so many still waited (or one in a hundred): of the last one who waits and leaves it would say that everybody left.
ENOUGH = 20


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
    """Seconds from now until they leave, given that they waited so long already: (n,) and chances (paths, n) give (paths, n); inf is never.

    Beyond the curve's end people go on leaving at its rate.
    """
    if not len(patience.after):
        return np.full(chance.shape, np.inf)
    now = survival(patience, waited)
    level = chance * now
    place = np.searchsorted(-patience.share, -level, side="left")
    inside, end = patience.after[np.minimum(place, len(patience.after) - 1)], float(patience.after[-1])
    if patience.rate:
        held = np.minimum(now, patience.share[-1])
        beyond = np.maximum(end, waited) + np.log(np.maximum(held, 1e-12) / np.maximum(level, 1e-12)) / patience.rate
    else:
        beyond = np.full(1, np.inf)
    return np.asarray(np.maximum(np.where(place < len(patience.after), inside, beyond) - waited, 0.0))
