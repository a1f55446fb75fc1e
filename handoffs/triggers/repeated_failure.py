"""The same question again, or an assistant that gets nowhere."""

import re

from handoffs import wording
from handoffs.policy import Policy
from handoffs.snapshots import Author, Detection, Line, Outcome, Proposal, Question, Transcript, Tried

# An answer with another day or place in it is progress, however alike its other words are.
SAME_ANSWER = 0.8
QUOTED = 120
STATING = frozenset(["already", "keep", "kept", "times", "time", "repeat", "repeated", "repeating", "same", "again", "over"])
STATED = re.compile(
    r"\b(?:already (?:told|asked|said|explained|gave|given|answered|mentioned)|(?:keep|kept) (?:asking|telling|saying|repeating)"
    r"|how many times|repeat(?:ed|ing)? myself|same (?:question|thing) (?:again|over)|again and again|over and over"
    r"|(?:second|third|fourth|fifth|\d(?:nd|rd|th)) time (?:i|we)\b.{0,20}?(?:ask|t[eo]ll?|sa[yi]|writ|contact|explain))",
    re.I,
)

WHERE = Line(Author.CUSTOMER, "Where is my parcel?")
TOLD = Line(Author.CUSTOMER, "I already told you, my parcel is missing")
AGAIN = Line(Author.CUSTOMER, "I asked where my parcel is")
STILL = Line(Author.CUSTOMER, "My parcel, where is it??")
SORRY = Line(Author.ASSISTANT, "You can see your orders in your account.")
DAY = Line(Author.ASSISTANT, "On what day would you like your party?")


class RepeatedFailure:
    """The customer asks the same thing again and again, the assistant repeats itself, or its steps keep failing."""

    code = "repeated_failure"
    label = "Tried again and again"
    question = Question.CAN
    examples = (
        (Transcript(lines=(WHERE, SORRY, AGAIN, SORRY, STILL)), True),
        (Transcript(lines=(WHERE, SORRY, Line(Author.CUSTOMER, "When does the package come?"), SORRY, STILL)), True),
        (Transcript(lines=(WHERE, SORRY, TOLD)), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "Hello"), SORRY, TOLD)), False),
        (Transcript(lines=(WHERE, SORRY, AGAIN)), False),
        (Transcript(lines=(WHERE, SORRY, AGAIN), proposal=Proposal(SORRY.text, confidence=0.95)), True),
        (
            Transcript(
                lines=(WHERE,),
                tried=(Tried("Look up the parcel", Outcome.FAILED),),
                proposal=Proposal("I could not find it.", attempts=(Tried("Ask the carrier", Outcome.FAILED),)),
            ),
            True,
        ),
        (Transcript(lines=(WHERE, DAY, WHERE), proposal=Proposal("At what venue would you like your party?")), False),
        (Transcript(lines=(WHERE, SORRY, Line(Author.CUSTOMER, "Thanks. And how do I return it?"))), False),
    )

    def detect(self, transcript: Transcript, policy: Policy) -> Detection | None:
        return self._asked(transcript, policy) or self._stuck(transcript, policy)

    def _asked(self, transcript: Transcript, policy: Policy) -> Detection | None:
        newest = transcript.newest
        if newest is None or len(transcript.said) < 2:
            return None
        reading = wording.read(newest.text)
        same = [line for line in transcript.said if wording.same_need(wording.read(line.text), reading)]
        stated = [line for line in transcript.said if states(line.text)] if states(newest.text) else []
        times = max(len(same), len(stated)) + bool(stated)
        if times < policy.same_question_limit:
            return None
        rows = same if len(same) >= len(stated) else stated
        evidence = {"times": times, "turns": [line.number for line in rows], "words": states(newest.text) or rows[0].text[:QUOTED]}
        return Detection(self.code, f"Asked the same {times} times", evidence)

    def _stuck(self, transcript: Transcript, policy: Policy) -> Detection | None:
        proposal = transcript.proposal
        if proposal is None:
            return None
        failures = _failures_in_a_row((*transcript.tried, *proposal.attempts))
        if proposal.attempts and failures >= policy.no_progress_limit:
            return Detection(self.code, f"{failures} steps failed in a row", {"failures": failures})
        replies = [line.text for line in transcript.lines if line.author is Author.ASSISTANT]
        repeats = 1 + sum(_says_again(text, proposal.text) for text in replies[-policy.no_progress_limit :])
        if repeats >= policy.no_progress_limit and _says_again(replies[-1], proposal.text):
            return Detection(self.code, f"Would say the same {repeats} times", {"repeats": repeats, "words": proposal.text[:QUOTED]})
        return None


def _failures_in_a_row(tried: tuple[Tried, ...]) -> int:
    count = 0
    for attempt in reversed(tried):
        if attempt.outcome is Outcome.DONE:
            break
        count += attempt.outcome in (Outcome.FAILED, Outcome.REFUSED)
    return count


def states(text: str) -> str:
    """The words by which a customer says that they are repeating themselves, or an empty string."""
    if wording.read(text).vocabulary.isdisjoint(STATING):
        return ""
    found = STATED.search(wording.ends_of(text).replace("’", "'"))
    return found.group() if found else ""


def _says_again(one: str, other: str) -> bool:
    """Whether an assistant's two replies are one and the same, give or take a word."""
    if not 0.5 <= (len(one) + 1) / (len(other) + 1) <= 2:
        return False
    first, second = wording.read(one).content, wording.read(other).content
    return bool(first) and len(first & second) / len(first | second) >= SAME_ANSWER


def alike(one: str, other: str) -> bool:
    """Whether two texts voice the same need."""
    return wording.same_need(wording.read(one), wording.read(other))
