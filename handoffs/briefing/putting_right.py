"""A brief with one thing in it put right by a person: pure, the old brief in and the new one out."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from handoffs.briefing.next_step import ASK_FIRST
from handoffs.feeling import HOW_TO_OPEN
from handoffs.snapshots import Brief, BriefAttempt, Fact, Mood, Outcome, Sentence, Source, Was

# Characters of a value and of a fact's name, facts of a brief, and earlier values of one fact.
LONGEST, LONGEST_NAME, MOST_FACTS, MOST_WAS = 200, 60, 200, 10
LEAST_REPLACED = 3  # characters: a shorter value may stand for something else in a sentence
By = Literal["customer", "agent"]


class Wrong(ValueError):
    """What somebody wants to put there is no such thing; the words say why."""


class Moved(LookupError):
    """What was to be changed is not there any more."""


@dataclass(frozen=True)
class Fix:
    """What to put right: `name` is the fact's name, the attempt's step, or the source's address or title; `before` is the value it had in the
    eyes of who changes it. `after` is a text, a mood, an outcome, whether a source is out of date, or None to take a fact away.
    """

    field: Literal["goal", "feeling", "fact", "attempt", "source"]
    after: str | bool | None
    name: str = ""
    before: str = ""


def put_right(brief: Brief, fix: Fix, by: By) -> tuple[Any, Brief]:
    """The value before (None: it was not there) and the revised brief, the same one when it was so already. Raises Wrong, Moved."""
    before, revised = FIXES[fix.field](brief, fix, by)
    if before == fix.after:
        return before, brief
    # A summary worded anew from the conversation would name the old value: it still stands there.
    stale = revised.sentences != brief.sentences or (fix.field == "fact" and before is not None)
    names = (fix.field, *(["summary"] if stale else []))
    return before, revised.model_copy(update={"corrected": tuple(dict.fromkeys((*brief.corrected, *names)))})


def key_of(source: Source) -> str:
    """What a source goes by."""
    return source.url or source.title


def one_line(text: object, longest: int = LONGEST) -> str:
    """A text on one line. Raises Wrong when it is empty or too long."""
    plain = " ".join(str(text or "").split())
    if not plain:
        raise Wrong("write something first")
    if len(plain) > longest:
        raise Wrong(f"this is too long: {longest} characters at most")
    return plain


def _goal(brief: Brief, fix: Fix, by: By) -> tuple[str, Brief]:
    goal = one_line(fix.after)
    issue = Sentence(text=goal if goal.endswith((".", "!", "?", "…")) else f"{goal}.", about="issue")
    others = (sentence for sentence in brief.sentences if sentence.about != "issue")
    step = _step_for(goal, brief)
    return brief.goal, brief.model_copy(update={"goal": goal, "goal_turns": (), "sentences": (issue, *others), "next_step": step})


def _step_for(goal: str, brief: Brief) -> str:
    """The next step with the new need where it names the old one."""
    if brief.next_step == ASK_FIRST:
        return f"Solve this first: {goal.rstrip('.')}."
    need, colon, rest = brief.goal.partition(": ")
    old = f"{need} ({rest})" if colon else brief.goal
    return re.sub(re.escape(old), lambda _: goal.rstrip("."), brief.next_step, count=1, flags=re.I) if old else brief.next_step


def _feeling(brief: Brief, fix: Fix, by: By) -> tuple[str, Brief]:
    if fix.after not in tuple(Mood):
        raise Wrong("choose a feeling")
    mood = Mood(str(fix.after))
    feeling = brief.feeling.model_copy(update={"mood": mood, "read": True, "how_to_open": HOW_TO_OPEN[mood]})
    return brief.feeling.mood.value, brief.model_copy(update={"feeling": feeling})


def _fact(brief: Brief, fix: Fix, by: By) -> tuple[str | None, Brief]:
    name = one_line(fix.name, LONGEST_NAME)
    after = None if fix.after is None else one_line(fix.after)
    same = [fact for fact in brief.facts if fact.name.casefold() == name.casefold()]
    old = next((fact for fact in same if fact.value == fix.before), None) or (None if fix.before else next(iter(same), None))
    if old is None and (any(fact.value == after for fact in same) or (after is None and not same)):
        return after, brief
    if old is None and fix.before:
        raise Moved("this fact has changed meanwhile")
    if old is None and len(brief.facts) >= MOST_FACTS:
        raise Wrong("there are too many facts already")
    if old is None or after is None:
        facts = tuple(fact for fact in brief.facts if fact is not old) + ((Fact(name=name, value=after, by=by),) if after is not None else ())
        return old.value if old else None, brief.model_copy(update={"facts": facts})
    new = Fact(name=old.name, value=after, by=by, was=(*old.was, Was(value=old.value, turn=old.turn))[-MOST_WAS:])
    facts = tuple(new if fact is old else fact for fact in brief.facts)
    return old.value, _named_anew(brief.model_copy(update={"facts": facts}), old.value, after)


def _named_anew(brief: Brief, before: str, after: str) -> Brief:
    """Sentences that name the old value name the new one."""
    if len(before) < LEAST_REPLACED:
        return brief
    old = re.compile(rf"(?<!\w){re.escape(before)}(?!\w)")
    sentences = tuple(sentence.model_copy(update={"text": old.sub(lambda _: after, sentence.text)}) for sentence in brief.sentences)
    words = {name: old.sub(lambda _: after, getattr(brief, name)) for name in ("goal", "next_step", "draft")}
    return brief.model_copy(update={"sentences": sentences, **words})


def _attempt(brief: Brief, fix: Fix, by: By) -> tuple[str, Brief]:
    if fix.after not in tuple(Outcome):
        raise Wrong("choose what came of it")
    outcome = Outcome(str(fix.after))
    same = [attempt for attempt in brief.attempts if attempt.step == fix.name]
    old: BriefAttempt | None = next((attempt for attempt in same if attempt.outcome == fix.before), None)
    if old is None:
        if any(attempt.outcome == outcome for attempt in same):
            return outcome.value, brief
        raise Moved("this step has changed meanwhile")
    attempts = tuple(attempt.model_copy(update={"outcome": outcome}) if attempt is old else attempt for attempt in brief.attempts)
    return old.outcome.value, brief.model_copy(update={"attempts": attempts})


def _source(brief: Brief, fix: Fix, by: By) -> tuple[bool, Brief]:
    old = next((source for source in brief.sources if key_of(source) == fix.name), None)
    if old is None:
        raise Moved("the assistant did not read this")
    sources = tuple(source.model_copy(update={"out_of_date": bool(fix.after)}) if source is old else source for source in brief.sources)
    return old.out_of_date, brief.model_copy(update={"sources": sources})


FIXES: dict[str, Callable[[Brief, Fix, By], tuple[Any, Brief]]] = {
    "goal": _goal, "feeling": _feeling, "fact": _fact, "attempt": _attempt, "source": _source,
}
