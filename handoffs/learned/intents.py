"""Which intent a customer's words have, how sure that is, and when to say "don't know"."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from handoffs.learned import calibration, ensemble
from handoffs.learned.calibration import Map
from handoffs.learned.dense import Dense
from handoffs.learned.doubt import OUT, Doubt, signals
from handoffs.learned.ensemble import Ensemble, Labels
from handoffs.learned.heldout import Held, by_folds, strangers
from handoffs.learned.linear import Floats, LinearText

FEWEST = 5
STRANGE = 5  # where nothing says otherwise, one message in so many is about something that was never taught
MOST = 20_000  # examples: more make no better model and a longer wait


@dataclass(frozen=True)
class Tried:
    """Guesses about examples by models that had not seen them: (examples,) each."""

    texts: tuple[str, ...]
    truth: Labels
    guess: Labels
    sure: NDArray[np.float64]


NEVER = Tried((), np.zeros(0, str), np.zeros(0, str), np.zeros(0))


@dataclass
class IntentModel:
    """Make one with `fit` or `from_bytes`. A confidence is the share of guesses that are right; below `limit` the answer is "don't know"."""

    ensemble: Ensemble
    doubt: Doubt
    worth: Map
    limit: float = 0.5
    measures: dict[str, Any] = field(default_factory=dict)
    tried: Tried = NEVER  # how `fit` found out what the model is worth; not saved

    @property
    def classes(self) -> tuple[str, ...]:
        return self.ensemble.classes

    @property
    def missing(self) -> tuple[str, ...]:
        """What the model was learned with and this machine cannot make; it is less sure without."""
        return tuple(name for name in self.ensemble.dense if name not in ensemble.encoded([""]))

    @classmethod
    def fit(cls, texts: Sequence[str], intents: Sequence[str], *, seed: int = 1) -> Self:
        """Learn from texts and their intents; OUT is the intent of texts that belong to none. The order of the examples does not matter.

        Raises ValueError for fewer than FEWEST examples or fewer than two intents.
        """
        said, labels = _usable(texts, intents, seed)
        classes, blocks = tuple(np.unique(labels).tolist()), ensemble.encoded(said)
        held = by_folds(said, labels, blocks, classes, seed)
        whole = Ensemble.fit(said, labels, blocks, seed)
        whole.tune(held.scores, np.searchsorted(np.array(classes), held.truth))
        seen = [held, *strangers(said, labels, blocks, classes, seed, whole)]
        guesses, tables = zip(*(_guessed(each, whole) for each in seen), strict=True)
        right = np.concatenate([guess == each.truth for guess, each in zip(guesses, seen, strict=True)])
        doubt = Doubt.fit(np.vstack(tables), right)
        sure, mix = doubt.sure(np.vstack(tables)), _mix(len(said), len(right))
        worth = calibration.fit(sure[mix], right[mix])
        tried = Tried(tuple(said), held.truth, guesses[0], worth.over(sure[: len(said)]))
        return cls(whole, doubt, worth, measures=_measures(tried, sure[mix], right[mix], cls.limit), tried=tried)

    def guesses(self, texts: Sequence[str]) -> tuple[Labels, NDArray[np.float64]]:
        """The best intent of each text (texts,), never OUT, and the confidence in it (texts,)."""
        scores = self.ensemble.scores(texts, ensemble.encoded(texts))
        known = [self.ensemble.words.known_share(text) for text in texts]
        best, table = signals(self.ensemble.mixed(scores), scores, known, self.classes)
        return np.array(self.classes)[best], self.worth.over(self.doubt.sure(table))

    def predict(self, text: str) -> tuple[str, float]:
        """The intent and its confidence; OUT for "don't know", with the confidence the best guess had."""
        (intent,), (sure,) = self.guesses([text])
        return (str(intent) if sure >= self.limit else OUT), float(sure)

    def evidence(self, text: str, intent: str, n: int = 3) -> list[str]:
        """The words that spoke for the intent, the strongest first."""
        return self.ensemble.words.evidence(text, intent, n) if intent in self.classes else []

    def to_bytes(self) -> bytes:
        """An .npz of plain arrays."""
        head = {"limit": self.limit, "measures": self.measures, "bias": self.doubt.bias, "dense": list(self.ensemble.dense)}
        head |= {"warmth": self.ensemble.warmth, "weights": self.ensemble.weights}
        parts: dict[str, Any] = {"head": _as_array(json.dumps(head).encode()), "words": _as_array(self.ensemble.words.to_bytes())}
        parts |= {"worth": _as_array(self.worth.body()), "doubt": np.stack([self.doubt.mean, self.doubt.spread, self.doubt.weights])}
        for name, dense in self.ensemble.dense.items():
            parts |= {f"{name}_mean": dense.mean, f"{name}_weights": dense.weights.astype(np.float16), f"{name}_bias": dense.bias}
        file = io.BytesIO()
        np.savez(file, **parts)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """Raises ValueError for anything that `to_bytes` did not make."""
        try:
            with np.load(io.BytesIO(body), allow_pickle=False) as saved:
                head, words = json.loads(saved["head"].tobytes()), LinearText.from_bytes(saved["words"].tobytes())
                parts = {name: [saved[f"{name}_{part}"].astype(np.float32) for part in ("mean", "weights", "bias")] for name in head["dense"]}
                mean, spread, weights = saved["doubt"]
                worth = Map.read(saved["worth"].tobytes())
            whole = Ensemble(words, {name: Dense(*arrays) for name, arrays in parts.items()}, dict(head["weights"]), float(head["warmth"]))
            return cls(whole, Doubt(mean, spread, weights, float(head["bias"])), worth, float(head["limit"]), dict(head["measures"]))
        except Exception as error:
            raise ValueError(f"not a saved intent model: {error}") from None


def _usable(texts: Sequence[str], intents: Sequence[str], seed: int) -> tuple[list[str], Labels]:
    """The different examples, sorted; a seeded sample of MOST when there are more."""
    rows = sorted({(intent, text) for text, intent in zip(texts, intents, strict=True)})
    if len(rows) < FEWEST:
        raise ValueError(f"{len(rows)} usable examples: at least {FEWEST} are needed")
    if len({intent for intent, _ in rows} - {OUT}) < 2:
        raise ValueError("examples of at least two intents are needed")
    if len(rows) > MOST:
        rows = [rows[at] for at in np.sort(np.random.default_rng(seed).choice(len(rows), MOST, replace=False))]
    return [text for _, text in rows], np.array([intent for intent, _ in rows])


def _guessed(held: Held, whole: Ensemble) -> tuple[Labels, Floats]:
    """The best guesses and their signals."""
    best, table = signals(whole.mixed(held.scores), held.scores, held.known.tolist(), whole.classes)
    return np.array(whole.classes)[best], table


def _mix(known: int, seen: int) -> NDArray[np.intp]:
    """Which guesses a confidence is measured on: all `known` ones, and so many strangers, if any, that one message in STRANGE is one."""
    wanted = min(seen - known, round(known / (STRANGE - 1)))
    return np.concatenate([np.arange(known), known + np.linspace(0, seen - known, wanted, endpoint=False).astype(np.intp)])


def _measures(tried: Tried, sure: Floats, right: NDArray[np.bool_], limit: float) -> dict[str, float]:
    """On texts held out: the share of best guesses that are right, of those sure enough to be said too; the calibration error of the
    confidence (fitted on every other text); the share of "don't know"."""
    half, inside = np.arange(len(right)) % 2 == 0, tried.truth != OUT
    shown = np.empty(len(right))
    for part in (half, ~half):
        shown[~part] = calibration.fit(sure[part], right[part]).over(sure[~part])
    said, was_right = tried.sure >= limit, tried.guess == tried.truth
    return {
        "examples": len(tried.truth), "intents": len(set(tried.truth) - {OUT}), "accuracy": float(was_right[inside].mean()),
        "said_right": float(was_right[said].mean()) if said.any() else 0.0, "ece": calibration.ece(shown, right), "dont_know": float((~said)[inside].mean()),
    }


def _as_array(body: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(body, np.uint8)
