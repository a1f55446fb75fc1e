"""From the share of wrong answers a team accepts to the limit that keeps it, on judged answers. Pure."""

from dataclasses import dataclass
from math import ceil, log

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta, binom, ks_2samp

from handoffs.learned.calibration import Map, Numbers, fit

DELTA = 0.05
# Limits tried, in steps a person can read; they may not depend on the verdicts.
STEPS = np.arange(200, -1, -1) / 200
# Tests begin at several places, so that one unlucky answer at the top does not end them all.
STARTS = 5
GROWTH = 1.1
MOVED_AT = 0.02
# Fewer than so many messages are no mix yet.
FEWEST_COMPARED = 20


@dataclass(frozen=True)
class Found:
    """Answer from `limit` on: of `judged` answers there `wrong` were wrong, with 95 % confidence at most the share `at_most` of all."""

    limit: float
    answered: float  # the share of all judged answers that lies at or above the limit
    judged: int
    wrong: int
    at_most: float


@dataclass(frozen=True)
class Point:
    """What a limit would have done: the share answered of all judged, and the share right of those answered (None when none are)."""

    limit: float
    answered: float
    right: float | None


@dataclass(frozen=True)
class Mix:
    """Whether the confidences of today come from the same mix of messages as the judged ones.

    `p` is the Kolmogorov-Smirnov test's, `psi` the population stability index over tenths of the old ones, `odds` how many times more
    likely wrong against right an answer is today (at least 1).
    """

    moved: bool
    p: float
    psi: float
    odds: float


def limit_for(accepted_wrong: float, confidences: ArrayLike, right: ArrayLike, delta: float = DELTA) -> Found | None:
    """The lowest limit at which the share of wrong answers is at most `accepted_wrong`, with probability 1 - `delta`; None when no limit is.

    Learn then test (Angelopoulos et al. 2021) with exact binomial tests in a fixed sequence from high limits to low ones, begun at
    several places at `delta` divided among them. The judged answers must be drawn at random from those to be answered and be
    independent: of a customer's several messages take one.
    """
    stated, was_right = np.asarray(confidences, float), np.asarray(right, bool)
    limits, counts, wrongs = _candidates(stated, was_right, accepted_wrong, delta / STARTS)
    passes = binom.cdf(wrongs, counts, accepted_wrong) <= delta / STARTS
    lowest = -1
    for start in range(STARTS if len(limits) else 0):
        begun = start * len(limits) // STARTS
        failed = np.flatnonzero(~passes[begun:])
        lowest = max(lowest, begun + (int(failed[0]) if len(failed) else len(limits) - begun) - 1 if passes[begun] else -1)
    if lowest < 0:
        return None
    judged, wrong = int(counts[lowest]), int(wrongs[lowest])
    # The limit was chosen by looking, so that its bound is at the level of each test.
    return Found(float(limits[lowest]), judged / len(stated), judged, wrong, at_most(wrong, judged, delta / STARTS))


def needed(accepted_wrong: float, delta: float = DELTA) -> int:
    """How many judged answers, all right, it takes to find a limit at all."""
    return ceil(log(delta / STARTS) / log(1 - accepted_wrong))


def at_most(wrong: int, judged: int, delta: float = DELTA) -> float:
    """The one-sided upper bound of Clopper and Pearson (1934) on a share."""
    return 1.0 if wrong >= judged else float(beta.ppf(1 - delta, wrong + 1, judged - wrong))


def trade_off(confidences: ArrayLike, right: ArrayLike) -> tuple[Point, ...]:
    """Accuracy kept against share handed off, at each limit in steps of 0.05."""
    stated, was_right = np.asarray(confidences, float), np.asarray(right, bool)
    return tuple(_point(float(limit), stated, was_right) for limit in STEPS[::-10]) if len(stated) else ()


def mix(then: ArrayLike, right: ArrayLike, now: ArrayLike) -> Mix:
    """Compare the confidences of judged answers (`then`, with whether each was right) with today's, of which nobody knows yet.

    The odds come from the share of wrong ones that explains today's confidences best, if right and wrong answers each still look as
    they did (label shift; expectation-maximisation of Saerens et al. 2002).
    """
    old, was_right, new = np.asarray(then, float), np.asarray(right, float), np.asarray(now, float)
    if min(len(old), len(new)) < FEWEST_COMPARED:
        return Mix(False, 1.0, 0.0, 1.0)
    p = float(ks_2samp(old, new, method="asymp").pvalue)
    moved = p < MOVED_AT
    return Mix(moved, p, _psi(old, new), _odds(fit(old, was_right), was_right, new) if moved else 1.0)


def tightened(accepted_wrong: float, odds: float) -> float:
    """The share to accept among the judged answers so that `accepted_wrong` holds where wrong ones are `odds` times as likely."""
    kept = accepted_wrong / (1 - accepted_wrong) / max(1.0, odds)
    return kept / (1 + kept)


def _candidates(stated: Numbers, right: NDArray[np.bool_], accepted: float, delta: float) -> tuple[Numbers, NDArray[np.intp], NDArray[np.intp]]:
    """Limits from high to low, with how many answers each lets through and how many of those are wrong; chosen by confidences alone."""
    every, wrong = np.sort(stated), np.sort(stated[~right])
    counts = len(every) - np.searchsorted(every, STEPS)
    keep, next_count = [], float(ceil(log(delta) / log(1 - accepted)))
    for place, count in enumerate(counts):
        if count >= next_count:
            keep.append(place)
            next_count = max(count + 1, count * GROWTH)
    return STEPS[keep], counts[keep], (len(wrong) - np.searchsorted(wrong, STEPS))[keep]


def _point(limit: float, stated: Numbers, right: NDArray[np.bool_]) -> Point:
    answered = stated >= limit
    return Point(limit, float(answered.mean()), float(right[answered].mean()) if answered.any() else None)


def _psi(old: Numbers, new: Numbers) -> float:
    edges = np.unique(np.quantile(old, np.linspace(0, 1, 11)[1:-1]))
    # Half an answer in each bin: an empty one must not be worth an infinity.
    shares = [(np.bincount(np.searchsorted(edges, part, side="right"), minlength=len(edges) + 1) + 0.5) for part in (old, new)]
    was, now = (part / part.sum() for part in shares)
    return float(((now - was) * np.log(now / was)).sum())


def _odds(worth: Map, right: Numbers, new: Numbers) -> float:
    wrong_then = float(np.clip(1 - right.mean(), 1e-3, 1 - 1e-3))
    posterior, wrong_now = 1 - worth.over(new), wrong_then
    for _ in range(200):
        as_wrong, as_right = posterior * wrong_now / wrong_then, (1 - posterior) * (1 - wrong_now) / (1 - wrong_then)
        was, wrong_now = wrong_now, float(np.clip((as_wrong / (as_wrong + as_right)).mean(), 1e-3, 1 - 1e-3))
        if abs(was - wrong_now) < 1e-6:
            break
    return max(1.0, (wrong_now / (1 - wrong_now)) / (wrong_then / (1 - wrong_then)))
