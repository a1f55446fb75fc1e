"""Step 1: judge what is new, by asking every trigger. Pure."""

import logging
from functools import lru_cache
from typing import Protocol

from handoffs import plugins
from handoffs.policy import Policy
from handoffs.snapshots import Action, Detection, Judgement, Question, Transcript

logger = logging.getLogger(__name__)

# When several fire, the first in this order counts; all are kept. A trigger of somebody else's comes last.
ORDER = (
    # The customer's own wish is never argued with.
    "explicit_request",
    # SHOULD an assistant answer? What the team decided goes before what the product ships with; then by what a wrong answer may do:
    # harm or crime, breaking the rules of a trade, losing money or an account.
    "humans_only",
    "out_of_scope",
    "compliance",
    "high_stakes",
    # Nothing need be wrong with it: a person only reads it first.
    "copilot",
    # CAN it? What happened goes before what is observed, what is observed before what is guessed; the assistant's own doubt,
    # which may only need a question, comes last.
    "assistant_failed",
    "ungrounded",
    "repeated_failure",
    "sentiment_drop",
    "low_confidence",
)


class Trigger(Protocol):
    """What every plug-in of `handoffs/triggers/` offers."""

    code: str
    label: str
    question: Question

    def detect(self, transcript: Transcript, policy: Policy) -> Detection | None: ...


def detect(transcript: Transcript, policy: Policy) -> Judgement:
    """What to do now: answer, clarify or hand off, with every detection, the one that counts first."""
    found: list[Detection] = []
    for trigger in triggers():
        try:
            if detection := trigger.detect(transcript, policy):
                found.append(detection)
        except Exception:
            # A trigger that raises must not cost the customer their turn.
            logger.exception("trigger %s failed", getattr(trigger, "code", trigger))
    if not found:
        return Judgement(Action.ANSWER)
    firm = [detection for detection in found if not detection.clarify]
    if not firm:
        return Judgement(Action.CLARIFY, tuple(found))
    return Judgement(Action.HAND_OFF, (*firm, *(d for d in found if d.clarify)))


def triggers() -> tuple[Trigger, ...]:
    """Every trigger there is, in the order in which they count."""
    loaded = plugins.load("handoffs.triggers")
    return tuple(loaded[code] for code in _in_order(tuple(loaded)))


def question_of(code: str) -> Question | None:
    """What the trigger of that code asks; None for a handoff that no trigger began."""
    trigger = plugins.load("handoffs.triggers").get(code)
    return getattr(trigger, "question", None)


@lru_cache(maxsize=8)
def _in_order(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(codes, key=lambda code: ORDER.index(code) if code in ORDER else len(ORDER)))
