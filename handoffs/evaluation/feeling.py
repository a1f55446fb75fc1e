"""The tone of one message: negative, neutral or positive."""

from collections import Counter
from typing import Any

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import ExtraTreesClassifier
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
COMMENTS = Recipe(words=(1, 3), chars=(2, 6), least=2, cost=0.4)
# Fewer rows, and of the very kind that is measured: a word may weigh more.
MESSAGES = Recipe(words=(1, 3), chars=(2, 6), least=2, cost=1.0)
DIRECTIONS, TREES, TREES_WEIGH = 100, 300, 0.3
LEAST = 1e-3  # chance
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
    texts, new = ([row["text"] for row, _ in rows] for rows in (known, asked))
    if not any("emotions" in row for row, _ in known):
        return _with_trees(texts, labels, new)
    model = Blend.fit(texts, _cues(texts), labels, seed=SEED, recipe=COMMENTS)
    odds = model.scores(new, _cues(new))
    elsewhere = np.array(["sentiment" in row for row, _ in asked])
    odds[elsewhere] += _shift(model.classes, labels)
    return [model.classes[at] for at in odds.argmax(axis=1)]


def _with_trees(texts: list[str], labels: list[str], new: list[str]) -> list[str]:
    """The linear model helped by what the product knows of moods already, and by trees on that and the words' main directions."""
    known, asked = _known_already(texts), _known_already(new)
    model = Blend.fit(texts, known.tolist(), labels, seed=SEED, recipe=MESSAGES)
    words = model.text.features(texts)
    directions = TruncatedSVD(min(DIRECTIONS, words.shape[1] - 1), random_state=SEED).fit(words)
    trees = ExtraTreesClassifier(TREES, min_samples_leaf=3, max_features=0.15, class_weight="balanced", random_state=SEED)
    trees.fit(np.hstack([known, directions.transform(words)]), labels)
    chances = trees.predict_proba(np.hstack([asked, directions.transform(model.text.features(new))]))
    odds = np.log(model.shares(new, asked.tolist()).clip(LEAST)) + TREES_WEIGH * np.log(chances.clip(LEAST))
    return [model.classes[at] for at in odds.argmax(axis=1)]


def _cues(texts: list[str]) -> list[list[float]]:
    return [cues.numbers(text) for text in texts]


def _known_already(texts: list[str]) -> Floats:
    """(texts, n): the cues, and what the shipped model says of the moods."""
    found, model = _cues(texts), feelings.shipped()
    return np.hstack([np.array(found, np.float32), *([model.words.scores(texts, found)] if model else [])])


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
