"""Whether what a brief says stands in its conversation: a plain check of its own, apart from the gate that Baton itself uses."""

import re
from collections.abc import Iterator

from handoffs.briefing import faithful, masking
from handoffs.briefing.goal import NO_GOAL
from handoffs.snapshots import Brief, Transcript

FIGURES = re.compile(r"\d+(?:[.,:/-]\d+)*")
NUMBER_WORDS = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fifteen|twenty|thirty|forty|fifty|sixty|ninety|hundred|thousand|twice)\b", re.I
)
# What a brief says of a conversation that has nothing to quote.
OURS = (NO_GOAL, "The assistant has not answered. The customer has not written yet.")
DAYS = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|june|july|august|september|october|november|december"
    r"|tomorrow|tonight)\b",
    re.I,
)
NAME = re.compile(r"(?<=[\w,;:] )[A-Z][\w'’-]+")


def texts(brief: Brief) -> Iterator[str]:
    """Everything a brief says in words, without what it only passes on as it was sent (attempts, sources, the record)."""
    yield from (brief.goal, *(sentence.text for sentence in brief.sentences), brief.next_step, brief.next_step_why, brief.feeling.how_to_open)
    for fact in brief.facts:
        yield from (fact.value, *(was.value for was in fact.was))


def strange(brief: Brief, transcript: Transcript) -> list[str]:
    """Every number, day or name of the brief's texts that no turn and no attempt has, with the text it stands in."""
    known = _known(brief, transcript)
    lower = " ".join(known).lower()
    figures, words = set(FIGURES.findall(lower)) | set(re.findall(r"\d+", lower)), set(re.findall(r"[^\W_]+", lower))
    turns = {line.number: " ".join(line.text.split()) for line in (*transcript.before, *transcript.lines)}
    found = [f"{value!r} is not in turn {turn}" for value, turn in _quoted(brief) if value.rstrip("…") not in turns.get(turn or 0, "")]
    for text in texts(brief):
        plain = re.sub(rf"{masking.HIDDEN}(?: \d{{4}})?", "", text)
        missing = [figure for figure in FIGURES.findall(plain) if figure not in figures]
        missing += [word for pattern in (NUMBER_WORDS, DAYS) for word in pattern.findall(plain) if word.lower() not in words]
        missing += [name for name in NAME.findall(plain) if not set(re.findall(r"[^\W_]+", name.lower())) <= words]
        found += [f"{what!r} in {text!r}" for what in missing]
    return found


def _quoted(brief: Brief) -> Iterator[tuple[str, int | None]]:
    """The customer's facts, whose words must stand in the turn they name."""
    for fact in brief.facts:
        said = [(fact.value, fact.turn), *((was.value, was.turn) for was in fact.was)] if fact.by == "customer" else []
        yield from ((value, turn) for value, turn in said if masking.HIDDEN not in value)


def ungated(brief: Brief, transcript: Transcript) -> list[str]:
    """The same by the gate that replies of a language model must pass, of what a model may word: the goal and the summary."""
    known = _known(brief, transcript)
    worded = (brief.goal, *(sentence.text for sentence in brief.sentences))
    return [f"{what!r} in {text!r}" for text in worded if text for what in faithful.unsupported(text, known, [brief.reason, *OURS])]


def _known(brief: Brief, transcript: Transcript) -> list[str]:
    proposal = transcript.proposal
    tried = (*transcript.tried, *(proposal.attempts if proposal else ()))
    return [*(line.text for line in transcript.lines), proposal.text if proposal else "", *(f"{one.step} {one.detail}" for one in tried), brief.reason]
