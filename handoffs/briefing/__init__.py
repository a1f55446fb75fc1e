"""The brief from facts alone: pure, at once, for any conversation."""

from collections.abc import Mapping
from typing import Any

from handoffs import feeling
from handoffs.briefing.attempts import kept, merge
from handoffs.briefing.facts import facts_of
from handoffs.briefing.goal import goal_of
from handoffs.briefing.next_step import next_step
from handoffs.briefing.summary import summary_of
from handoffs.snapshots import Brief, Detection, Proposal, Record, Source, Transcript


def make(transcript: Transcript, detections: tuple[Detection, ...], *, name: str = "", facts: Mapping[str, Any] | None = None, note: str = "",
         record: Record | None = None) -> Brief:
    """The brief of a conversation about to be handed over, without a draft (its words belong to the waiting room's templates)."""
    found = detections[0] if detections else None
    reason = found.reason if found else "Handed over"
    proposal = transcript.proposal or Proposal()
    tried = merge((*transcript.tried, *proposal.attempts))
    goal = goal_of(transcript.said)
    step, why = next_step(detections, tried, goal, note)
    return Brief(
        feeling=feeling.over(transcript.said),
        goal=goal,
        sentences=summary_of(transcript, tried, name or "The customer", goal, reason, note),
        attempts=kept(tried),
        facts=facts_of(transcript.said, dict(facts or {})),
        sources=tuple(Source(title=source.get("title", ""), url=source.get("url", "")) for source in proposal.named_sources),
        reason=reason,
        evidence=found.evidence if found else {},
        record=record or Record(),
        next_step=step,
        next_step_why=why,
    )
