"""How likely a message of an agent asks for a thing, so that nobody is asked again for what is known."""

import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

import numpy as np
from sklearn.linear_model import LogisticRegression

from handoffs.briefing.fields import FIELDS
from handoffs.learned import languages, weights
from handoffs.learned.linear import Floats
from handoffs.learned.repeats_pairs import Pair
from handoffs.learned.repeats_signs import NAMES, asking_signs, crossed, known, sentences
from handoffs.learned.repeats_training import examples, learned_from, of_our_own

KIND = "repeats"
# Chosen on six domains of STAR and on folds of our own askings: from LIKELY on F1 is best, from SURE on nine in ten are right.
LIKELY, SURE = 0.3, 0.6
COST, OTHERS_COUNT = 0.3, 0.5


@dataclass(frozen=True)
class AskModel:
    """A logistic model of signs and of each two of them; `seen` holds checksums of the askings it learned from."""

    slopes: Floats
    bias: float
    seen: frozenset[int] = frozenset()

    @classmethod
    def fit(cls, found: Sequence[Pair] = ()) -> Self:
        """Learn from our own pairs and from those of dialogues, which count half."""
        ours, theirs = of_our_own(), examples(found)
        rows = np.vstack([ours.signs, theirs.signs]) if len(theirs.asks) else ours.signs
        counts = np.concatenate([ours.counts, OTHERS_COUNT * theirs.counts])
        learner = LogisticRegression(C=COST, max_iter=500).fit(crossed(rows), np.concatenate([ours.asks, theirs.asks]), counts)
        seen = frozenset(checksum(pair) for pair in found if pair.repeat)
        return cls(learner.coef_[0].astype(np.float32), float(np.float32(learner.intercept_[0])), seen)

    def likelihoods(self, text: str, things: Sequence[tuple[str, str]]) -> list[float]:
        """How likely the text asks for each thing, named by a field's code or anybody's name for it, of which the value is known ("" if it is not)."""
        rows = [asking_signs(text, name, value) for name, value in things]
        asked = [row for row in rows if row is not None]
        odds = iter(crossed(np.array(asked, np.float32)) @ self.slopes + self.bias if asked else ())
        return [0.0 if row is None else float(1 / (1 + np.exp(-next(odds)))) for row in rows]

    def to_bytes(self) -> bytes:
        """A .npz of plain arrays."""
        file = io.BytesIO()
        np.savez_compressed(file, slopes=self.slopes, bias=np.float32(self.bias), seen=np.array(sorted(self.seen), np.uint32))
        return file.getvalue()

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """Raises ValueError for anything that `to_bytes` did not make."""
        try:
            with np.load(io.BytesIO(body), allow_pickle=False) as saved:
                slopes, bias, seen = saved["slopes"].astype(np.float32), float(saved["bias"]), frozenset(saved["seen"].tolist())
        except Exception as error:
            raise ValueError(f"not a saved model of askings: {error}") from None
        if slopes.shape != (len(NAMES) * (len(NAMES) + 1) // 2,):
            raise ValueError("not a saved model of askings: its parts do not fit together")
        return cls(slopes, bias, seen)


def asks(text: str) -> tuple[tuple[str, float], ...]:
    """The fields a message asks for, with how likely each is, from LIKELY on, the likeliest first."""
    found = zip((field.code for field in FIELDS), likelihoods(text, [(field.code, "") for field in FIELDS]), strict=True)
    return tuple(sorted(((code, chance) for code, chance in found if chance >= LIKELY), key=lambda each: -each[1]))


def likelihoods(text: str, things: Sequence[tuple[str, str]]) -> list[float]:
    """As AskModel.likelihoods, by the shipped model, or by the plain rule without it. Only English is understood: other languages ask for nothing."""
    if languages.detect(text) not in ("", "en"):
        return [0.0] * len(things)
    model = shipped()
    return model.likelihoods(text, things) if model else [SURE if rule(text, name, value) else 0.0 for name, value in things]


def rule(text: str, name: str, value: str = "") -> bool:
    """The plain rule: a question with a word of the thing's name that is no confirmation."""
    words = {*known(name, value).words}
    return any(sentence.forms["question"] and words & set(sentence.words) and not sentence.cues["confirm"] for sentence in sentences(text))


def train(data: Path) -> bytes:
    """The body of `repeats.npz`, from the folder that holds the sets."""
    return AskModel.fit(learned_from(data)).to_bytes()


def forget() -> None:
    """Read the next message as if it were the first."""
    sentences.cache_clear()


def checksum(pair: Pair) -> int:
    return zlib.crc32(f"{pair.slot}\n{pair.text.strip()}".encode())


@cache
def shipped() -> AskModel | None:
    """The model that comes with the product; None when its file is missing or broken (`weights.problems` says so)."""
    return weights.load(KIND, AskModel.from_bytes)
