"""A plain assistant to measure with: it names an intent, says how sure it is, and the labels say whether it was right."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline, make_union

from handoffs.evaluation.files import Files, Row


@dataclass(frozen=True)
class Answers:
    """One entry a message: the assistant's confidence, whether its intent was right, whether the message belongs to no intent it knows,
    and the bot it was sent to (a number)."""

    confidence: NDArray[np.float64]
    right: NDArray[np.bool_]
    stranger: NDArray[np.bool_]
    bot: NDArray[np.intp]


def answers(files: Files) -> Answers:
    """The test rows, and `oos_test`, answered by one assistant per bot, trained on the bot's training rows. Raises ValueError without rows."""
    train, test = _by_bot(files.train), _by_bot((*files.test, *files.oos_test))
    if not test or test.keys() - train.keys():
        raise ValueError("training and test rows of the same bots are needed")
    parts = [_answered(train[bot], test[bot], number) for number, bot in enumerate(sorted(test))]
    return Answers(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("confidence", "right", "stranger", "bot")))


def _by_bot(rows: tuple[Row, ...]) -> dict[str, list[Row]]:
    bots: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        bots[row.get("bot", "")].append(row)
    return bots


def _answered(train: list[Row], test: list[Row], number: int) -> Answers:
    model = _model().fit([row["text"] for row in train], [row["intent"] for row in train])
    shares = model.predict_proba([row["text"] for row in test])
    named, labels = model.classes_[shares.argmax(axis=1)], np.array([row["intent"] for row in test])
    known = {row["intent"] for row in train}
    return Answers(shares.max(axis=1), named == labels, np.array([label not in known for label in labels]), np.full(len(test), number))


def _model() -> Pipeline:
    grams = (TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True))
    return make_pipeline(make_union(*grams), LogisticRegression(C=20, max_iter=300))
