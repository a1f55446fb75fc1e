"""The linear text classifier: it learns from little, says what counted, and is the same after saving."""

import numpy as np
import pytest

from handoffs.learned.linear import LinearText, Recipe, softmax

TEXTS = [
    "I want my money back", "refund the charge please", "you charged me twice", "a refund for my last invoice", "why was I charged again",
    "the camera is offline", "my camera does not connect", "camera shows no picture", "the doorbell is not connecting", "wifi on the camera is gone",
    "cancel my plan", "I want to cancel", "please end my subscription", "how do I cancel the subscription", "stop my plan now",
]
LABELS = ["billing"] * 5 + ["technical"] * 5 + ["cancel"] * 5


@pytest.fixture(scope="module")
def model() -> LinearText:
    return LinearText.fit(TEXTS, LABELS, seed=1)


def best(model: LinearText, text: str) -> str:
    return model.classes[int(model.scores([text]).argmax())]


@pytest.mark.parametrize(("text", "label"), [
    ("was charged two times", "billing"), ("cameras dont connect", "technical"), ("CANCELLING my subscription", "cancel"),
])
def test_few_examples_are_enough(model: LinearText, text: str, label: str) -> None:
    assert best(model, text) == label


def test_the_words_that_counted_are_named(model: LinearText) -> None:
    assert model.evidence("hello there, the camera please", "technical", 1) == ["camera"]
    assert model.evidence("zzz", "technical") == []


def test_one_text_scores_as_many_do(model: LinearText) -> None:
    together = model.scores(TEXTS)
    assert np.allclose([model.scores([text])[0] for text in TEXTS], together, atol=1e-5)


def test_a_saved_model_is_the_same(model: LinearText) -> None:
    saved = LinearText.from_bytes(model.to_bytes())
    assert np.array_equal(saved.scores(TEXTS), model.scores(TEXTS))
    assert saved.to_bytes() == model.to_bytes()


def test_the_same_examples_and_seed_make_the_same_bytes(model: LinearText) -> None:
    assert LinearText.fit(TEXTS, LABELS, seed=1).to_bytes() == model.to_bytes()


def test_the_grams_that_matter_are_kept() -> None:
    small = LinearText.fit(TEXTS, LABELS, seed=1, recipe=Recipe(keep=60))
    assert len(small.place) == 60
    assert best(small, "a refund") == "billing"


def test_two_classes_score_as_opposites() -> None:
    two = LinearText.fit(TEXTS[:10], LABELS[:10], seed=1, recipe=Recipe(learner="logistic", cost=10))
    scores = two.scores(["charged twice", "the camera"])
    assert np.allclose(scores[:, 0], -scores[:, 1], atol=1e-3)
    assert (softmax(scores).max(axis=1) > 0.5).all()


@pytest.mark.parametrize("text", ["", "   ", "😡", "\x00", "ً" * 50, "<b>" * 6000, "取消我的订阅", "\ud800"])
def test_anything_can_be_scored(model: LinearText, text: str) -> None:
    assert np.isfinite(model.scores([text])).all()
    assert isinstance(model.evidence(text, "billing"), list)


@pytest.mark.parametrize("body", [b"", b"nothing", b"PK\x03\x04"])
def test_a_broken_body_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="not a saved text model"):
        LinearText.from_bytes(body)


@pytest.mark.parametrize(("texts", "labels"), [(["a", "b"], ["x", "x"]), (["", ""], ["x", "y"])])
def test_what_cannot_be_learned_from_is_refused(texts: list[str], labels: list[str]) -> None:
    with pytest.raises(ValueError, match="needed"):
        LinearText.fit(texts, labels, seed=1)
