"""Several classifiers of the same texts as one: over words, and over each block of dense features there is."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Self

import numpy as np
from numpy.typing import NDArray

from handoffs.learned import embeddings, vectors
from handoffs.learned.dense import Dense
from handoffs.learned.linear import Floats, LinearText, Recipe

Labels = NDArray[np.str_]
Blocks = Mapping[str, Floats]
WORDS = "words"
# Dense features of texts by name: (texts, n) numbers, or None where this machine cannot make them.
ENCODERS: dict[str, Callable[[Sequence[str]], Floats | None]] = {"vectors": vectors.encode, "embeddings": embeddings.encode}
MANY = 3000  # examples: from here on the support vector machine is as good as logistic regression, and ten times faster
FEW = Recipe(pairs=10, learner="logistic", cost=30.0)
LARGE = Recipe(pairs=10, learner="svc", cost=1.0, least=2)
WARMTHS = np.geomspace(0.5, 16, 11)
BESIDE = (0.3, 0.7, 1.5, 4.0)  # how much a classifier may count when the words count 1
SAMPLED = 2000  # texts are enough to choose by


@dataclass
class Ensemble:
    """Classifiers that know the same classes, how much each counts, and the `warmth` that turns their mean score into log odds."""

    words: LinearText
    dense: dict[str, Dense]
    weights: dict[str, float] = field(default_factory=dict)
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


    def tune(self, scores: Mapping[str, Floats], truth: NDArray[np.intp]) -> None:
        """Take the weights and the warmth under which held-out scores make the true columns most likely (as temperature scaling does: Guo et
        al. 2017)."""
        at = np.linspace(0, len(truth) - 1, min(len(truth), SAMPLED)).astype(np.intp)
        even, rows = {name: _even(rows[at]) for name, rows in scores.items()}, np.arange(len(at))
        choices = [(dict(zip(scores, (1.0, *beside), strict=True)), float(warmth)) for *beside, warmth in product(*[BESIDE] * (len(scores) - 1), WARMTHS)]
        self.weights, self.warmth = max(choices, key=lambda choice: float(_shares(even, *choice)[rows, truth[at]].mean()))

    def mixed(self, scores: Mapping[str, Floats]) -> Floats:
        """Log shares (texts, classes) of the classifiers' weighted mean; each text's scores are brought to one spread first."""
        return _shares({name: _even(rows) for name, rows in scores.items()}, self.weights, self.warmth)


def encoded(texts: Sequence[str]) -> dict[str, Floats]:
    """The blocks this machine can make of the texts."""
    return {name: rows for name, encode in ENCODERS.items() if (rows := encode(texts)) is not None}


def _shares(even: Mapping[str, Floats], weights: Mapping[str, float], warmth: float) -> Floats:
    """Log shares (texts, classes) of the weighted mean of scores that have one spread."""
    parts = np.stack([weights[name] * rows for name, rows in even.items()])
    raised = warmth / sum(weights[name] for name in even) * parts.sum(axis=0)
    raised -= raised.max(axis=1, keepdims=True)
    return np.asarray(raised - np.log(np.exp(raised).sum(axis=1, keepdims=True)), np.float32)


def _even(rows: Floats) -> Floats:
    return np.asarray((rows - rows.mean(axis=1, keepdims=True)) / (rows.std(axis=1, keepdims=True) + 1e-9), np.float32)
