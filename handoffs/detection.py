"""Step 1: judge what is new, by asking every trigger. Pure."""

import logging

from handoffs import plugins
from handoffs.policy import Policy
from handoffs.snapshots import Action, Detection, Judgement, Transcript

logger = logging.getLogger(__name__)

# When several fire, the first in this order counts; all are kept.
ORDER = ("explicit_request", "humans_only", "assistant_failed", "repeated_failure", "low_confidence")


def detect(transcript: Transcript, policy: Policy) -> Judgement:
    """What to do now: answer, clarify or hand off, with every detection, the one that counts first."""
    found = [detection for trigger in plugins.load("handoffs.triggers").values() if (detection := _ask(trigger, transcript, policy))]
    found.sort(key=_rank)
    if not found:
        return Judgement(Action.ANSWER)
    firm = [detection for detection in found if not detection.clarify]
    if not firm:
        return Judgement(Action.CLARIFY, tuple(found))
    return Judgement(Action.HAND_OFF, (*firm, *(d for d in found if d.clarify)))


def _ask(trigger: object, transcript: Transcript, policy: Policy) -> Detection | None:
    try:
        return trigger.detect(transcript, policy)  # type: ignore[attr-defined, no-any-return]
    except Exception:
        # A trigger that raises must not cost the customer their turn.
        logger.exception("trigger %s failed", getattr(trigger, "code", trigger))
        return None


def _rank(detection: Detection) -> int:
    return ORDER.index(detection.trigger) if detection.trigger in ORDER else len(ORDER)
