"""The suggested next step, and why."""

import re

from handoffs.briefing.goal import NO_GOAL
from handoffs.briefing.summary import named
from handoffs.snapshots import BriefAttempt, Detection, Outcome

LOOKED_UP = re.compile(r"\s*(?:search|look|find|found|read|quer|answer|repl)", re.I)
BY_TRIGGER = {
    "humans_only": ("Say what is safe now, then take it over yourself; the assistant gave no advice.", "The topic is on the list for people."),
    "out_of_scope": ("Say what is safe now, then take it over yourself; the assistant gave no advice.", "No assistant covers this topic."),
    "compliance": ("Answer only what you are qualified for, or name who is; the assistant gave no advice.", "Rules keep this topic from assistants."),
    "high_stakes": ("Check what they are entitled to, repeat what you will do and the sum, then do it.", "It is dear or cannot be undone."),
    "ungrounded": ("Check the assistant's answer against the source, then give your own.", "Parts of it do not stand in what it read."),
    "low_confidence": ("Check the assistant's answer against the source, then give your own.", "The assistant was not sure of it."),
    "repeated_failure": ("Answer the repeated question first, in one sentence.", "It was asked again and again."),
    "sentiment_drop": ("Name what went wrong so far, then do the next thing at once.", "Their mood fell while the assistant answered."),
    "assistant_failed": ("Pick up where the assistant stopped: its answer never came.", "The customer is owed an answer."),
}


def next_step(detections: tuple[Detection, ...], tried: tuple[BriefAttempt, ...], goal: str, note: str) -> tuple[str, str]:
    trigger = detections[0].trigger if detections else ""
    failed = [attempt for attempt in tried if attempt.outcome in (Outcome.FAILED, Outcome.REFUSED)]
    if failed:
        step = named(failed[-1].step)
        if LOOKED_UP.match(step):
            return "Answer this yourself: what the assistant tried did not help.", "It had no answer that fits."
        return f"Do by hand what the assistant could not: {step[:1].lower()}{step[1:].rstrip('.…')}.", "Its last failed step stands in the way."
    if trigger in BY_TRIGGER:
        return BY_TRIGGER[trigger]
    if goal == NO_GOAL:
        return "Ask what they need; they have not said it yet.", "There is no request in the conversation so far."
    return "Confirm that you know what they need, then do it.", "They asked for a person and have explained it once."
