"""Step 2: the brief, what a person must know, made from facts alone. Always succeeds."""

import logging
from typing import Any

from handoffs import briefing, waiting
from handoffs.snapshots import Brief, Detection, Record, Sentence, Transcript

logger = logging.getLogger(__name__)

PLAIN_GOAL = 110  # characters


def pack(transcript: Transcript, detections: tuple[Detection, ...], *, name: str = "", facts: dict[str, Any] | None = None, note: str = "",
         record: Record | None = None) -> Brief:
    """The brief of a conversation about to be handed over; on any error the plainest brief that is true."""
    try:
        brief = briefing.make(transcript, detections, name=name, facts=facts, note=note, record=record)
        return brief.model_copy(update={"draft": waiting.words("draft", name=name.split()[0] if name.strip() else "", mood=brief.feeling.mood)})
    except Exception:
        logger.exception("packaging failed, the brief falls back to facts")
        reason = detections[0].reason if detections else "Handed over"
        last = transcript.said[-1] if transcript.said else None
        return Brief(goal=last.text[:PLAIN_GOAL] if last else "", goal_turns=(last.number,) if last else (), sentences=(Sentence(text=reason),), reason=reason,
                     next_step="Read the conversation, then answer.")
