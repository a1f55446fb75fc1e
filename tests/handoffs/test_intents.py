"""Intents from a few examples: the right one, a confidence that holds, and "don't know"."""

import json
import random
import time
from collections.abc import Sequence

import numpy as np
import pytest

from handoffs.evaluation.files import Files, Row
from handoffs.evaluation.intents import Intents
from handoffs.learned import ensemble, vectors
from handoffs.learned.intents import OUT, IntentModel
from handoffs.learned.vectors import Vectors
from handoffs.management import demo

ROWS: list[Row] = [json.loads(line) for line in demo.EXAMPLES.read_text(encoding="utf-8").splitlines()]
INSIDE = [row for row in ROWS if row["intent"] != "general"]
STRANGE = [{"text": row["text"], "intent": "oos"} for row in ROWS if row["intent"] == "general"]


def fit(rows: list[Row]) -> IntentModel:
    return IntentModel.fit([row["text"] for row in rows], [row["intent"] for row in rows])


@pytest.fixture(scope="module")
def model() -> IntentModel:
    return fit(INSIDE)


@pytest.mark.parametrize(("words", "intent"), [
    ("the refund never came", "refund"), ("I want out of the contract", "cancel"), ("HACKED!! someone is in my account", "account_security"),
    ("no picture, cam is ofline", "offline"), ("I need a bill with VAT", "invoice"), ("", OUT), ("😡", OUT), ("What's the weather in Rome?", OUT),
    ("SELECT * FROM users; <script>alert(1)</script>", OUT), ("привет, как дела", OUT),
])
def test_words_find_their_intent_or_none(model: IntentModel, words: str, intent: str) -> None:
    guess, sure = model.predict(words)
    assert (guess, sure >= model.limit) == (intent, intent != OUT)


def test_the_words_that_counted_are_named(model: IntentModel) -> None:
    assert model.evidence("Hello, the refund never came", "refund", 1) == ["refund"]
    assert model.evidence("hello", "of another model") == []


def test_a_saved_model_says_the_same(model: IntentModel) -> None:
    saved = IntentModel.from_bytes(model.to_bytes())
    texts = [row["text"] for row in ROWS]
    assert np.array_equal(saved.guesses(texts)[0], model.guesses(texts)[0])
    assert np.allclose(saved.guesses(texts)[1], model.guesses(texts)[1], atol=1e-6)
    assert saved.measures == model.measures


def test_the_order_of_the_examples_does_not_matter(model: IntentModel) -> None:
    shuffled = random.Random(3).sample(INSIDE, len(INSIDE))
    assert fit(shuffled).to_bytes() == model.to_bytes()


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04", b"{}"])
def test_a_broken_body_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="not a saved intent model"):
        IntentModel.from_bytes(body)


@pytest.mark.parametrize(("rows", "why"), [(INSIDE[:4], "at least 5"), (INSIDE[:12], "two intents")])
def test_too_little_to_learn_from_is_refused(rows: list[Row], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        fit(rows)


def test_intents_with_one_example_each_can_be_learned() -> None:
    rows = [{"text": text, "intent": f"i{at}"} for at, text in enumerate(("refund please", "camera offline", "cancel my plan", "wrong invoice", "hacked"))]
    assert fit(rows).guesses(["my camera"])[0][0] == "i1"


def test_confidence_is_near_the_share_that_is_right() -> None:
    """Two kinds of words that cannot be told apart: half of the guesses are right, and the confidence says so."""
    chance = random.Random(1)
    rows = [{"text": f"{chance.choice(['blue', 'red', 'green'])} {chance.randrange(400)}", "intent": chance.choice(["left", "right"])} for _ in range(300)]
    asked = [f"{chance.choice(['blue', 'red', 'green'])} {chance.randrange(400)}" for _ in range(100)]
    assert fit(rows).guesses(asked)[1].mean() < 0.65


def test_word_vectors_bring_like_words_together() -> None:
    both = vectors.encode(["refund my payment", "pay the money back", "sing me a song"])
    assert both is not None
    assert both[0] @ both[1] > both[0] @ both[2] + 0.1
    made = Vectors.fit(["the cat sat", "the dog sat", "a cat ran", "a dog ran", "the cat ran"] * 3, seed=1)
    assert np.array_equal(Vectors.from_bytes(made.to_bytes()).of(["the cat", ""]), made.of(["the cat", ""]))


def test_without_word_vectors_words_alone_decide(model: IntentModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ensemble, "ENCODERS", {"vectors": lambda texts: None})
    assert model.guesses(["the refund never came"])[0][0] == "refund"
    assert fit(INSIDE).guesses(["the refund never came"])[0][0] == "refund"


def said_again(rows: list[Row]) -> tuple[Row, ...]:
    return tuple({**row, "text": f"Hello, {row['text']}, thanks"} for row in rows)


def test_the_measure_tells_scope_and_strangers_apart() -> None:
    files = Files(tuple(INSIDE), (), said_again(INSIDE), tuple(STRANGE), said_again(STRANGE))
    figures = Intents().measure(files)
    assert figures["rows"] == len(ROWS)
    assert figures["accuracy"] >= figures["in_scope_accuracy"] > 0.9
    assert figures["oos_recall"] > 0.8
    assert figures == Intents().measure(files)


def test_each_bot_is_measured_alone() -> None:
    def of(bot: str, rows: Sequence[Row], turned: int = 0) -> tuple[Row, ...]:
        intents = [row["intent"] for row in rows]
        return tuple({**row, "bot": bot, "intent": intent} for row, intent in zip(rows, intents[turned:] + intents[:turned], strict=True))

    files = Files(of("good", INSIDE) + of("bad", INSIDE, 12), (), of("good", said_again(INSIDE)) + of("bad", said_again(INSIDE)))
    figures = Intents().measure(files)
    assert figures["mcc"] == pytest.approx((figures["mcc_good"] + figures["mcc_bad"]) / 2)
    assert figures["mcc_good"] > 0.7
    assert figures["mcc_bad"] < 0.1


def test_nothing_to_measure_is_said() -> None:
    with pytest.raises(ValueError, match="no rows"):
        Intents().measure(Files(train=tuple(INSIDE)))


def test_one_message_takes_less_than_a_few_milliseconds_of_a_processor(model: IntentModel) -> None:
    texts = [row["text"] for row in ROWS]
    took = []
    for text in texts:
        begun = time.process_time()
        model.predict(text)
        took.append(time.process_time() - begun)
    assert sorted(took)[len(took) // 2] < 0.004
