"""The tone of one message: negative, neutral or positive."""

from collections import Counter
from typing import Any

import numpy as np
from sklearn.metrics import accuracy_score, f1_score

from handoffs.evaluation import annoyance
from handoffs.evaluation.files import Files, Row
from handoffs.learned import cues, feelings
from handoffs.learned.blend import EVEN, Blend
from handoffs.learned.linear import Floats, Recipe

SEED = 7
# The grouping of the GoEmotions paper (Demszky et al. 2020); its ambiguous emotions (surprise, curiosity ...) are neither good nor bad.
POSITIVE = frozenset(["admiration", "amusement", "approval", "caring", "desire", "excitement", "gratitude", "joy", "love", "optimism", "pride", "relief"])
NEGATIVE = frozenset(
    ["anger", "annoyance", "disappointment", "disapproval", "disgust", "embarrassment", "fear", "grief", "nervousness", "remorse", "sadness"]
)
RECIPE = Recipe(least=3, cost=0.2)
# Few rows of the very kind that is measured: words may weigh more.
OWN_KIND = Recipe(words=(1, 3), chars=(2, 6), least=2, cost=1.0)
# Who writes to a firm in public mostly complains: what to expect there when the training rows are talk of another kind.
AT_A_FIRM = {"negative": 0.65, "neutral": 0.2, "positive": 0.15}


class FeelingMeasure:
    """Macro F1 and accuracy of the tone of single messages (`emotions` or `sentiment`); of dialogues with `user_annoyed`, the AUC."""

    code = "feeling"

    def measure(self, files: Files) -> dict[str, Any]:
        if any("user_annoyed" in row for row in files.test):
            return annoyance.measure(files)
        known, asked = _labelled((*files.train, *files.dev)), _labelled(files.test)
        if not known or not asked:
            raise ValueError("rows with `emotions` or `sentiment` are needed, to train on and to measure on")
        said = _classify(known, asked)
        truth = [label for _, label in asked]
        return {
            "macro_f1": float(f1_score(truth, said, average="macro")), "accuracy": float(accuracy_score(truth, said)),
            "trained_on": len(known), "measured_on": len(asked), "left_out": len(files.test) - len(asked),
        }


def _classify(known: list[tuple[Row, str]], asked: list[tuple[Row, str]]) -> list[str]:
    """The tone of each asked row, learned from the known ones."""
    labels = [label for _, label in known]
    comments = any("emotions" in row for row, _ in known)
    texts = [row["text"] for row, _ in known]
    model = Blend.fit(texts, _numbers(texts, comments), labels, seed=SEED, recipe=RECIPE if comments else OWN_KIND)
    new = [row["text"] for row, _ in asked]
    odds = model.scores(new, _numbers(new, comments))
    elsewhere = np.array([comments and "sentiment" in row for row, _ in asked])
    odds[elsewhere] += _shift(model.classes, labels)
    return [model.classes[at] for at in odds.argmax(axis=1)]


def _numbers(texts: list[str], comments: bool) -> list[list[float]]:
    """The cues; and what the shipped model says of the moods, unless it learned from these very comments."""
    model = None if comments else feelings.shipped()
    found = [cues.numbers(text) for text in texts]
    return [[*row, *odds] for row, odds in zip(found, model.words.scores(texts, found).tolist(), strict=True)] if model else found


def _shift(classes: tuple[str, ...], labels: list[str]) -> Floats:
    """What to add to the log odds when other shares are to be expected than were learned."""
    count = Counter(labels)
    learned = np.array([count[name] ** (1 - EVEN) for name in classes])
    expected = np.array([AT_A_FIRM[name] for name in classes])
    return np.asarray(np.log(expected) - np.log(learned / learned.sum()), np.float32)


def _labelled(rows: tuple[Row, ...]) -> list[tuple[Row, str]]:
    return [(row, label) for row in rows if (label := row.get("sentiment") or tone_of(row.get("emotions", ())))]


def tone_of(emotions: list[str]) -> str:
    """The tone of a comment's emotions; "" for none, or for both a good and a bad one."""
    good, bad = bool(POSITIVE.intersection(emotions)), bool(NEGATIVE.intersection(emotions))
    if good and bad:
        return ""
    return "positive" if good else "negative" if bad else "neutral" if emotions else ""
