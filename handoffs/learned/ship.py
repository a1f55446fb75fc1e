"""Trains the weights that come with the product: python -m handoffs.learned.ship human_request --data DIR"""

import argparse
import gzip
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from handoffs.learned import feeling_training, repeats, requests, vector_training, weights
from handoffs.learned.asking import asked
from handoffs.learned.phrases import signed

SEED = 7
# Rows of sets that do not say who asks for a person: so many of each, at random, are examples of something else.
OTHERS = {"clinc150": 8000, "banking77": 5000, "multidogo": 8000, "star": 6000}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("--data", type=Path, required=True, help="the folder with the sets named in shipped/SOURCES.md")
    wanted = parser.parse_args()
    body = KINDS[wanted.kind](wanted.data)
    weights.path(wanted.kind).write_bytes(body)
    print(f"{weights.path(wanted.kind).name}: {len(body):,} bytes")


def human_request(data: Path) -> bytes:
    """Messages marked by whether they ask for a person, ours among them, and a sample of messages that do not."""
    rows = dict(signed(requests.KIND))
    rows |= {row["text"]: row["wants_human"] for row in read(data, "handoff_phrases")}
    rows |= {row["text"]: "handoff" in row["intents"] for row in read(data, "nlupp")}
    for source, most in OTHERS.items():
        texts = sorted({text for row in read(data, source) for text in said(row)})
        # What the rules find there is left out: these sets never said that nobody asks.
        rows |= {text: False for text in random.Random(SEED).sample(texts, most) if text not in rows and not asked(text)}
    model = requests.RequestModel.fit(list(rows), list(rows.values()), seed=SEED)
    print(f"{sum(rows.values())} texts ask, {len(rows) - sum(rows.values())} do not; alone from {model.at:.3f}; slopes {model.slopes.round(2).tolist()}")
    return model.to_bytes()


def said(row: dict[str, Any]) -> Iterator[str]:
    """What customers say in a row: its text, or the user's turns of a dialogue."""
    yield from ([row["text"]] if "text" in row else [event["text"] for event in row["events"] if event["who"] == "user" and event.get("text")])


def read(data: Path, source: str) -> Iterator[dict[str, Any]]:
    """Every row of a set's files."""
    for path in sorted((data / source).glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


KINDS: dict[str, Callable[[Path], bytes]] = {"feeling": feeling_training.train, "human_request": human_request, "repeats": repeats.train,
                                              "vectors": vector_training.train}

if __name__ == "__main__":
    main()
