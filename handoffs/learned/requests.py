"""How likely a text asks for a person: rules and a trained model, weighed together."""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Self

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from handoffs.learned import weights
from handoffs.learned.asking import asked, may_ask, meant
from handoffs.learned.linear import Floats, LinearText, Recipe
from handoffs.learned.spelling import mend

KIND = "human_request"
YES, NO = "asks", "other"
RECIPE = Recipe(words=(1, 2), chars=(2, 5), learner="logistic", cost=10.0, balanced=True, keep=20_000)
FOLDS = 5
LEAST = 0.3
LONGEST = 800  # characters: the model reads a text twice, and a wish is short
# What words stand for, so that what is learned with one product's words holds for another's.
STANDS_FOR = tuple(
    (re.compile(rf"\b(?:{words})\b", re.I), sign)
    for sign, words in {
        "qperson": r"(?:human(?:\s+being)?|person|agent|rep(?:resentative)?|operator|advis[oe]r|supervisor|manager|employee|worker|consultant|executive"
        r"|associate|specialist|colleague|boss|founder|assistant|staff|someone|somebody|anyone|anybody|reception(?:ist)?|(?:front|help)\s?desk)s?",
        "qdesk": r"(?:customer|client|live|technical|tech)\s+(?:service|support|care|assistance|chat)",
        "qbot": r"(?:(?:chat|ro)?bot|machine|computer)s?|ai|robotic|automated",
        "qreach": r"(?:talk|speak|chat|contact|reach|connect|transfer|pass|put|escalate|forward|redirect)(?:ing|ed|t?ing|red)?",
        "qreal": r"real|live|actual|human|proper|normal|other|else",
        "qfail": r"useless|stupid|frustrating|ridiculous|not\s+(?:working|help(?:ing|ful))|(?:is|does)\s?n'?t\s+(?:work|help)(?:ing)?"
        r"|wast(?:e|ing)|annoying|pointless|nonsense",
    }.items()
)


@dataclass(frozen=True)
class Wish:
    """The customer's words that ask for a person; `likelihood` is the model's, None where a rule found them."""

    words: str
    likelihood: float | None = None


class RequestModel:
    """A linear model of words and signs, and a slope for each of it and the rules, so that their sum is a log odds."""

    def __init__(self, text: LinearText, slopes: Floats, at: float) -> None:
        """`slopes` is (model, rules, constant); from the likelihood `at` on, the model asks for a person without any rule."""
        self.text, self.slopes, self.at = text, slopes, at

    @classmethod
    def fit(cls, texts: Sequence[str], asks: Sequence[bool], *, seed: int, false_alarms: float = 0.0005) -> Self:
        """Learn from texts and whether each asks; ValueError when either kind has fewer than FOLDS.

        `at` is a likelihood that, on folds not learned from, at most the share `false_alarms` of the others has, and at least LEAST.
        """
        truth = np.array(asks, bool)
        if min(truth.sum(), (~truth).sum()) < FOLDS:
            raise ValueError(f"{FOLDS} or more texts that ask for a person, and as many others, are needed")
        shown = [_shown(text) for text in texts]
        sides = np.column_stack([_held_out(shown, truth, seed), [bool(asked(text)) for text in texts]])
        scale = LogisticRegression(C=1.0, class_weight=None).fit(sides, truth)
        slopes = np.array([*scale.coef_[0], scale.intercept_[0]], np.float32)
        calm = np.sort(_likelihood(sides[~truth & (sides[:, 1] == 0)], slopes))[::-1]
        return cls(_learned(shown, truth, seed), slopes, float(max(LEAST, calm[int(false_alarms * len(calm))] + 1e-6)))

    def likelihoods(self, texts: Sequence[str]) -> Floats:
        """(texts,): how likely each asks for a person."""
        sides = np.column_stack([_margin(self.text, [_shown(text) for text in texts]), [bool(asked(text)) for text in texts]])
        return _likelihood(sides, self.slopes)

    def wish(self, text: str) -> Wish | None:
        """What asks for a person in the text. Where people are refused, quoted or spoken of, the rules alone decide."""
        if words := asked(text):
            return Wish(words)
        if not may_ask(text[:LONGEST]):
            return None
        shown = _shown(text)
        likelihood = float(_likelihood(np.column_stack([_margin(self.text, [shown]), [False]]), self.slopes)[0])
        if likelihood < self.at or meant(text) != text:
            return None
        return Wish(" … ".join(self.text.evidence(text[:LONGEST], YES)) or text[:LONGEST], round(likelihood, 3))

    def to_bytes(self) -> bytes:
        """A .npz of plain arrays."""
        file = io.BytesIO()
        np.savez(file, text=np.frombuffer(self.text.to_bytes(), np.uint8), slopes=self.slopes, at=np.float64(self.at))
        return file.getvalue()

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """Raises ValueError for anything that `to_bytes` did not make."""
        try:
            with np.load(io.BytesIO(body), allow_pickle=False) as saved:
                text, slopes, at = saved["text"].tobytes(), saved["slopes"].astype(np.float32), float(saved["at"])
        except Exception as error:
            raise ValueError(f"not a saved model of requests: {error}") from None
        if slopes.shape != (3,):
            raise ValueError("not a saved model of requests: its parts do not fit together")
        return cls(LinearText.from_bytes(text), slopes, at)


@lru_cache(maxsize=4096)  # a replay asks of each text twice, and so does judging again what was stale
def wish(text: str) -> Wish | None:
    """What asks for a person in the text, by the rules and the shipped model; by the rules alone when the model cannot be read."""
    if model := shipped():
        return model.wish(text)
    return Wish(words) if (words := asked(text)) else None


@cache
def shipped() -> RequestModel | None:
    """The model that comes with the product; None when its file is missing or broken (`weights.problem` says so)."""
    return weights.load(KIND, RequestModel.from_bytes)


def _shown(text: str) -> str:
    """What the model reads: the words as they are, then once more mended, without what is refused or quoted, and with signs for what they stand for."""
    said = text[:LONGEST].replace("’", "'")
    plain = meant(mend(said)).replace("_", " ")
    for pattern, sign in STANDS_FOR:
        plain = pattern.sub(sign, plain)
    return f"{said} {plain}"


def _learned(shown: Sequence[str], truth: np.ndarray, seed: int) -> LinearText:
    return LinearText.fit(shown, [YES if ask else NO for ask in truth], seed=seed, recipe=RECIPE)


def _held_out(shown: Sequence[str], truth: np.ndarray, seed: int) -> Floats:
    """The model's margin for each text by a model that did not learn from it."""
    margins = np.zeros(len(truth), np.float32)
    for known, new in _folds(truth, seed):
        margins[new] = _margin(_learned([shown[at] for at in known], truth[known], seed), [shown[at] for at in new])
    return margins


def _folds(truth: np.ndarray, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    yield from StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(np.zeros(len(truth)), truth)


def _margin(model: LinearText, shown: Sequence[str]) -> Floats:
    scores = model.scores(shown)
    at = model.classes.index(YES)
    return np.asarray(scores[:, at] - scores[:, 1 - at], np.float32)


def _likelihood(sides: np.ndarray, slopes: Floats) -> Floats:
    """`sides` is (texts, 2): the model's margin, and 1 where a rule fired."""
    return np.asarray(1 / (1 + np.exp(-(sides @ slopes[:2] + slopes[2]))), np.float32)
