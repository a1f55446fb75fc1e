"""How one customer turn feels, by the shipped model: the words, their cues, and what went before in the conversation."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Self

import numpy as np
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from handoffs.learned import cues, weights
from handoffs.learned import text as plain
from handoffs.learned.blend import Blend
from handoffs.learned.linear import WORDS as WORD_GRAMS
from handoffs.learned.linear import Floats, softmax
from handoffs.snapshots import Author, Line, Mood

KIND = "feeling"
BAD = (Mood.ANGRY, Mood.FRUSTRATED)
# How much tension each mood carries; a turn's is the mean over what it may be.
TENSION = {Mood.ANGRY: 1.0, Mood.FRUSTRATED: 0.75, Mood.WORRIED: 0.65, Mood.NEUTRAL: 0.3, Mood.CONTENT: 0.05}
REFUSAL = re.compile(
    r"\b(?:sorry|unfortunately|apologi[sz]e|(?:un|not )able to|can(?:no|')?t (?:help|find|do|process|answer|see|change)|could(?: not|n't)"
    r"|do(?: not|n't) (?:understand|know|have)|did(?: not|n't) (?:understand|work|get)|not available|unavailable|unsuccessful|failed|only able"
    r"|no (?:such|results?))\b",
    re.I,
)
WORDS = re.compile(r"[\w']+")
KNOWN_SHARE = 0.4  # of a text's words; no list holds them all
LOOK_BACK = 6  # lines
SAME = 0.5  # of two turns' words shared, and the later repeats the earlier


@dataclass(frozen=True)
class FeelingModel:
    """`words` gives the moods' log odds; `dialogue` (repeated, refused, refusals) adds to those of the bad ones."""

    words: Blend
    dialogue: Floats

    def moods(self, text: str, before: Sequence[Line] = ()) -> dict[Mood, float]:
        """How likely each mood is."""
        odds = self.words.scores([text], [cues.numbers(text)])[0]
        heavier = float(np.dot(self.dialogue, situation(text, before))) if before else 0.0
        shares = softmax(np.array([[odd + heavier * (mood in BAD) for odd, mood in zip(odds, self.words.classes, strict=True)]]))[0]
        return {Mood(mood): float(share) for mood, share in zip(self.words.classes, shares, strict=True)}

    def to_bytes(self) -> bytes:
        """A .npz of plain arrays."""
        file = io.BytesIO()
        np.savez(file, words=np.frombuffer(self.words.to_bytes(), np.uint8), dialogue=self.dialogue)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """Raises ValueError for anything that `to_bytes` did not make."""
        try:
            with np.load(io.BytesIO(body), allow_pickle=False) as saved:
                words, dialogue = saved["words"].tobytes(), saved["dialogue"].astype(np.float32)
        except Exception as error:
            raise ValueError(f"not a saved model of feelings: {error}") from None
        model = cls(Blend.from_bytes(words), dialogue)
        if dialogue.shape != (3,) or set(model.words.classes) != set(Mood):
            raise ValueError("not a saved model of feelings: its parts do not fit together")
        return model


@cache
def shipped() -> FeelingModel | None:
    """The model that comes with the product; None when its file is missing or broken (`weights.problems` says so)."""
    return weights.load(KIND, FeelingModel.from_bytes)


def knows(text: str) -> bool:
    """Whether the text's words are common in English or stood in what the model learned from; a text without words is known."""
    said = [word for word in plain.words(plain.normal(text)) if word.isalpha()]
    model = shipped()
    weighty = model.words.text.place if model else {}
    return sum(word in ENGLISH_STOP_WORDS or WORD_GRAMS + word in weighty for word in said) >= KNOWN_SHARE * len(said)


def tension_of(moods: dict[Mood, float]) -> float:
    """0 (at ease) to 1 (about to leave)."""
    return round(min(1.0, sum(share * TENSION[mood] for mood, share in moods.items())), 2)


def situation(text: str, before: Sequence[Line]) -> list[float]:
    """Whether the turn repeats an earlier one, whether the last reply was a refusal, and how many of the recent replies were (to 1)."""
    recent = before[-LOOK_BACK:]
    refusals = [bool(REFUSAL.search(line.text.replace("’", "'"))) for line in recent if line.author is not Author.CUSTOMER]
    repeated = any(_alike(text, line.text) for line in recent if line.author is Author.CUSTOMER)
    return [float(repeated), float(bool(refusals) and refusals[-1]), min(3, sum(refusals)) / 3]


def _alike(one: str, other: str) -> bool:
    first, second = (frozenset(WORDS.findall(text[: cues.LONGEST].lower())) for text in (one, other))
    return len(first) > 2 and len(first & second) >= SAME * len(first | second)
