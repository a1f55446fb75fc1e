"""Judged answers: people's verdicts, what they say of a confidence, and the limits that follow from them."""

from handoffs.verdicts.figures import (
    Counts,
    Histogram,
    IntentCount,
    Measured,
    Zones,
    confidences,
    counts,
    intents,
    measured,
    reliability,
    shares,
    trade_off,
)
from handoffs.verdicts.judging import SHADOW, WRAP_UP, draws, judge, judgeable, next_to_judge, question_of
from handoffs.verdicts.suggesting import Suggestion, suggest
from handoffs.verdicts.watching import watch
from handoffs.verdicts.worth import Worth, as_judged, learn, maps, worth

__all__ = [
    "SHADOW", "WRAP_UP", "Counts", "Histogram", "IntentCount", "Measured", "Suggestion", "Worth", "Zones", "as_judged", "confidences", "counts",
    "draws", "intents", "judge", "judgeable", "learn", "maps", "measured", "next_to_judge", "question_of", "reliability", "shares", "suggest", "trade_off",
    "watch", "worth",
]
