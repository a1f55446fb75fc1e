"""How sure a guess of an intent is: signals of the guess, learned on guesses whose truth is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from handoffs.learned.ensemble import WORDS
from handoffs.learned.linear import Floats

OUT = ""  # the label of what belongs to no intent
TINY = 1e-6
FAR = 30.0  # log odds


@dataclass(frozen=True)
class Doubt:
    """A logistic regression on the signals of a guess; `mean`, `spread` and `weights` are (signals,)."""

    mean: Floats
    spread: Floats
    weights: Floats
    bias: float

    @classmethod
    def fit(cls, signals: Floats, right: NDArray[np.bool_]) -> Self:
        """From the signals (guesses, n) of guesses and whether they were right."""
        mean, spread = signals.mean(axis=0), signals.std(axis=0) + TINY
        if right.all() or not right.any():
            return cls(mean, spread, np.eye(1, signals.shape[1], dtype=np.float32)[0], 0.0)
        learner = LogisticRegression(C=1.0).fit((signals - mean) / spread, right)
        return cls(mean, spread, learner.coef_[0].astype(np.float32), float(learner.intercept_[0]))

    def sure(self, signals: Floats) -> Floats:
        """(guesses,) in 0..1: rises with how likely the guess is right, in the mix it was learned from."""
        odds = (signals - self.mean) / self.spread @ self.weights + self.bias
        return np.asarray(1 / (1 + np.exp(-np.clip(odds, -FAR, FAR))), np.float32)


def signals(mix: Floats, scores: Mapping[str, Floats], known: Sequence[float], classes: Sequence[str]) -> tuple[NDArray[np.intp], Floats]:
    """The best intent's column (texts,) and the signals of that guess (texts, n).

    They are: log odds and lead of the guess, entropy, the largest raw score of each classifier, the share of known words, the log share of OUT.
    """
    inside = np.array([name != OUT for name in classes])
    ranked = np.sort(mix[:, inside], axis=1)
    best = np.argmax(np.where(inside, mix, -np.inf), axis=1)
    top, second = ranked[:, -1], ranked[:, -2] if ranked.shape[1] > 1 else ranked[:, -1] - 1
    odds = top - np.log(np.maximum(-np.expm1(top), TINY))
    entropy = -(np.exp(mix) * mix).sum(axis=1)
    largest = [rows[:, inside].max(axis=1) for _, rows in sorted(scores.items(), key=lambda pair: (pair[0] != WORDS, pair[0]))]
    out = mix[:, ~inside].max(axis=1) if (~inside).any() else np.zeros(len(mix))
    return best, np.column_stack([odds, top - second, entropy, *largest, known, out]).astype(np.float32)
