"""A brief as its desk shows it: what to read first, what is folded, and what people have put right."""

from typing import Any

from handoffs import attending, corrections
from handoffs.briefing.attempts import foremost
from handoffs.briefing.fields import FIELDS
from handoffs.briefing.opening import THIRD, TO_YOU
from handoffs.models import Correction, Handoff
from handoffs.snapshots import Brief, BriefAttempt, Sentence

ATTEMPTS_SHOWN = 4
Fixed = dict[tuple[str, str, str], Correction]


def shown(handoff: Handoff) -> dict[str, Any]:
    """What the parts about the brief need; the queries do not grow with the conversation."""
    brief = handoff.what_to_know
    feeling, fixed = corrections.feeling_of(handoff, brief), _fixed(handoff)
    first = foremost(brief.attempts, ATTEMPTS_SHOWN)
    rest = [attempt for attempt in brief.attempts if not any(attempt is one for one in first)]
    return {
        "brief": brief,
        "feeling": feeling,
        "moods": [mood.value for mood in feeling.moods],
        **_sentences(brief),
        "attempts": _with_fixes(first, fixed),
        "more_attempts": _with_fixes(rest, fixed),
        "facts": [(fact, fixed.get(("fact", fact.name.casefold(), fact.value))) for fact in brief.facts],
        "added_after": attending.began_at(handoff) if handoff.added else None,
        "sources": corrections.sources_of(handoff, brief),
        "goal_fix": fixed.get(("goal", "", brief.goal)),
        "feeling_fix": fixed.get(("feeling", "", feeling.mood)),
        "field_names": [field.code for field in FIELDS if not field.sensitive],
    }


def told(brief: Brief) -> dict[str, Any]:
    """What the waiting customer reads of their own brief; what is sensitive cannot be put right over a page that shows its end alone."""
    facts = [(fact, not corrections.is_sensitive(fact)) for fact in corrections.told(brief)]
    return {"told_goal": brief.goal if "goal" in brief.corrected else to_you(brief.goal), "told_facts": facts}


def to_you(goal: str) -> str:
    """A goal in the words one uses to the customer: it speaks of them as "they"."""
    said = THIRD.sub(lambda word: TO_YOU[word[0].lower()], goal)
    return said[:1].upper() + said[1:]


def _sentences(brief: Brief) -> dict[str, Any]:
    """Numbered sentences: those in sight, and a press away those that say what the lines of the need and the reason say already."""
    numbered = list(enumerate(brief.sentences, 1))
    in_sight = [(number, sentence) for number, sentence in numbered if not _said_already(sentence, brief)] or numbered
    return {"in_sight": in_sight, "said_already": [row for row in numbered if row not in in_sight]}


def _said_already(sentence: Sentence, brief: Brief) -> bool:
    return bool(sentence.about == "issue" and brief.goal) or bool(brief.reason and brief.reason.casefold() in sentence.text.casefold())


def _fixed(handoff: Handoff) -> Fixed:
    """The newest correction that put each value there, by what, name and value."""
    rows = handoff.corrections.select_related("agent")
    return {(row.field, row.name.casefold(), str(row.after)): row for row in rows}


def _with_fixes(attempts: tuple[BriefAttempt, ...] | list[BriefAttempt], fixed: Fixed) -> list[tuple[BriefAttempt, Correction | None]]:
    return [(attempt, fixed.get(("attempt", attempt.step.casefold(), attempt.outcome.value))) for attempt in attempts]
