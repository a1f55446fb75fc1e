"""How many explicit requests for a person are heard, and how often one is heard that was not made."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from handoffs.evaluation.files import Files, Row
from handoffs.learned.phrases import signed
from handoffs.learned.requests import KIND, RequestModel, wish
from handoffs.learned.text import normal

SEED = 7
FALSE_ALARMS = 0.01
MOST = 15_000  # messages that do not ask: more teach nothing and take minutes
HUMAN, SERVICE = "contact_human_agent", "contact_customer_service"


@dataclass(frozen=True)
class Message:
    """One text, the set it is from, and whether it asks for a person; None where its label does not say."""

    text: str
    source: str
    asks: bool | None
    service: bool = False


class HumanRequest:
    """Explicit requests for a person: the rules and a model trained on --train and on our own phrases, ranked together.

    Rows whose label leaves open whether a person is asked for (a live bot's "chat with agent", a shop's "contact customer service") are left out;
    the latter are counted as others, as if nobody asked, in `..._with_customer_service`.
    """

    code = "human_request"

    def measure(self, files: Files) -> dict[str, Any]:
        """Raises ValueError when the training or the test rows lack requests or other messages."""
        test = _once(message for row in files.test for message in messages(row))
        seen = {normal(message.text) for message in test}
        known = [message for row in files.train + files.dev for message in messages(row) if normal(message.text) not in seen]
        own = [Message(text, "phrases", asks) for text, asks in signed(KIND) if normal(text) not in seen]
        clear = [message for message in test if message.asks is not None]
        if not any(message.asks for message in clear) or all(message.asks for message in clear):
            raise ValueError("the test rows must hold requests for a person and other messages")
        figures = _ranked(known + own, clear, ("recall_at_1pct_false_alarms", "auc"))
        if any(message.service for message in test):
            names = ("recall_at_1pct_false_alarms_with_customer_service", "auc_with_customer_service")
            figures |= _ranked(_service_as_others(known) + own, [message for message in _service_as_others(test) if message.asks is not None], names)
        asking = sum(bool(message.asks) for message in clear)
        return figures | _as_shipped(clear) | {"asking": asking, "others": len(clear) - asking, "left_out": len(test) - len(clear)}


def messages(row: Row) -> list[Message]:
    """What customers say in a row of any set, with what its labels say of it."""
    if "events" in row:
        return [Message(event["text"], "dialogues", False) for event in row["events"] if event["who"] == "user" and event.get("text")]
    text, intent = row["text"], str(row.get("intent", ""))
    if "wants_human" in row:
        return [Message(text, "handoff_phrases", bool(row["wants_human"]))]
    if "intents" in row:
        return [Message(text, "nlupp" if "slots" in row else "several_intents", "handoff" in row["intents"])]
    if "AGENT" in intent or "AGENT" in str(row.get("intent_v1", "")):
        return [Message(text, "live_bots", None)]
    if intent == SERVICE:
        return [Message(text, "bitext", None, service=True)]
    return [Message(text, "bitext" if "tags" in row else "live_bots" if "bot" in row else "one_intent", intent == HUMAN)]


def _service_as_others(found: list[Message]) -> list[Message]:
    return [replace(message, asks=False) if message.service else message for message in found]


def _once(found: Any) -> list[Message]:
    """Each text once per source, in order."""
    return list({(message.source, normal(message.text)): message for message in found}.values())


def _ranked(known: Sequence[Message], test: Sequence[Message], names: tuple[str, str]) -> dict[str, Any]:
    usable = _learnable(known)
    model = RequestModel.fit([message.text for message in usable], [bool(message.asks) for message in usable], seed=SEED)
    scores, asks = model.likelihoods([message.text for message in test]), np.array([message.asks for message in test], bool)
    limit = _limit(scores[~asks])
    recalls = {source: float((scores[at] > limit).mean()) for source in _sources(test) if (at := _of(test, source) & asks).any()}
    return {names[0]: float((scores[asks] > limit).mean()), names[0] + "_by_source": recalls, names[1]: float(roc_auc_score(asks, scores))}


def _learnable(known: Sequence[Message]) -> list[Message]:
    """Every request, and at most MOST of the others, at random."""
    usable = _once(message for message in known if message.asks is not None)
    others = [message for message in usable if not message.asks]
    kept = random.Random(SEED).sample(others, min(MOST, len(others)))
    return [message for message in usable if message.asks] + kept


def _limit(others: np.ndarray) -> float:
    """The lowest limit that at most FALSE_ALARMS of the others exceed."""
    return float(np.sort(others)[::-1][int(FALSE_ALARMS * len(others))])


def _as_shipped(test: Sequence[Message]) -> dict[str, Any]:
    """What the product itself does, its weights as they come: nothing is trained for this."""
    fires, asks = np.array([wish(message.text) is not None for message in test]), np.array([message.asks for message in test], bool)
    by_source = {
        source: {"recall": _share(fires[_of(test, source) & asks]), "false_alarms": _share(fires[_of(test, source) & ~asks])} for source in _sources(test)
    }
    return {"recall": float(fires[asks].mean()), "false_alarms": float(fires[~asks].mean()), "as_shipped_by_source": by_source}


def _share(fires: np.ndarray) -> float | None:
    return float(fires.mean()) if len(fires) else None


def _sources(test: Sequence[Message]) -> list[str]:
    return sorted({message.source for message in test})


def _of(test: Sequence[Message], source: str) -> np.ndarray:
    return np.array([message.source == source for message in test])
