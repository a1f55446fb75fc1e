"""The command `evaluate`: what cannot be measured is refused in one sentence that names the place."""

import gzip
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from handoffs import plugins

KINDS = sorted(plugins.load("handoffs.evaluation"))
CUT_SHORT = gzip.compress(b'{"text": "hello", "intent": "greeting"}\n' * 50, mtime=0)[:40]


def refused(kind: str, file: Path) -> str:
    with pytest.raises(CommandError) as caught:
        call_command("evaluate", kind, "--train", file, "--test", file)
    words = str(caught.value)
    assert "\n" not in words
    return words


@pytest.mark.parametrize(("name", "body", "words"), [
    ("cut.jsonl.gz", CUT_SHORT, "cut.jsonl.gz: "),
    ("plain.jsonl.gz", b"{}\n", "plain.jsonl.gz: "),
    ("bytes.jsonl", b'{"text": "\xe1"}\n', "bytes.jsonl: "),
    ("deep.jsonl", b"[" * 100_000, "deep.jsonl, line 1: "),
    ("number.jsonl", b"{}\n3\n", "number.jsonl, line 2: not a JSON object"),
    ("garbage.jsonl", b"garbage\n", "garbage.jsonl, line 1: "),
])  # fmt: skip
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, body: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(body)
    assert words in refused("intents", tmp_path / name)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "none.jsonl" in refused("intents", tmp_path / "none.jsonl")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("row", ["", '{"a": 1}\n', '{"text": {}, "intent": 7, "label": [], "turns": 3, "context": 3, "emotions": 4, "bot": {}}\n'])
def test_rows_without_what_a_measure_needs_are_refused(tmp_path: Path, kind: str, row: str) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(row * 50)
    assert refused(kind, file)
