"""What a model says about texts it has not seen: by folds, and by intents it was not told of."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from handoffs.learned import ensemble
from handoffs.learned.doubt import OUT
from handoffs.learned.ensemble import Blocks, Ensemble, Labels
from handoffs.learned.linear import Floats

ENOUGH_OUT = 50  # out-of-scope examples: from here on none are made up
FEWEST_INTENTS = 4  # to hold some of them out
OURS = Path(__file__).parent / "phrases" / "strangers.txt"


@dataclass(frozen=True)
class Held:
    """What models said about texts they had not seen: the raw scores (texts, classes) of each classifier, and the words they knew."""

    scores: dict[str, Floats]
    known: NDArray[np.float64]
    truth: Labels


def by_folds(said: list[str], labels: Labels, blocks: Blocks, classes: tuple[str, ...], seed: int) -> Held:
    """Each text as models see it that learned from the other folds."""
    folds = _folds(labels, seed)
    return _joined([_seen(said, labels, blocks, classes, folds == fold, seed) for fold in np.unique(folds)], np.argsort(folds, kind="stable"))


def strangers(said: list[str], labels: Labels, blocks: Blocks, classes: tuple[str, ...], seed: int, whole: Ensemble) -> list[Held]:
    """What out of scope looks like, where too few examples say so: everyday sentences of ours, and texts of intents a model was not told of."""
    if (labels == OUT).sum() >= ENOUGH_OUT:
        return []
    ours = OURS.read_text(encoding="utf-8").splitlines()
    everyday = _heard(whole, ours, ensemble.encoded(ours), classes, np.full(len(ours), OUT))
    inside = [name for name in classes if name != OUT]
    parts = min(_parts(labels), len(inside) // 2) if len(inside) >= FEWEST_INTENTS else 0
    return [everyday, *(_seen(said, labels, blocks, classes, np.isin(labels, inside[part::parts]), seed, OUT) for part in range(parts))]


def _seen(said: list[str], labels: Labels, blocks: Blocks, classes: tuple[str, ...], out: NDArray[np.bool_], seed: int, truth: str | None = None) -> Held:
    """The texts marked `out` as a model sees them that learned from the others; `truth` replaces what they are."""
    inner, outer = np.flatnonzero(~out), np.flatnonzero(out)
    texts, truths = [said[at] for at in outer], labels[outer] if truth is None else np.full(len(outer), truth)
    try:
        model = Ensemble.fit([said[at] for at in inner], labels[inner], {name: rows[inner] for name, rows in blocks.items()}, seed)
    except ValueError:
        # Too little is left to learn from: such a model knows nothing.
        return Held({name: np.zeros((len(outer), len(classes)), np.float32) for name in (ensemble.WORDS, *blocks)}, np.zeros(len(outer)), truths)
    return _heard(model, texts, {name: rows[outer] for name, rows in blocks.items()}, classes, truths)


def _heard(model: Ensemble, texts: list[str], blocks: Blocks, classes: tuple[str, ...], truth: Labels) -> Held:
    scores = model.scores(texts, blocks)
    known = np.array([model.words.known_share(text) for text in texts])
    return Held({name: _aligned(rows, model.classes, classes) for name, rows in scores.items()}, known, truth)


def _parts(labels: Labels) -> int:
    return 5 if len(labels) < ensemble.MANY else 3


def _folds(labels: Labels, seed: int) -> NDArray[np.intp]:
    """A fold for each text, every intent spread evenly over them."""
    draw, folds = np.random.default_rng(seed), np.zeros(len(labels), np.intp)
    for name in np.unique(labels):
        at = np.flatnonzero(labels == name)
        folds[draw.permutation(at)] = (np.arange(len(at)) + draw.integers(_parts(labels))) % _parts(labels)
    return folds


def _aligned(rows: Floats, have: tuple[str, ...], classes: tuple[str, ...]) -> Floats:
    """Columns for all classes; one that was not learned is as unlikely as the least likely."""
    whole = np.repeat(rows.min(axis=1, keepdims=True), len(classes), axis=1)
    whole[:, [classes.index(name) for name in have]] = rows
    return whole


def _joined(parts: list[Held], order: NDArray[np.intp]) -> Held:
    """The parts as one, in the order of the texts: `order` says where each text of the parts stood."""
    back = np.argsort(order)
    scores = {name: np.vstack([part.scores[name] for part in parts])[back] for name in parts[0].scores}
    return Held(scores, np.concatenate([part.known for part in parts])[back], np.concatenate([part.truth for part in parts])[back])
