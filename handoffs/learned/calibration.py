"""What a stated confidence is worth: a monotone map to the share that was right, and how far the two are apart. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from handoffs.snapshots import Proposal

Numbers = NDArray[np.float64]
GRID = np.linspace(0, 1, 101)
BINS = 10
# Logits of 0 and 1 are infinite.
EDGE = 1e-4
TWO_SIDED = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Map:
    """From a stated confidence to the share observed right, both in 0..1; straight lines between the points, never falling."""

    stated: tuple[float, ...]
    observed: tuple[float, ...]
    judged: int = 0

    def of(self, confidence: float) -> float:
        return float(np.interp(confidence, self.stated, self.observed))

    def over(self, confidences: ArrayLike) -> Numbers:
        return np.asarray(np.interp(np.asarray(confidences, float), self.stated, self.observed), float)

    def judge(self, proposal: Proposal) -> Proposal:
        """The proposal with what its confidence is worth in the place of what was stated, which is kept beside it."""
        if proposal.confidence is None:
            return proposal
        return replace(proposal, confidence=self.of(proposal.confidence), stated_confidence=proposal.confidence)

    def body(self) -> bytes:
        return json.dumps({"stated": self.stated, "observed": self.observed, "judged": self.judged}).encode()

    @classmethod
    def read(cls, body: bytes) -> "Map":
        """Raises ValueError when the bytes are no map that rises from left to right."""
        try:
            values = json.loads(body)
            found = cls(tuple(map(float, values["stated"])), tuple(map(float, values["observed"])), int(values["judged"]))
        except (KeyError, TypeError, UnicodeDecodeError) as error:
            raise ValueError(f"not a map of confidences: {error}") from None
        rises = all(np.all(np.diff(points) >= 0) for points in (found.stated, found.observed))
        if not found.stated or len(found.stated) != len(found.observed) or not rises:
            raise ValueError("not a map of confidences: its points must rise from left to right")
        return found


@dataclass(frozen=True)
class Bin:
    """The judged answers whose confidence lies in [low, high): their share right, with its 95 % Wilson interval, and mean confidence."""

    low: float
    high: float
    count: int
    right: int
    confidence: float | None
    share: float | None
    at_least: float
    at_most: float


def fit(confidences: ArrayLike, right: ArrayLike) -> Map:
    """The map learned from judged answers: the mean of a logistic curve (Platt 1999) and a free monotone one (Zadrozny and Elkan 2002).

    The curve is steady with few answers and the free one bends where the curve cannot: at 500 answers their mean is nearer the truth
    than either. Raises ValueError without answers.
    """
    stated, was_right = np.asarray(confidences, float), np.asarray(right, float)
    if not len(stated) or len(stated) != len(was_right):
        raise ValueError("as many confidences as verdicts, and at least one")
    if was_right.min() == was_right.max():
        # Nothing separates right from wrong yet: Laplace's estimate, the same for every confidence.
        observed = np.full(len(GRID), (was_right.sum() + 1) / (len(was_right) + 2))
    else:
        free = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(stated, was_right).predict(GRID)
        observed = (free + _curve(stated, was_right)) / 2
    return Map(tuple(GRID.round(2).tolist()), tuple(observed.round(6).tolist()), len(stated))


def ece(confidences: ArrayLike, right: ArrayLike, bins: int = BINS) -> float:
    """The expected calibration error: over bins of equal width, the gap between mean confidence and share right, weighted by the bin's
    share of all answers (Naeini et al. 2015, Guo et al. 2017). Raises ValueError without answers."""
    stated, was_right = np.asarray(confidences, float), np.asarray(right, float)
    if not len(stated):
        raise ValueError("no judged answers")
    at = places(stated, bins)
    gaps = np.bincount(at, stated - was_right, minlength=bins)
    return float(np.abs(gaps).sum() / len(stated))


def reliability(confidences: ArrayLike, right: ArrayLike, bins: int = BINS) -> tuple[Bin, ...]:
    """The judged answers in bins of equal width, empty ones included."""
    stated, was_right = np.asarray(confidences, float), np.asarray(right, float)
    at = places(stated, bins)
    counts, rights = np.bincount(at, minlength=bins), np.bincount(at, was_right, minlength=bins)
    means = np.bincount(at, stated, minlength=bins) / np.maximum(counts, 1)
    return tuple(_bin(place / bins, (place + 1) / bins, int(counts[place]), int(rights[place]), float(means[place])) for place in range(bins))


def places(confidences: ArrayLike, bins: int) -> NDArray[np.intp]:
    """The bin of each confidence among `bins` of equal width in 0..1; 0.95 begins the last of twenty, whatever its last binary digit."""
    return np.clip((np.asarray(confidences, float) * bins + 1e-9).astype(np.intp), 0, bins - 1)


def wilson(right: float, count: float, z: float = TWO_SIDED) -> tuple[float, float]:
    """Wilson's interval of a share (1927), 95 % unless told otherwise; (0, 1) without any."""
    if count <= 0:
        return 0.0, 1.0
    share, spread = right / count, z * z / count
    middle, half = share + spread / 2, z * np.sqrt(share * (1 - share) / count + spread / (4 * count))
    return max(0.0, float((middle - half) / (1 + spread))), min(1.0, float((middle + half) / (1 + spread)))


def _bin(low: float, high: float, count: int, right: int, mean: float) -> Bin:
    at_least, at_most = wilson(right, count)
    return Bin(low, high, count, right, mean if count else None, right / count if count else None, at_least, at_most)



def _curve(stated: Numbers, right: Numbers) -> Numbers:
    """A logistic curve over the logit of the confidence, on the grid; flat where it would fall."""
    model = LogisticRegression(C=1000.0).fit(_logit(stated), right)
    if model.coef_[0, 0] <= 0:
        return np.full(len(GRID), right.mean())
    return np.asarray(model.predict_proba(_logit(GRID))[:, 1], float)


def _logit(shares: Numbers | Sequence[float]) -> Numbers:
    inside = np.clip(np.asarray(shares, float), EDGE, 1 - EDGE)
    return np.asarray(np.log(inside / (1 - inside)), float).reshape(-1, 1)
