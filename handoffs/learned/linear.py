"""A linear text classifier: words and character runs, weighted by TF-IDF, saved as plain arrays."""

import io
import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from handoffs.learned import text as plain

Floats = NDArray[np.float32]
WORDS, CHARS, PAIRS = "w", "c", "p"  # what a gram's name begins with
KINDS = {WORDS: 0, CHARS: 1, PAIRS: 2}


@dataclass(frozen=True)
class Recipe:
    """What is counted and how it is learned. `words` and `chars` are the shortest and longest run (0, 0 for none); `pairs` is how far apart
    two words may stand to count together (0: not at all); a gram needs `least` texts; `keep` > 0 is the most grams kept, those with the
    largest weights; `cost` is the inverse strength of the penalty."""

    words: tuple[int, int] = (1, 2)
    chars: tuple[int, int] = (2, 5)
    pairs: int = 0
    least: int = 1
    keep: int = 0
    learner: str = "svc"  # or "logistic": its scores are log odds
    cost: float = 1.0
    balanced: bool = False


class LinearText:
    """Scores of short texts against classes. Make one with `fit` or `from_bytes`; the same texts and seed give the same bytes."""

    def __init__(self, recipe: Recipe, classes: tuple[str, ...], grams: Sequence[str], idf: Floats, weights: Floats, bias: Floats) -> None:
        """`weights` is (grams, classes), `idf` (grams,), `bias` (classes,)."""
        self.recipe, self.classes, self.idf, self.weights, self.bias = recipe, classes, idf, weights, bias
        self.place = {gram: at for at, gram in enumerate(grams)}

    @classmethod
    def fit(cls, texts: Sequence[str], labels: Sequence[str], *, seed: int, recipe: Recipe = Recipe()) -> Self:
        """Learn from texts and their labels, of which there must be two or more, else ValueError."""
        classes = tuple(sorted(set(labels)))
        if len(classes) < 2:
            raise ValueError("two or more different labels are needed")
        bags = [_bag(text, recipe) for text in texts]
        if not (grams := _common(bags, recipe.least)):
            raise ValueError("texts with words are needed")
        model = cls._weighted(bags, labels, classes, seed, recipe, grams)
        if 0 < recipe.keep < len(model.place):
            best = np.argsort(-np.linalg.norm(model.weights, axis=1), kind="stable")[: recipe.keep]
            model = cls._weighted(bags, labels, classes, seed, recipe, sorted(grams[at] for at in best))
        return model

    @classmethod
    def _weighted(cls, bags: list[Counter[str]], labels: Sequence[str], classes: tuple[str, ...], seed: int, recipe: Recipe, grams: list[str]) -> Self:
        held = Counter(gram for bag in bags for gram in bag)
        idf = np.array([math.log((1 + len(bags)) / (1 + held[gram])) + 1 for gram in grams], np.float32)
        model = cls(recipe, classes, grams, idf, np.zeros((len(grams), len(classes)), np.float32), np.zeros(len(classes), np.float32))
        weights, bias = _learn(model._rows(bags), np.array(labels), recipe, seed)
        # Rounded as they are saved, so that a model scores the same before and after.
        model.weights, model.bias = weights.astype(np.float16).astype(np.float32), bias.astype(np.float32)
        return model

    def scores(self, texts: Sequence[str]) -> Floats:
        """(texts, classes): the larger, the likelier; 0 is undecided. With the learner "logistic" their softmax is a probability."""
        if len(texts) != 1:
            return np.asarray(self.features(texts) @ self.weights + self.bias, np.float32)
        at, values = self._entries(_bag(texts[0], self.recipe))
        return (values @ self.weights[at] + self.bias)[None, :] if at else self.bias[None, :].copy()

    def features(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """(texts, grams): TF-IDF values with sublinear counts; words, characters and pairs each of length 1."""
        return self._rows([_bag(text, self.recipe) for text in texts])

    def evidence(self, text: str, label: str, n: int = 3) -> list[str]:
        """Up to `n` words of the text that spoke for `label` rather than the other classes, the strongest first."""
        said = plain.words(plain.normal(text))
        bag = _bag(text, self.recipe)
        at, values = self._entries(bag)
        column = self.classes.index(label)
        others = (self.weights[at].sum(axis=1) - self.weights[at, column]) / max(1, len(self.classes) - 1)
        known = [gram for gram in bag if gram in self.place]
        speaks = {gram: value / bag[gram] for gram, value in zip(known, values * (self.weights[at, column] - others), strict=True)}
        worth = {word: sum(speaks.get(gram, 0.0) for gram in _bag(word, self.recipe)) for word in dict.fromkeys(said)}
        return [word for word in sorted(worth, key=lambda word: -worth[word]) if worth[word] > 0][:n]

    def known_share(self, text: str) -> float:
        """The share of the text's words that stood in the examples; 0 for no words."""
        said = plain.words(plain.normal(text))
        return sum(WORDS + word in self.place for word in said) / max(1, len(said))

    def to_bytes(self) -> bytes:
        """A compressed .npz of plain arrays."""
        head = json.dumps({"recipe": asdict(self.recipe), "classes": self.classes})
        file = io.BytesIO()
        np.savez_compressed(file, head=_as_array(head), grams=_as_array("\n".join(self.place)), idf=self.idf.astype(np.float32),
                            weights=self.weights.astype(np.float16), bias=self.bias)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """Raises ValueError for anything that `to_bytes` did not make."""
        try:
            with np.load(io.BytesIO(body), allow_pickle=False) as saved:
                head, grams = json.loads(_as_text(saved["head"])), _as_text(saved["grams"]).split("\n")
                recipe = _recipe(head["recipe"])
                idf, weights, bias = saved["idf"].astype(np.float32), saved["weights"].astype(np.float32), saved["bias"].astype(np.float32)
        except Exception as error:
            raise ValueError(f"not a saved text model: {error}") from None
        classes = tuple(head["classes"])
        if weights.shape != (len(grams), len(classes)) or idf.shape != (len(grams),) or bias.shape != (len(classes),):
            raise ValueError("not a saved text model: its parts do not fit together")
        return cls(recipe, classes, grams, idf, weights, bias)

    def _rows(self, bags: Iterable[Counter[str]]) -> sparse.csr_matrix:
        ends, columns, cells = [0], [], []
        for bag in bags:
            at, values = self._entries(bag)
            columns.append(np.array(at, np.int32))
            cells.append(values)
            ends.append(ends[-1] + len(at))
        return sparse.csr_matrix((np.concatenate(cells), np.concatenate(columns), ends), shape=(len(ends) - 1, len(self.place)))

    def _entries(self, bag: Counter[str]) -> tuple[list[int], Floats]:
        """The places of a bag's known grams, and their values."""
        place = self.place
        known = [(place[gram], count, KINDS[gram[0]]) for gram, count in bag.items() if gram in place]
        if not known:
            return [], np.zeros(0, np.float32)
        at, counts, kinds = zip(*known, strict=True)
        values = (1 + np.log(np.array(counts, np.float32))) * self.idf[list(at)]
        lengths = np.sqrt(np.bincount(kinds, values * values, len(KINDS)))
        return list(at), (values / lengths[list(kinds)]).astype(np.float32)


def _recipe(saved: dict[str, Any]) -> Recipe:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in saved.items()}
    return Recipe(**values)


def softmax(scores: Floats) -> Floats:
    """Each row as shares that sum to 1."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)


def _bag(text: str, recipe: Recipe) -> Counter[str]:
    said = plain.words(plain.normal(text))
    bag: Counter[str] = Counter()
    if recipe.words[1]:
        bag.update(WORDS + gram for gram in plain.word_grams(said, *recipe.words).elements())
    if recipe.chars[1]:
        for word in said:
            bag.update([CHARS + gram for gram in plain.char_grams(word, *recipe.chars)])
    if recipe.pairs:
        bag.update([PAIRS + gram for gram in plain.pairs(said, recipe.pairs)])
    return bag


def _common(bags: list[Counter[str]], least: int) -> list[str]:
    held = Counter(gram for bag in bags for gram in bag)
    return sorted(gram for gram, texts in held.items() if texts >= least)


def _learn(features: sparse.csr_matrix, labels: NDArray[Any], recipe: Recipe, seed: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Weights (grams, classes) and bias (classes,); two classes get opposite halves of the one margin."""
    weight = "balanced" if recipe.balanced else None
    if recipe.learner == "logistic":
        learner = LogisticRegression(C=recipe.cost, class_weight=weight, max_iter=1000)
    else:
        learner = LinearSVC(C=recipe.cost, class_weight=weight, random_state=seed)
    learner.fit(features, labels)
    weights, bias = learner.coef_.T, learner.intercept_
    if weights.shape[1] == 1:
        return np.hstack([-weights, weights]) / 2, np.array([-bias[0], bias[0]]) / 2
    return weights, bias


def _as_array(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), np.uint8)


def _as_text(array: NDArray[np.uint8]) -> str:
    return array.tobytes().decode()
