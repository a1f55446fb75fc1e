"""Whether the customer is dissatisfied at a turn of a task dialogue."""

import re
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from handoffs.evaluation import annoyance
from handoffs.evaluation.files import Files, Row
from handoffs.evaluation.stacking import Meaning, Table, Trees, Words, scores
from handoffs.learned import cues, feelings
from handoffs.learned.linear import Floats
from handoffs.snapshots import Author, Line

DISSATISFIED, NEUTRAL = 0, 1
NOT_SATISFIED_WEIGHS = 0.25
NO_WORDS = "."
WORD = re.compile(r"[\w']+")
CHANGE = re.compile(r"\b(again|already|still|told|said|asked|repeat|other|another|else|instead|different|actually|wrong|but)\b", re.I)
NOTHING = re.compile(
    r"\b(?:sorry|unfortunately|unable|no (?:such|results?|match\w*|rooms?|tables?|trains?|hotels?|restaurants?)|there are no|not available|didn't|can't)\b",
    re.I,
)
Exchange = dict[str, str]


class Dissatisfaction:
    """Mean over the corpora of the AUC of dissatisfied turns (`context`, `label`); of dialogues with `user_annoyed`, the AUC."""

    code = "dissatisfaction"

    def measure(self, files: Files) -> dict[str, Any]:
        if any("user_annoyed" in row for row in files.test):
            return annoyance.measure(files)
        known, asked = _judged((*files.train, *files.dev)), _judged(files.test)
        if not known or not asked:
            raise ValueError("rows with `context` and `label` are needed, to train on and to measure on")
        corpora = sorted({row["corpus"] for row in known})
        learners = (
            Words("said", "heard", "said before", "heard before", cost=0.4, numbers_weigh=0.1, even=False),
            Trees("said", "heard", directions=40, leaf=4, even=False),
            Meaning("said", "heard", "said before"),
        )
        labels, views, new = np.array([row["label"] for row in known]), _views(known, corpora), _views(asked, corpora)
        odds = scores(learners, views, labels == DISSATISFIED, new)
        if len(set(labels)) > 2:  # who is not even satisfied is nearer to it
            odds += NOT_SATISFIED_WEIGHS * scores(learners, views, labels <= NEUTRAL, new)
        return _by_corpus(asked, odds) | {"trained_on": len(known), "measured_on": len(asked)}


def _judged(rows: tuple[Row, ...]) -> list[Row]:
    return [row for row in rows if row.get("context") and "label" in row]


def _by_corpus(rows: list[Row], odds: Table) -> dict[str, Any]:
    """The AUC of each corpus in which both kinds stand, and their mean."""
    found = {}
    for corpus in sorted({row["corpus"] for row in rows}):
        here = [at for at, row in enumerate(rows) if row["corpus"] == corpus]
        truth = [rows[at]["label"] == DISSATISFIED for at in here]
        if len(set(truth)) == 2:
            found[f"auc_{corpus}"] = float(roc_auc_score(truth, odds[here]))
    if not found:
        raise ValueError("turns both dissatisfied and not are needed to measure on")
    return {"mean_auc": float(np.mean(list(found.values()))), **found}


def _views(rows: list[Row], corpora: list[str]) -> tuple[dict[str, list[str]], Table]:
    """The words of the newest exchange and of those before, and numbers."""
    talks = [row["context"] for row in rows]
    texts = {
        "said": [talk[-1]["user"] for talk in talks],
        "heard": [_heard(talk) for talk in talks],
        "said before": [" ".join(turn["user"] for turn in talk[-4:-1]) for talk in talks],
        "heard before": [" ".join(turn["system"] for turn in talk[-4:-2]) for talk in talks],
    }
    newest, reply, earlier = ([text or NO_WORDS for text in column] for column in (
        texts["said"], texts["heard"], [talk[-2]["user"] if len(talk) > 1 else "" for talk in talks]))
    found = [[cues.numbers(text) for text in column] for column in (newest, reply, earlier)]
    moods = [_moods(column, numbers) for column, numbers in zip((newest, reply, earlier), found, strict=True)]
    where = np.array([[row["corpus"] == corpus for corpus in corpora] for row in rows], float)
    return texts, np.hstack([*map(np.array, found[:2]), *moods, np.array([_situation(talk) for talk in talks], float), where])


def _moods(texts: list[str], numbers: list[list[float]]) -> Floats:
    """What the shipped model says of the moods: (texts, moods), or (texts, 0) without it."""
    model = feelings.shipped()
    return model.words.scores(texts, numbers) if model else np.zeros((len(texts), 0), np.float32)


def _heard(talk: list[Exchange]) -> str:
    """The reply to the turn before the newest."""
    return talk[-2]["system"] if len(talk) > 1 else ""


def _situation(talk: list[Exchange]) -> list[float]:
    """How far in, how long, what is repeated by either side, what was refused, and who asks."""
    said, heard = [turn["user"] for turn in talk], [turn["system"] for turn in talk[:-1]]
    newest, reply = said[-1], heard[-1] if heard else ""
    lines = [Line(author, text) for turn in talk[:-1] for author, text in ((Author.CUSTOMER, turn["user"]), (Author.ASSISTANT, turn["system"])) if text]
    no, stuck = cues.SIGNS["no"], cues.SIGNS["stuck"]
    return [
        *feelings.situation(newest, lines), len(talk), np.log1p(len(newest.split())), np.log1p(len(reply.split())),
        max((_shared(newest, text) for text in said[:-1]), default=0), _shared(newest, said[-2]) if heard else 0,
        max((_shared(reply, text) for text in heard[:-1]), default=0), _shared(newest, reply),
        sum(bool(feelings.REFUSAL.search(text)) for text in heard[-3:]), len(feelings.REFUSAL.findall(reply)),
        "?" in reply, "?" in newest, sum("?" in text for text in said[-4:-1]), any(map(str.isdigit, reply)), any(map(str.isdigit, newest)),
        sum(bool(no.search(text)) for text in said[-4:-1]), sum(bool(stuck.search(text)) for text in said[-4:-1]),
        float(np.mean([len(text.split()) for text in said[:-1]] or [0])), not reply, sum(not text for text in heard),
        len(CHANGE.findall(newest)), len(no.findall(newest)), len(no.findall(reply)), len(NOTHING.findall(reply)),
        sum(bool(NOTHING.search(text)) for text in heard[-3:]),
    ]


def _shared(one: str, other: str) -> float:
    first, second = (set(WORD.findall(text.lower())) for text in (one, other))
    return len(first & second) / max(1, len(first | second))
