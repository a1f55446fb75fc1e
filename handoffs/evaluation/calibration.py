"""How true a shown confidence becomes with judged answers, and whether an accepted share of wrong answers is kept."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handoffs.evaluation.answers import Answers, answers
from handoffs.evaluation.files import Files
from handoffs.learned import calibration as maps
from handoffs.learned import limits

JUDGED = 500
FOLDS = 10
ROUNDS = 10
REPLAYS = 200
ACCEPTED = (0.05, 0.1, 0.2)
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Promise:
    """What became of the accepted share in the replays: kept how often, with how many answered, and kept by a limit that never watches."""

    kept: float
    answered: float
    kept_unwatched: float


class Calibration:
    """A confidence becomes the share that is right; the limit found for an accepted share of wrong answers keeps it."""

    code = "calibration"

    def measure(self, files: Files) -> dict[str, Any]:
        """`ece_*`: mean over seeded rounds in which each message is shown a confidence from a map of 500 others; `ece_of_perfect` is what
        chance alone leaves of a perfect one on as many messages. `kept_*`: the share of replays (500 judged messages drawn anew) in which
        the accepted share holds among all messages, of the same mix and of one with twice the share of strangers."""
        told = answers(files)
        figures: dict[str, Any] = {"messages": len(told.right), "wrong": float(1 - told.right.mean()), "strangers": float(told.stranger.mean())}
        figures |= _errors(told)
        for accepted in ACCEPTED:
            for times in (1, 2):
                promise = _promise(told, accepted, times)
                name = f"{round(accepted * 100)}pct" + ("_twice_the_strangers" if times == 2 else "")
                figures |= {f"kept_{name}": promise.kept, f"answered_{name}": promise.answered, f"kept_unwatched_{name}": promise.kept_unwatched}
        return figures


def _errors(told: Answers) -> dict[str, float]:
    rng = np.random.default_rng(0)
    rounds = [_round(told, rng) for _ in range(ROUNDS)]
    before, after, perfect = (float(np.mean(column)) for column in zip(*rounds, strict=True))
    return {"ece_before": before, "ece_after": after, "ece_of_perfect": perfect}


def _round(told: Answers, rng: np.random.Generator) -> tuple[float, float, float]:
    shown = np.zeros(len(told.right))
    order = rng.permutation(len(shown))
    for fold in np.array_split(order, FOLDS):
        others = np.setdiff1d(order, fold)
        judged = rng.choice(others, min(JUDGED, len(others)), replace=False)
        shown[fold] = maps.fit(told.confidence[judged], told.right[judged]).over(told.confidence[fold])
    perfect = rng.random(len(shown)) < shown
    return maps.ece(told.confidence, told.right), maps.ece(shown, told.right), maps.ece(shown, perfect)


def _promise(told: Answers, accepted: float, times: int) -> Promise:
    """Judged messages have half the strangers the files have when `times` is 2, so that the messages afterwards have twice as many."""
    rng = np.random.default_rng(1)
    share = float(told.stranger.mean())
    then, now = _weights(told, share / times), _weights(told, share)
    kept, answered, unwatched = [], [], []
    for _ in range(REPLAYS):
        judged, today = rng.choice(len(then), JUDGED, p=then), rng.choice(len(now), JUDGED, p=now)
        stated, right = told.confidence[judged], told.right[judged]
        odds = limits.mix(stated, right, told.confidence[today]).odds
        holds, part = _holds(told, now, limits.limit_for(limits.tightened(accepted, odds), stated, right), accepted)
        kept.append(holds)
        answered.append(part)
        unwatched.append(_holds(told, now, limits.limit_for(accepted, stated, right), accepted)[0])
    return Promise(float(np.mean(kept)), float(np.mean(answered)), float(np.mean(unwatched)))


def _weights(told: Answers, share: float) -> NDArray[np.float64]:
    """How often each message is drawn so that strangers make up `share`."""
    strangers = max(1, int(told.stranger.sum()))
    weights = np.where(told.stranger, share / strangers, (1 - share) / max(1, len(told.right) - strangers))
    return np.asarray(weights / weights.sum(), float)


def _holds(told: Answers, weights: NDArray[np.float64], found: limits.Found | None, accepted: float) -> tuple[bool, float]:
    """Whether the share of wrong answers among all messages is accepted, and the share answered. Without a limit nothing is answered."""
    if found is None:
        return True, 0.0
    answered = weights * (told.confidence >= found.limit)
    return bool((answered * ~told.right).sum() <= accepted * answered.sum()), float(answered.sum())
