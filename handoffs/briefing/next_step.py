"""The suggested next step, and why."""

import re

from handoffs.briefing.clauses import cut
from handoffs.briefing.frames import VERBS
from handoffs.briefing.goal import NO_GOAL, Goal
from handoffs.briefing.summary import named, stands_in_the_way
from handoffs.snapshots import BriefAttempt, Detection, Outcome

ASK_FIRST = "Ask what they need; they have not said it yet."
READ_FIRST = "Read the conversation, then answer."
LOOKED_UP = re.compile(r"\s*(?:search|look|find|found|read|quer|answer|repl)", re.I)
# What to do first, before the need itself.
BY_TRIGGER = {
    "humans_only": ("Say what is safe now, then take it over yourself", "The topic is on the list for people; the assistant gave no advice."),
    "out_of_scope": ("Say what is safe now, then take it over yourself", "No assistant covers this topic; it gave no advice."),
    "compliance": ("Answer only what you are qualified for, or name who is", "Rules keep this topic from assistants; it gave no advice."),
    "high_stakes": ("Check what they are entitled to, repeat what you will do, then do it", "It is dear or cannot be undone."),
    "ungrounded": ("Check the assistant’s answer against the source, then give your own", "Parts of it do not stand in what it read."),
    "low_confidence": ("Check the assistant’s answer against the source, then give your own", "The assistant was not sure of it."),
    "repeated_failure": ("Answer this first, in one sentence", "It was asked again and again."),
    "sentiment_drop": ("Name what went wrong so far, then do this at once", "Their mood fell while the assistant answered."),
    "assistant_failed": ("Pick up where the assistant stopped", "Its answer never came."),
}

VERB_BY_KIND = {"to": "Do", "you": "Do", "for": "Do", "how": "Answer", "about": "Answer", "ask": "Answer"}
BY_KIND = {"to": "Help them", "for": "See to this:", "ask": "Answer this:"}


def next_step(detections: tuple[Detection, ...], tried: tuple[BriefAttempt, ...], goal: Goal) -> tuple[str, str]:
    """What to do first, and why: from what was refused, from the trigger, else from the need itself."""
    trigger = detections[0].trigger if detections else ""
    failed = stands_in_the_way(tried, goal)
    if failed:
        return _after(failed, goal)
    if trigger in BY_TRIGGER:
        advice, why = BY_TRIGGER[trigger]
        return (f"{advice}." if goal.text == NO_GOAL else _stop(f"{advice}: {goal.inline}")), why
    if goal.text == NO_GOAL:
        return ASK_FIRST, "There is no request in the conversation so far."
    return _stop(_by_need(goal)), "They asked for a person and have explained it once." if trigger == "explicit_request" else "The assistant did not settle it."


def _after(failed: BriefAttempt, goal: Goal) -> tuple[str, str]:
    result = "was refused" if failed.outcome is Outcome.REFUSED else "failed"
    detail = f": {cut(' '.join(failed.detail[:300].split()), 12).rstrip('.')}" if failed.detail.strip() else ""
    why = f"The assistant’s “{named(failed.step)}” {result}{detail}."
    verb = VERB_BY_KIND.get(goal.need.kind, "Solve")
    if LOOKED_UP.match(failed.step):
        return ("Answer this yourself." if goal.text == NO_GOAL else _stop(f"{verb} this yourself: {goal.inline}")), why
    if goal.text == NO_GOAL:
        return f"Do by hand what the assistant could not: {named(failed.step).rstrip('.…')}.", why
    return _stop(f"{verb} this by hand: {goal.inline}"), why


def _by_need(goal: Goal) -> str:
    """The need as something an agent can do."""
    kind, text = goal.need.kind, goal.inline
    if kind in ("how", "about"):
        return f"Tell them {text}"
    if kind == "you" or text.split(" ", 1)[0].lower() in VERBS:
        return text[:1].upper() + text[1:]
    return f"{BY_KIND.get(kind, 'Solve this first:')} {text}"


def _stop(text: str) -> str:
    return text if text.endswith((".", "?", "!", "…")) else f"{text}."
