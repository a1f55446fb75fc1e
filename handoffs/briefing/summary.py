"""The summary: what they need, what stands in the way, why it is here; each sentence with the turns it was made from."""

import re

from handoffs.snapshots import Author, BriefAttempt, Outcome, Sentence, Transcript

QUOTED = re.compile(r"\s?(?:\b(?:for|about|of|to)\s)?“[^”]{0,500}”?")
READ = 2000  # characters of a step
RESULT = {Outcome.DONE: "it worked", Outcome.FAILED: "it failed", Outcome.REFUSED: "it was refused", Outcome.UNKNOWN: "the result is not known"}


def summary_of(transcript: Transcript, tried: tuple[BriefAttempt, ...], name: str, goal: str, reason: str,
               note: str) -> tuple[Sentence, ...]:
    """Two to three sentences, at most about 60 words: what they need, what stands in the way, why it is here."""
    first = f"{name} wrote: “{_cut(goal, 18)}”" if transcript.said else f"{name} has not written yet"
    failed = [attempt for attempt in tried if attempt.outcome in (Outcome.FAILED, Outcome.REFUSED)]
    if failed:
        last = failed[-1]
        second = f"The assistant tried “{named(last.step)}” and {RESULT[last.outcome]}" + (f": {_cut(last.detail, 10)}" if last.detail else "")
    elif tried:
        second = f"The assistant did {len(tried)} step{'s' if len(tried) > 1 else ''}, last “{named(tried[-1].step)}”"
    else:
        answers = sum(line.author is Author.ASSISTANT for line in transcript.lines)
        times = f"{answers} time{'s' if answers != 1 else ''}"
        second = f"The assistant answered {times}, without a step of its own" if answers else "The assistant has not answered"
    third = f"Handed over because: {_cut(note, 16) if note else reason[:1].lower() + reason[1:]}"
    turns = tuple(line.number for line in transcript.said if goal.rstrip("…") in line.text)[:1]
    return (
        Sentence(text=_stop(first), about="issue", turns=turns),
        Sentence(text=_stop(second), about="obstacle", turns=(failed[-1].turn,) if failed and failed[-1].turn else ()),
        Sentence(text=_stop(third), about="open_to"),
    )


def _stop(sentence: str) -> str:
    return sentence if sentence.rstrip("”").endswith((".", "!", "?", "…")) else f"{sentence}."


def _cut(text: str, words: int) -> str:
    parts = text.split()
    return " ".join(parts[:words]).rstrip(",;:") if len(parts) <= words else " ".join(parts[:words]).rstrip(",;:.") + "…"


def named(step: str) -> str:
    """A step in a few words, without what it quotes: quotes within quotes cannot be read."""
    return _cut(QUOTED.sub("", step[:READ]).strip() or step, 8)
