"""How well "this asks again for what is known" is told from all else an agent says, also for askings of a domain nothing was learned of."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np

from handoffs.evaluation.files import Files
from handoffs.learned import repeats
from handoffs.learned.repeats import LIKELY, SURE, AskModel, checksum, rule
from handoffs.learned.repeats_pairs import Pair, pairs

# A random half of the domains (seed 7): signs, strength and limits were chosen on these.
CHOSEN_ON = frozenset(["hotel", "meeting", "restaurant", "spaceship", "trip", "weather"])
SEED, DRAWS, TIMED = 7, 1000, 2000
Chances = np.ndarray


class RepeatAsk:
    """Pairs of an agent's turn and a thing known; `learned/repeats_pairs.py` says how they are built from the turns' acts. No gold is of our lexicon.

    The first figures are of unseen domains: the askings of each domain are judged by a model that learned from our own askings and from the other
    domains of --train (of --test itself without it), where no asking of the judged domain stands. `as_shipped` judges all pairs with the model that
    comes with the product and says which share of the askings it has learned from. `rule` is the plain one: a question with a word of the thing's name
    that is no confirmation. An interval is of 95 %, from 1,000 draws of acts: a wizard picks the same sentence for an act again and again, so turns
    alone would claim too much.
    """

    code = "repeat_ask"

    def measure(self, files: Files) -> dict[str, Any]:
        """Raises ValueError when the test dialogues ask for nothing that was said before."""
        test = list(pairs(files.test))
        if not any(pair.repeat for pair in test):
            raise ValueError("dialogues whose agent's turns carry acts that ask for something are needed")
        unseen = _unseen(list(pairs(files.train)) or test, test)
        plain = _once(test, lambda pair: float(rule(pair.text, pair.slot, pair.value)))
        elsewhere = np.array([pair.domain not in CHOSEN_ON and pair.domain != "" for pair in test])
        return {
            **_figures(test, unseen),
            "domains_nothing_was_chosen_on": _figures([pair for pair, other in zip(test, elsewhere, strict=True) if other], unseen[elsewhere]),
            "as_shipped": _as_shipped(test),
            "rule": _scored(test, plain >= 1),
            "pairs": len(test), "repeats": sum(pair.repeat for pair in test),
            "different_askings": len({checksum(pair) for pair in test if pair.repeat}),
            "milliseconds": _latency(test),
        }


def _unseen(known: Sequence[Pair], test: Sequence[Pair]) -> Chances:
    """(test,): the chance of each pair by a model of the other domains."""
    chances = np.zeros(len(test))
    for domain in sorted({pair.domain for pair in test}):
        at = [place for place, pair in enumerate(test) if pair.domain == domain]
        texts = {test[place].text for place in at}
        model = AskModel.fit([pair for pair in known if pair.domain != domain and pair.text not in texts])
        chances[at] = _once([test[place] for place in at], partial(_by, model))
    return chances


def _by(model: AskModel, pair: Pair) -> float:
    return model.likelihoods(pair.text, [(pair.slot, pair.value)])[0]


def _as_shipped(test: Sequence[Pair]) -> dict[str, Any]:
    model = repeats.shipped()
    chances = _once(test, lambda pair: repeats.likelihoods(pair.text, [(pair.slot, pair.value)])[0])
    seen = [bool(model) and checksum(pair) in model.seen for pair in test if pair.repeat]  # type: ignore[union-attr]
    return {**_figures(test, chances), "learned_from": sum(seen) / len(seen)}


def _once(found: Sequence[Pair], chance: Callable[[Pair], float]) -> Chances:
    """The chance of each pair; what is alike is asked once."""
    known: dict[tuple[str, str, str], float] = {}
    for pair in found:
        key = (pair.text, pair.slot, pair.value)
        if key not in known:
            known[key] = chance(pair)
    return np.array([known[pair.text, pair.slot, pair.value] for pair in found])


def _figures(found: Sequence[Pair], chances: Chances) -> dict[str, Any]:
    """What is counted (from LIKELY on) and what is warned of while typing (from SURE on)."""
    if not found:
        return {}
    live = _scored(found, chances >= SURE)
    names = ("precision", "precision_interval", "recall", "confirmations_flagged")
    return {**_scored(found, chances >= LIKELY), **{f"live_{name}": live[name] for name in names}}


def _scored(found: Sequence[Pair], flagged: np.ndarray) -> dict[str, Any]:
    repeat = np.array([pair.repeat for pair in found])
    counts = np.column_stack([repeat & flagged, ~repeat & flagged, repeat & ~flagged]).astype(int)
    whole = _shares(counts.sum(axis=0))
    by_act = np.array([counts[at].sum(axis=0) for at in _places(found)])
    draws = np.random.default_rng(SEED).integers(0, len(by_act), (DRAWS, len(by_act)))
    spread = np.array([_shares(by_act[draw].sum(axis=0)) for draw in draws])
    low, high = np.percentile(spread, [2.5, 97.5], axis=0)
    figures: dict[str, Any] = {}
    for at, name in enumerate(("precision", "recall", "f1")):
        figures |= {name: whole[at], f"{name}_interval": [float(low[at]), float(high[at])]}
    for kind, name in (("confirm", "confirmations_flagged"), ("security", "security_flagged")):
        alike = np.array([pair.kind == kind for pair in found])
        figures[name] = float(flagged[alike].mean()) if alike.any() else None
    return figures


def _places(found: Sequence[Pair]) -> list[list[int]]:
    """Where the pairs of each act stand."""
    places: dict[str, list[int]] = defaultdict(list)
    for at, pair in enumerate(found):
        places[pair.act].append(at)
    return list(places.values())


def _shares(counts: np.ndarray) -> tuple[float, float, float]:
    """Precision, recall and F1 of right, false and missed ones."""
    right, false, missed = (float(count) for count in counts)
    precision, recall = right / max(1.0, right + false), right / max(1.0, right + missed)
    return precision, recall, 2 * right / max(1.0, 2 * right + false + missed)


def _latency(test: Sequence[Pair]) -> dict[str, float]:
    """Of judging one message against all that is known at that turn, nothing of the message remembered."""
    took = []
    for (_, text), together in list(groupby(test, key=lambda pair: (pair.dialogue, pair.text)))[:TIMED]:
        things = [(pair.slot, pair.value) for pair in together]
        repeats.forget()
        began = time.perf_counter()
        repeats.likelihoods(text, things)
        took.append(1000 * (time.perf_counter() - began))
    return {"median": float(np.median(took)), "p99": float(np.percentile(took, 99))}
