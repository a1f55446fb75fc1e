"""The measures of feeling, dissatisfaction and handoff timing: what they count, what they must not look at, and that they repeat."""

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from handoffs.evaluation.dissatisfaction import Dissatisfaction
from handoffs.evaluation.feeling import FeelingMeasure, tone_of
from handoffs.evaluation.files import Files
from handoffs.evaluation.handoff_timing import HandoffTiming, golden_transfer

Rows = tuple[dict[str, Any], ...]
TONES = {
    "negative": ("this is awful", "I hate the delay", "worst answer ever", "nothing works again"),
    "neutral": ("where is my bag", "which gate is it", "can I book a seat", "the flight is on Monday"),
    "positive": ("thank you so much", "I love this crew", "great flight, thanks", "perfect, well done"),
}
ANNOYED, CALM = ("stop it, this is useless", "you are not listening at all"), ("thanks, that is great", "I would like a table for two")


def tweets(chance: random.Random, count: int) -> Rows:
    return tuple({"text": f"{chance.choice(TONES[tone])} {chance.randint(1, 99)}", "sentiment": tone} for tone in TONES for _ in range(count))


def dialogues(chance: random.Random, count: int) -> Rows:
    return tuple(_dialogue(chance, annoyed) for annoyed in (True, False) for _ in range(count))


def _dialogue(chance: random.Random, annoyed: bool) -> dict[str, Any]:
    said = [f"{chance.choice(ANNOYED if annoyed else CALM)} {chance.choice('abcdefgh')}" for _ in range(3)]
    events = [event for t, text in enumerate(said) for event in (
        {"who": "guide", "t": t, "text": "stay calm"}, {"who": "user", "t": t, "text": text}, {"who": "agent", "t": t, "text": "One moment.", "act": "wait"})]
    return {"user_annoyed": annoyed, "events": events}


def shop(chance: random.Random, count: int) -> Rows:
    """Dialogues of word numbers in which 9 is what a customer says who has had enough."""
    return tuple({"turns": [
        {"role": role, "tokens": [chance.randint(1, 8), *([9] if cross else [])], "handoff": int(cross), "senti": "negative" if cross else "neutral"}
        for at in range(6) for role in ("customer", "service") for cross in [role == "customer" and chance.random() < 0.1 * at]
    ]} for _ in range(count))


def requests(chance: random.Random, count: int) -> Rows:
    return tuple({"corpus": corpus, "label": label, "context": [
        {"user": "Hello, I need a room", "system": "For how many nights?"},
        {"user": "Two nights", "system": "Where would you like to stay?"},
        {"user": "In the centre", "system": "Sorry, no rooms." if label == 0 else "It is booked."},
        {"user": f"{chance.choice(ANNOYED if label == 0 else CALM)} {chance.choice('abcdefgh')}", "system": ""},
    ]} for corpus in ("hotels", "trains") for label in (0, 2) for _ in range(count))


@pytest.mark.parametrize(
    ("gold", "said", "earned"),
    [
        ([0, 0], [0, 0], 1.0),
        ([1, 0], [0, 0], 0.0),
        ([0, 0], [0, 1], 0.0),
        ([0, 1, 0], [0, 1, 0], 1.0),
        ([0, 1, 0], [0, 0, 1], float(np.exp(-1 / 8))),
        ([1, 0, 0, 0, 1], [1, 0, 1, 0, 0], float((1 + np.exp(-4 / 8)) / 2)),
    ],
)
def test_a_turn_near_the_right_one_earns_part_of_it(gold: list[int], said: list[int], earned: float) -> None:
    assert golden_transfer(np.array(gold), np.array(said), 2) == pytest.approx(earned)


@pytest.mark.parametrize(
    ("emotions", "tone"),
    [(["joy"], "positive"), (["anger", "neutral"], "negative"), (["surprise"], "neutral"), (["joy", "anger"], ""), ([], "")],
)
def test_emotions_have_one_tone_or_none(emotions: list[str], tone: str) -> None:
    assert tone_of(emotions) == tone


def test_the_tone_of_messages_is_learned_and_repeats() -> None:
    files = Files(train=tweets(random.Random(1), 30), test=tweets(random.Random(2), 10))
    first = FeelingMeasure().measure(files)
    assert first["macro_f1"] > 0.9
    assert FeelingMeasure().measure(files) == first


@pytest.mark.parametrize("kind", [FeelingMeasure, Dissatisfaction])
def test_annoyance_is_measured_under_either_name_and_the_instructions_to_users_do_not_count(kind: Any) -> None:
    train, test = dialogues(random.Random(1), 30), dialogues(random.Random(2), 10)
    figures = kind().measure(Files(train=train, test=test))
    for row in (*train, *test):
        row["events"] = [event for event in row["events"] if event["who"] != "guide"]
    assert figures["auc"] > 0.9
    assert kind().measure(Files(train=train, test=test)) == figures


def test_dissatisfied_turns_are_measured_by_corpus() -> None:
    figures = Dissatisfaction().measure(Files(train=requests(random.Random(1), 20), test=requests(random.Random(2), 10)))
    assert figures["mean_auc"] == pytest.approx((figures["auc_hotels"] + figures["auc_trains"]) / 2)
    assert figures["mean_auc"] > 0.9


def test_the_time_to_hand_over_is_learned_and_the_annotated_sentiment_does_not_count() -> None:
    files = Files(train=shop(random.Random(1), 24), test=shop(random.Random(2), 15))
    figures = HandoffTiming().measure(files)
    blind = tuple({"turns": [{**turn, "senti": "neutral"} for turn in row["turns"]]} for row in files.test)
    assert figures["f1"] > 0.9
    assert HandoffTiming().measure(replace(files, test=blind)) == figures


@pytest.mark.parametrize("kind", [FeelingMeasure, Dissatisfaction, HandoffTiming])
def test_rows_of_another_kind_are_refused(kind: Any) -> None:
    with pytest.raises(ValueError, match="needed"):
        kind().measure(Files(train=({"text": "hello"},), test=({"text": "hello"},)))
