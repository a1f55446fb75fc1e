"""Trains the shipped word vectors: service dialogues, spoken requests and everyday talk. No text of BANKING77, which measures them."""

from collections.abc import Iterator
from pathlib import Path

from handoffs.evaluation.files import Row, read
from handoffs.learned.vectors import Vectors

FILES = (
    "clinc150/train", "dbdc3/dev", "dstc11/insurance", "goemotions/train", "mts_dialog/train", "multidogo/train", "nlupp/train", "star/dialogues",
)


def train(data: Path, seed: int = 1) -> bytes:
    """The body of `vectors.npz`, from the folder that holds the sets."""
    rows = read(data / f"{name}.jsonl.gz" for name in FILES)
    return Vectors.fit(list(dict.fromkeys(text for row in rows for text in _said(row))), seed=seed).to_bytes()


def _said(row: Row) -> Iterator[str]:
    if "dialogue" in row:
        yield from row["dialogue"].split("\n")
    for turn in (row, *row.get("turns", ()), *row.get("events", ())):
        yield turn.get("text") or turn.get("utterance") or ""
