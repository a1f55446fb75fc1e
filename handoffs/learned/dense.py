"""A linear classifier over dense features of texts, beside the one over words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from sklearn.linear_model import LogisticRegression

from handoffs.learned.linear import Floats

COST = 30.0


@dataclass(frozen=True)
class Dense:
    """Log odds from rows of numbers. `weights` is (numbers, classes), `mean` (numbers,), `bias` (classes,)."""

    mean: Floats
    weights: Floats
    bias: Floats

    @classmethod
    def fit(cls, rows: Floats, labels: Sequence[str]) -> Self:
        """Learn from (texts, numbers) and labels, two or more of them, in the order of the sorted labels."""
        mean = rows.mean(axis=0)
        learner = LogisticRegression(C=COST, max_iter=500).fit(_centred(rows, mean), np.array(labels))
        weights, bias = learner.coef_.T, learner.intercept_
        if weights.shape[1] == 1:
            weights, bias = np.hstack([-weights, weights]) / 2, np.array([-bias[0], bias[0]]) / 2
        return cls(mean.astype(np.float32), weights.astype(np.float16).astype(np.float32), bias.astype(np.float32))

    def scores(self, rows: Floats) -> Floats:
        """(texts, classes)"""
        return np.asarray(_centred(rows, self.mean) @ self.weights + self.bias, np.float32)


def _centred(rows: Floats, mean: Floats) -> Floats:
    """Away from what all texts share, and of length 1."""
    moved = rows - mean
    return np.asarray(moved / (np.linalg.norm(moved, axis=1, keepdims=True) + 1e-9), np.float32)
