"""Several simple learners on different views of the same rows, their scores averaged."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from handoffs.learned import vectors

SEED = 7
WIDE = 5e-4  # the kernel: hundreds of columns of spread 1, and each row still has near ones
Table = NDArray[np.float64]
Truth = NDArray[np.bool_]
WORDS_AND_SIGNS = r"[\w']+|[^\w\s]"


class Learner(Protocol):
    """Learns yes or no from texts (by name, one a row) and numbers (rows, n), then scores new ones."""

    def fit(self, texts: dict[str, list[str]], numbers: Table, truth: Truth) -> Any: ...

    def odds(self, texts: dict[str, list[str]], numbers: Table) -> Table: ...


class Words:
    """Logistic regression on the words and word pairs of the named texts, and on the numbers when they weigh anything."""

    def __init__(self, *names: str, cost: float = 1.0, numbers_weigh: float = 0.0, binary: bool = False, even: bool = True) -> None:
        self.names, self.numbers_weigh = names, numbers_weigh
        self.readers = [
            TfidfVectorizer(token_pattern=WORDS_AND_SIGNS, ngram_range=(1, 2), min_df=2, sublinear_tf=not binary, binary=binary) for _ in names
        ]
        self.learner = LogisticRegression(C=cost, max_iter=500, class_weight="balanced" if even else None)

    def fit(self, texts: dict[str, list[str]], numbers: Table, truth: Truth) -> "Words":
        self.mean, self.spread = numbers.mean(axis=0), numbers.std(axis=0) + 1e-9
        for name, reader in zip(self.names, self.readers, strict=True):
            reader.fit(texts[name])
        self.learner.fit(self._table(texts, numbers), truth)
        return self

    def odds(self, texts: dict[str, list[str]], numbers: Table) -> Table:
        return np.asarray(self.learner.decision_function(self._table(texts, numbers)))

    def _table(self, texts: dict[str, list[str]], numbers: Table) -> sparse.csr_matrix:
        views = [reader.transform(texts[name]) for name, reader in zip(self.names, self.readers, strict=True)]
        if self.numbers_weigh:
            views.append(sparse.csr_matrix(self.numbers_weigh * (numbers - self.mean) / self.spread))
        return sparse.hstack(views).tocsr()


class Trees:
    """Randomised trees on the numbers, and on the main directions of the named texts' words."""

    def __init__(self, *names: str, directions: int = 100, leaf: int = 4, even: bool = True) -> None:
        self.names = names
        self.reader = TfidfVectorizer(token_pattern=WORDS_AND_SIGNS, ngram_range=(1, 2), min_df=2, sublinear_tf=True)
        self.directions = TruncatedSVD(directions, random_state=SEED)
        self.learner = ExtraTreesClassifier(400, min_samples_leaf=leaf, max_features=0.3, class_weight="balanced" if even else None, random_state=SEED)

    def fit(self, texts: dict[str, list[str]], numbers: Table, truth: Truth) -> "Trees":
        if self.names:
            self.directions.fit(self.reader.fit_transform(self._joined(texts)))
        self.learner.fit(self._table(texts, numbers), truth)
        return self

    def odds(self, texts: dict[str, list[str]], numbers: Table) -> Table:
        chance = self.learner.predict_proba(self._table(texts, numbers))[:, 1].clip(1e-3, 1 - 1e-3)
        return np.asarray(np.log(chance / (1 - chance)))

    def _table(self, texts: dict[str, list[str]], numbers: Table) -> Table:
        if not self.names:
            return numbers
        return np.hstack([numbers, self.directions.transform(self.reader.transform(self._joined(texts)))])

    def _joined(self, texts: dict[str, list[str]]) -> list[str]:
        return [" ".join(parts) for parts in zip(*(texts[name] for name in self.names), strict=True)]


class Meaning:
    """A support vector machine on the numbers, and on the mean, most and least of the word vectors of each named text's lines."""

    def __init__(self, *names: str) -> None:
        self.names, self.scale = names, StandardScaler()
        self.learner = SVC(C=1.0, gamma=WIDE, class_weight="balanced")

    def fit(self, texts: dict[str, list[str]], numbers: Table, truth: Truth) -> "Meaning":
        self.learner.fit(self.scale.fit_transform(self._table(texts, numbers)), truth)
        return self

    def odds(self, texts: dict[str, list[str]], numbers: Table) -> Table:
        return np.asarray(self.learner.decision_function(self.scale.transform(self._table(texts, numbers))))

    def _table(self, texts: dict[str, list[str]], numbers: Table) -> Table:
        return np.hstack([numbers, *([_pooled(text) for text in texts[name]] for name in self.names)])


def _pooled(text: str) -> Table:
    """(3 * vector size,), or (0,) without the shipped vectors."""
    lines = vectors.encode(text.split("\n"))
    return np.zeros(0) if lines is None else np.hstack([lines.mean(axis=0), lines.max(axis=0), lines.min(axis=0)])


def scores(learners: Sequence[Learner], known: tuple[dict[str, list[str]], Table], truth: Truth, asked: tuple[dict[str, list[str]], Table]) -> Table:
    """(asked,): the learners' mean odds, each in units of its own spread over the rows it learned from."""
    total = np.zeros(len(asked[1]))
    for learner in learners:
        learner.fit(*known, truth)
        total += learner.odds(*asked) / learner.odds(*known).std()
    return total / len(learners)
