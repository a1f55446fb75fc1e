"""Whether the customer became annoyed in a dialogue, from what both sides said and did."""

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from handoffs import feeling, plugins
from handoffs.evaluation.files import Files, Row
from handoffs.evaluation.stacking import Meaning, Table, Trees, Words, scores
from handoffs.learned import cues, feelings
from handoffs.policy import Policy
from handoffs.snapshots import Author, Line, Transcript

NO_TURN = "."
STANDARD = Policy.model_validate({})
MARK = re.compile(r"[\w']+|[^\w\s]")


def measure(files: Files) -> dict[str, Any]:
    """The AUC of `user_annoyed` over dialogues (`events`), unasked ones left out, and in how many the trigger sentiment_drop fires.

    The secret instructions to the user are not looked at.
    """
    known, asked = _answered((*files.train, *files.dev)), _answered(files.test)
    if not known or len({row["user_annoyed"] for row in asked}) < 2:
        raise ValueError("dialogues with `user_annoyed` both true and false are needed, to train on and to measure on")
    truth = np.array([row["user_annoyed"] for row in known])
    learners = (
        Words("customer", binary=True),
        Words("customer", numbers_weigh=0.05),
        Words("everything"),
        Trees("customer"),
        Meaning("customer"),
    )
    odds = scores(learners, _views(known), truth, _views(asked))
    auc = float(roc_auc_score([row["user_annoyed"] for row in asked], odds))
    return {"auc": auc, "trained_on": len(known), "measured_on": len(asked), "sentiment_drop": _drops(asked)}


def _drops(rows: list[Row]) -> dict[str, float]:
    """The share of annoyed and of other dialogues in which the mood is found to fall; and how many of an annoyed customer's turns then still follow."""
    left = [_left_at_drop(row["events"]) for row in rows]
    annoyed = [turns for row, turns in zip(rows, left, strict=True) if row["user_annoyed"]]
    calm = [turns for row, turns in zip(rows, left, strict=True) if not row["user_annoyed"]]
    found = [turns for turns in annoyed if turns is not None]
    return {
        "recall": len(found) / len(annoyed), "false_alarms": sum(turns is not None for turns in calm) / len(calm),
        "turns_before_the_end": float(np.median(found or [0])),
    }


def _left_at_drop(events: list[Row]) -> int | None:
    """The customer's turns still to come when the trigger first fires; None when it never does."""
    trigger, lines = plugins.load("handoffs.triggers")["sentiment_drop"], _lines(events)
    for at, line in enumerate(lines):
        if line.author is Author.CUSTOMER:
            mood, tension = feeling.judge(line.text, lines[:at])
            lines[at] = replace(line, mood=mood, tension=tension)
            if trigger.detect(Transcript(lines=tuple(lines[: at + 1])), STANDARD):
                return sum(later.author is Author.CUSTOMER for later in lines[at + 1 :])
    return None


def _lines(events: list[Row]) -> list[Line]:
    heard = [event for event in events if event["who"] in ("user", "agent") and event.get("text")]
    return [Line(Author.CUSTOMER if event["who"] == "user" else Author.ASSISTANT, event["text"], number) for number, event in enumerate(heard, 1)]


def _answered(rows: tuple[Row, ...]) -> list[Row]:
    return [row for row in rows if row.get("user_annoyed") is not None and "events" in row]


def _views(rows: list[Row]) -> tuple[dict[str, list[str]], Table]:
    """The customer's turns, one a line; everybody's words and the agent's acts, marked by side; and the numbers of each dialogue."""
    heard = [[event for event in row["events"] if event["who"] in ("user", "agent")] for row in rows]
    texts = {
        "customer": ["\n".join(_said(events, "user")) for events in heard],
        "everything": [_marked(events) for events in heard],
    }
    return texts, np.array([_numbers(events) for events in heard], float)


def _said(events: list[Row], who: str) -> list[str]:
    return [event["text"] for event in events if event["who"] == who and event.get("text")]


def _marked(events: list[Row]) -> str:
    words = [event["who"][0] + word for event in events for word in MARK.findall(event.get("text", "").lower()) if word[0].isalnum()]
    acts = [f"act_{event['act'].replace(':', '_')}" for event in events if event["who"] == "agent" and event.get("act")]
    return " ".join([*words, *acts])


def _numbers(events: list[Row]) -> list[float]:
    turns = _turns(events)
    peaks = [*turns.max(axis=0), *np.sort(turns, axis=0)[-3:].mean(axis=0), *turns.mean(axis=0), *turns[-3:].mean(axis=0)]
    acts = Counter(event["act"] for event in events if event["who"] == "agent" and event.get("act"))
    gaps = [later["t"] - event["t"] for event, later in pairwise(events)] or [0]
    said, answered = _said(events, "user"), _said(events, "agent")
    return [
        *peaks, len(said), len(answered), sum(acts.values()), acts["out_of_scope"], acts["out_of_scope"] / max(1, len(answered)), acts["custom"],
        acts["anything_else"], len(acts), max(acts.values(), default=0), float(np.median(gaps)), max(gaps), events[-1]["t"] if events else 0,
        float(np.mean([len(text.split()) for text in said] or [0])), len(said) / max(1, len(answered)), len(answered) - len(set(answered)),
        float(any("thank" in text.lower() for text in said)),
    ]


def _turns(events: list[Row]) -> Table:
    """(customer's turns, n): the cues, what the shipped model says of the moods, and what each turn follows."""
    lines = _lines(events) or [Line(Author.CUSTOMER, NO_TURN)]
    said = [(at, line.text) for at, line in enumerate(lines) if line.author is Author.CUSTOMER] or [(0, NO_TURN)]
    texts, follows = [text for _, text in said], [feelings.situation(text, lines[:at]) for at, text in said]
    found = [cues.numbers(text) for text in texts]
    model = feelings.shipped()
    moods = model.words.scores(texts, found) if model else np.zeros((len(texts), 0))
    return np.hstack([np.array(found), moods, np.array(follows)])
