"""Step 2: the brief, what a person must know, made from facts alone. Always succeeds."""

import logging
from typing import Any

from handoffs import briefing, waiting_room
from handoffs.briefing.next_step import READ_FIRST
from handoffs.briefing.opening import Opening, opening_of
from handoffs.snapshots import Brief, Detection, Record, Sentence, Transcript

logger = logging.getLogger(__name__)


def pack(transcript: Transcript, detections: tuple[Detection, ...], *, name: str = "", facts: dict[str, Any] | None = None, note: str = "",
         record: Record | None = None) -> Brief:
    """The brief of a conversation about to be handed over; what of it cannot be made is left out or said in the plainest words that are true."""
    try:
        brief, goal = briefing.made(transcript, detections, name=name, facts=facts, note=note, record=record)
    except Exception:
        logger.exception("packaging failed, the brief falls back to facts")
        return _plainest(transcript, detections)
    opening = briefing.part("opening", lambda: opening_of(goal, brief.facts), Opening())
    return brief.model_copy(update={"draft": briefing.part("draft", lambda: _draft(brief, opening, name), "")})


def opened_plainly(brief: Brief, name: str) -> Brief:
    """With a draft that leaves the need unsaid: what people wrote as the need is no clause to be told back."""
    return brief.model_copy(update={"draft": _draft(brief, Opening(), name)})


def _draft(brief: Brief, opening: Opening, name: str) -> str:
    """The braces are the page's: it puts the agent's name between them."""
    first = name.split()[0].strip("{}") if name.split() else ""
    return waiting_room.words("draft", name=first, mood=brief.feeling.mood, kind=opening.kind, need=opening.need, about=opening.about, known=opening.known)


def _plainest(transcript: Transcript, detections: tuple[Detection, ...]) -> Brief:
    reason = detections[0].reason if detections else "Handed over"
    goal = briefing.first_words(transcript)
    return Brief(goal=goal.text, goal_turns=goal.turns, sentences=(Sentence(text=reason),), reason=reason, next_step=READ_FIRST)
