"""A linear text model with a few numbers beside the words, learned together."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from handoffs.learned.linear import Floats, LinearText, Recipe, softmax

NUMBERS_WEIGH = 1.0  # a number's spread against the length 1 of a text: the smaller, the stronger its penalty
EVEN = 0.5  # 0: classes weigh by their rows; 1: all alike; half-way in between does best on both


@dataclass(frozen=True)
class Blend:
    """Log odds of texts and their numbers against classes. `weights` is (numbers, classes)."""

    text: LinearText
    mean: Floats
    spread: Floats
    weights: Floats

    @property
    def classes(self) -> tuple[str, ...]:
        return self.text.classes

    @classmethod
    def fit(cls, texts: Sequence[str], numbers: Sequence[Sequence[float]], labels: Sequence[str], *, seed: int, recipe: Recipe,
            worth: Sequence[float] | None = None) -> Self:
        """Learn from texts, their numbers (texts, n), labels, and how much each row is worth (1 each when not said)."""
        text = LinearText.fit(texts, labels, seed=seed, recipe=recipe)
        table = np.asarray(numbers, np.float32)
        mean, spread = table.mean(axis=0), table.std(axis=0) + 1e-6
        beside = sparse.csr_matrix(NUMBERS_WEIGH * (table - mean) / spread)
        learner = LogisticRegression(C=recipe.cost, max_iter=300, tol=1e-3)
        learner.fit(sparse.hstack([text.features(texts), beside]).tocsr(), np.array(labels), sample_weight=_worth(labels, worth))
        learned, bias = (learner.coef_.T, learner.intercept_) if len(text.classes) > 2 else _two_sided(learner)
        grams = len(text.place)
        text.weights, text.bias = learned[:grams].astype(np.float16).astype(np.float32), bias.astype(np.float32)
        return cls(text, mean, spread, (NUMBERS_WEIGH * learned[grams:]).astype(np.float32))

    def scores(self, texts: Sequence[str], numbers: Sequence[Sequence[float]]) -> Floats:
        """(texts, classes): their softmax is a probability."""
        beside = (np.asarray(numbers, np.float32) - self.mean) / self.spread
        return np.asarray(self.text.scores(texts) + beside @ self.weights, np.float32)

    def shares(self, texts: Sequence[str], numbers: Sequence[Sequence[float]]) -> Floats:
        """(texts, classes): probabilities."""
        return softmax(self.scores(texts, numbers))

    def to_bytes(self) -> bytes:
        """A compressed .npz of plain arrays."""
        file = io.BytesIO()
        np.savez(file, text=np.frombuffer(self.text.to_bytes(), np.uint8), mean=self.mean, spread=self.spread, weights=self.weights)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """Raises ValueError for anything that `to_bytes` did not make."""
        try:
            with np.load(io.BytesIO(body), allow_pickle=False) as saved:
                text = LinearText.from_bytes(saved["text"].tobytes())
                mean, spread, weights = (saved[name].astype(np.float32) for name in ("mean", "spread", "weights"))
        except Exception as error:
            raise ValueError(f"not a saved blend: {error}") from None
        if weights.shape != (len(mean), len(text.classes)) or spread.shape != mean.shape:
            raise ValueError("not a saved blend: its parts do not fit together")
        return cls(text, mean, spread, weights)


def _worth(labels: Sequence[str], worth: Sequence[float] | None) -> NDArray[np.float64]:
    """Each row's weight: its own worth, evened out between the classes; 1 on average."""
    rows = np.ones(len(labels)) if worth is None else np.asarray(worth, float)
    names, at = np.unique(np.array(labels), return_inverse=True)
    total = np.bincount(at, rows, len(names))
    weight = rows * (total[at] / total.max()) ** -EVEN
    return np.asarray(weight / weight.mean())


def _two_sided(learner: LogisticRegression) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.hstack([-learner.coef_.T, learner.coef_.T]) / 2, np.array([-learner.intercept_[0], learner.intercept_[0]]) / 2
