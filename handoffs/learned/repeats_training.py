"""What the model of askings learns from: our own written askings, and pairs of dialogues whose turns carry acts."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from handoffs.briefing.fields import FIELDS
from handoffs.evaluation.files import read
from handoffs.learned.linear import Floats
from handoffs.learned.phrases import FOLDER
from handoffs.learned.repeats_pairs import Pair, pairs
from handoffs.learned.repeats_signs import asking_signs

SHIPPED_FROM = ("star/dialogues",)
FIELDS_GROUP = "fields"
# What is known in our own examples, as customers write it; the confirmations there name these values.
VALUES = {
    "name": "Amara Osei", "e-mail": "amara@example.com", "phone": "0151 445566", "username": "amara7", "order number": "A-20817",
    "booking number": "X7K2P9", "invoice number": "INV-3301", "tracking number": "JD0002114", "account number": "88120045",
    "serial number": "SN-55310", "reference": "C-7710",
    "amount": "49 euros", "date": "Monday", "time": "3 pm", "quantity": "two", "address": "5 Mill Lane", "postcode": "LS1 4AB", "city": "Leeds",
    "product": "kettle", "plan": "Plus",
    "device": "iPhone 12", "version": "3.2.1", "error message": "E42", "reason": "too small", "what was tried": "restarting the router",
}


@dataclass(frozen=True)
class Examples:
    """Rows of signs (n, signs), whether each is an asking for what is known, and how much each counts."""

    signs: Floats
    asks: np.ndarray
    counts: Floats


def examples(found: Iterable[Pair]) -> Examples:
    """What is alike is one row that counts as the root of its number: askings picked from a list stand there by the hundred."""
    rows: Counter[tuple[bytes, bool]] = Counter()
    for pair in found:
        if (seen := asking_signs(pair.text, pair.slot, pair.value)) is not None:
            rows[seen.tobytes(), pair.repeat] += 1
    signs = np.array([np.frombuffer(body, np.float32) for body, _ in rows], np.float32)
    return Examples(signs, np.array([asks for _, asks in rows], bool), np.sqrt(np.array(list(rows.values()), np.float32)))


@cache
def of_our_own() -> Examples:
    return examples(own())


def own() -> Iterator[Pair]:
    """Pairs of our own askings, confirmations and other messages with what is known beside them."""
    for group, slots, texts in _written():
        names = [field.code for field in FIELDS] if group == FIELDS_GROUP else _slots(group)
        asked = set() if slots[:1] in "=!-" else set(slots.split(","))
        for text in texts:
            for name in names:
                if f"?{name}" not in asked:
                    kind = {"=": "confirm", "!": "security", "-": "other", "": "other"}.get(slots[:1], "ask")
                    yield Pair(text, name, VALUES.get(name, ""), name in asked, kind, slots, group, "own")


def learned_from(data: Path) -> list[Pair]:
    """The pairs of dialogues that the shipped model learns from."""
    return list(pairs(read(data / f"{name}.jsonl.gz" for name in SHIPPED_FROM)))


def _written() -> Iterator[tuple[str, str, list[str]]]:
    group = ""
    for line in (FOLDER / "repeats.tsv").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            group = line.strip("[]")
        elif "\t" in line:
            slots, texts = line.split("\t", 1)
            yield group, slots, texts.split("|")


def _slots(group: str) -> list[str]:
    return sorted({slot for one, slots, _ in _written() if one == group for slot in _plain(slots)})


def _plain(slots: str) -> list[str]:
    return [slot.lstrip("?") for slot in slots.split(",") if slot[:1] not in ("=", "!", "-", "")]
