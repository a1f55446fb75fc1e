"""The trained models in use: read from their rows, kept in this process, and looked up again at most once a second."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from handoffs.learned.intents import IntentModel
from handoffs.models import LearnedModel
from handoffs.snapshots import Line

logger = logging.getLogger(__name__)

FRESH = 1.0  # seconds
LACKING = "The learned model of {}, version {}, was learned with {}, which this machine lacks; it guesses less well."
BROKEN = "The learned model of {}, version {}, is broken; {} stands in."
READERS: dict[str, Callable[[bytes], Any]] = {"intents": IntentModel.from_bytes}


@dataclass
class Kept:
    """The version that should be used, the model that is, and what is wrong when they differ."""

    number: int | None
    model: Any
    looked_at: float
    problem: str = ""


_kept: dict[str, Kept] = {}


def intents() -> IntentModel | None:
    """The team's model of intents; None before anything was learned."""
    model: IntentModel | None = model_of("intents")
    return model


def voiced(line: Line) -> Line:
    """The line with the intent the team's model finds in it, unless somebody said which; an empty intent with a confidence is "don't know"."""
    model = None if line.intent else intents()
    if model is None:
        return line
    try:
        intent, sure = model.predict(line.text)
    except Exception:
        logger.exception("the model of intents failed; the words go without one")
        return line
    return replace(line, intent=intent, intent_confidence=round(sure, 4))


def model_of(kind: str) -> Any | None:
    """The model of the kind in use. When its body is broken: the newest earlier one that can be read, and `problems` says so."""
    now, kept = time.monotonic(), _kept.get(kind)
    if kept and now - kept.looked_at < FRESH:
        return kept.model
    number = LearnedModel.objects.filter(kind=kind, subject="", in_use=True).values_list("number", flat=True).first()
    if kept is None or kept.number != number:
        kept = _kept[kind] = _read(kind, number)
    kept.looked_at = now
    return kept.model


def problems() -> tuple[str, ...]:
    """A sentence for each model in use that could not be read."""
    for kind in READERS:
        model_of(kind)
    return tuple(kept.problem for kept in _kept.values() if kept.problem)


def forget() -> None:
    """Look everything up again, now."""
    _kept.clear()


def _read(kind: str, number: int | None) -> Kept:
    if number is None:
        return Kept(None, None, 0.0)
    rows = LearnedModel.objects.filter(kind=kind, subject="", number__lte=number).order_by("-number")
    for row in rows.iterator(chunk_size=1):
        try:
            model = READERS[kind](bytes(row.body))
        except ValueError as error:
            logger.error("%s cannot be read: %s", row, error)
            continue
        lacking = LACKING.format(kind, row.number, " and ".join(model.missing)) if model.missing else ""
        return Kept(number, model, 0.0, lacking if row.number == number else BROKEN.format(kind, number, f"version {row.number}"))
    return Kept(number, None, 0.0, BROKEN.format(kind, number, "nothing"))
