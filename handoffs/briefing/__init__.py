"""The brief from facts alone: pure, at once, for any conversation; a part that breaks leaves the others standing."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from handoffs import feeling
from handoffs.briefing.attempts import kept, merge
from handoffs.briefing.facts import facts_of
from handoffs.briefing.goal import Goal, goal_of
from handoffs.briefing.next_step import READ_FIRST, next_step
from handoffs.briefing.summary import summary_of
from handoffs.snapshots import Brief, BriefAttempt, Detection, Fact, Feeling, Mood, Proposal, Record, Sentence, Source, Transcript, Tried

logger = logging.getLogger(__name__)

Made = TypeVar("Made")
MOST_SOURCES = 20
UPSET = (Mood.ANGRY, Mood.FRUSTRATED)


def make(transcript: Transcript, detections: tuple[Detection, ...], *, name: str = "", facts: Mapping[str, Any] | None = None, note: str = "",
         record: Record | None = None) -> Brief:
    """The brief of a conversation about to be handed over, without a draft (its words belong to the waiting room's templates)."""
    return made(transcript, detections, name=name, facts=facts, note=note, record=record)[0]


def made(transcript: Transcript, detections: tuple[Detection, ...], *, name: str = "", facts: Mapping[str, Any] | None = None, note: str = "",
         record: Record | None = None) -> tuple[Brief, Goal]:
    """The brief, and how its goal was read: an opening message is made from both."""
    found = detections[0] if detections else None
    reason = found.reason if found else "Handed over"
    proposal = transcript.proposal or Proposal()
    felt = part("feeling", lambda: feeling.over(transcript.said), Feeling())
    tried = part("attempts", lambda: merge((*transcript.tried, *_placed(proposal, transcript))), tuple[BriefAttempt, ...]())
    goal = part("goal", lambda: goal_of(transcript.lines), first_words(transcript))
    plainest: tuple[Sentence, ...] = (Sentence(text=f"{reason}."),)
    sentences = part("summary", lambda: summary_of(transcript, tried, name or "The customer", goal, note, felt.mood in UPSET), plainest)
    step, why = part("next step", lambda: next_step(detections, tried, goal), (READ_FIRST, ""))
    brief = Brief(
        feeling=felt,
        goal=goal.text,
        goal_turns=goal.turns,
        sentences=sentences,
        attempts=kept(tried),
        facts=part("facts", lambda: facts_of((*transcript.before, *transcript.lines), facts or {}), tuple[Fact, ...]()),
        sources=sources_of((*transcript.sources, *proposal.named_sources)),
        reason=reason,
        evidence=found.evidence if found else {},
        record=record or Record(),
        next_step=step,
        next_step_why=why,
    )
    return brief, goal


def _placed(proposal: Proposal, transcript: Transcript) -> Iterable[Tried]:
    """The steps of what is only proposed, with the last turn said before them."""
    last = transcript.lines[-1].number or None if transcript.lines else None
    return (replace(each, turn=each.turn or last) for each in proposal.attempts)


def sources_of(read: Iterable[Mapping[str, str]]) -> tuple[Source, ...]:
    """What the assistant read, each once, at most the newest MOST_SOURCES."""
    named = dict.fromkeys((source.get("title") or "", source.get("url") or "") for source in read)
    return tuple(Source(title=title, url=url) for title, url in [each for each in named if any(each)][-MOST_SOURCES:])


def part(name: str, make_it: Callable[[], Made], otherwise: Made) -> Made:
    """One part of a brief; when it breaks that is logged, and `otherwise` stands in its place."""
    try:
        return make_it()
    except Exception:
        logger.exception("the brief's %s could not be made", name)
        return otherwise


def first_words(transcript: Transcript) -> Goal:
    """The goal when none can be read: the customer's newest words as they are."""
    if not transcript.said:
        return Goal()
    last = transcript.said[-1]
    return Goal(" ".join(last.text[:200].split()[:12]), (last.number,) if last.number else ())
