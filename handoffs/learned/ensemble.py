"""Several classifiers of the same texts as one: over words, and over each block of dense features there is."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from handoffs.learned import vectors
from handoffs.learned.dense import Dense
from handoffs.learned.linear import Floats, LinearText, Recipe

Labels = NDArray[np.str_]
Blocks = Mapping[str, Floats]
WORDS = "words"
# Dense features of texts by name: (texts, n) numbers, or None where this machine cannot make them.
ENCODERS: dict[str, Callable[[Sequence[str]], Floats | None]] = {"vectors": vectors.encode}
MANY = 3000  # examples: from here on the support vector machine is as good as logistic regression, and ten times faster
FEW = Recipe(pairs=10, learner="logistic", cost=30.0)
LARGE = Recipe(pairs=10, learner="svc", cost=1.0, least=2)
WARMTHS = np.geomspace(0.25, 32, 29)
BESIDE = 0.7


@dataclass
class Ensemble:
    """Classifiers that know the same classes. `warmth` turns their mean score into log odds."""

    words: LinearText
    dense: dict[str, Dense]
    warmth: float = 1.0

    @classmethod
    def fit(cls, texts: Sequence[str], labels: Labels, blocks: Blocks, seed: int) -> Self:
        """Learn from texts, their labels and the blocks of the same texts; the warmth is to be learned from texts held out.

        A label's own words ("card_arrival") are one more example of it: with ten others that is worth a point of accuracy.
        """
        recipe = FEW if len(texts) < MANY else LARGE
        own = [name for name in np.unique(labels).tolist() if name]
        named, names = [re.sub(r"[\W_]+", " ", name) for name in own], [*labels.tolist(), *own]
        words = LinearText.fit([*texts, *named], names, seed=seed, recipe=recipe)
        beside = encoded(named)
        return cls(words, {name: Dense.fit(np.vstack([rows, beside[name]]), names) for name, rows in blocks.items()})

    @property
    def classes(self) -> tuple[str, ...]:
        return self.words.classes

    def scores(self, texts: Sequence[str], blocks: Blocks) -> dict[str, Floats]:
        """The scores (texts, classes) of each classifier; 0 for one whose block this machine cannot make."""
        nothing = np.zeros((len(texts), len(self.classes)), np.float32)
        beside = {name: dense.scores(blocks[name]) if name in blocks else nothing for name, dense in self.dense.items()}
        return {WORDS: self.words.scores(texts), **beside}


def encoded(texts: Sequence[str]) -> dict[str, Floats]:
    """The blocks this machine can make of the texts."""
    return {name: rows for name, encode in ENCODERS.items() if (rows := encode(texts)) is not None}


def mixed(scores: Mapping[str, Floats], warmth: float) -> Floats:
    """Log shares (texts, classes) of the classifiers' mean; each text's scores are brought to one spread first."""
    return _log_shares(warmth * _mean(scores))


def warmest(scores: Mapping[str, Floats], truth: NDArray[np.intp]) -> float:
    """The warmth under which held-out scores make the true columns most likely (temperature scaling, Guo et al. 2017)."""
    mean, rows = _mean(scores), np.arange(len(truth))
    return float(max(WARMTHS, key=lambda warmth: _log_shares(warmth * mean)[rows, truth].mean()))


def _mean(scores: Mapping[str, Floats]) -> Floats:
    """Scores of standard spread, averaged: the words count a little more than anything beside them."""
    weights = [1.0 if name == WORDS else BESIDE for name in scores]
    return np.average([_even(rows) for rows in scores.values()], axis=0, weights=weights)


def _even(rows: Floats) -> Floats:
    return np.asarray((rows - rows.mean(axis=1, keepdims=True)) / (rows.std(axis=1, keepdims=True) + 1e-9), np.float32)


def _log_shares(scores: Floats) -> Floats:
    raised = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(raised - np.log(np.exp(raised).sum(axis=1, keepdims=True)), np.float32)
