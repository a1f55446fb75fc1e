"""The same question again, or an assistant that gets nowhere."""

import re

from handoffs.policy import Policy
from handoffs.snapshots import Author, Detection, Line, Outcome, Proposal, Question, Transcript, Tried

SAME = 0.6
# An answer with another day or place in it is progress, however alike its other words are.
SAME_ANSWER = 0.8
FILLER = frozenset(
    re.findall(
        r"[\w']+",
        """
        a an and are as at be but by can could did do does for from had has have hello hi how i i'm if in is it it's its me my no
        not of ok okay on or our please so sorry still tell thanks that the their them there they this to too um us was we well
        were what when where which who why will with would yes you your again already asked said just really know want need like get
        """,
    )
)

WHERE = Line(Author.CUSTOMER, "Where is my parcel?")
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
        if newest is None:
            return None
        same = [line for line in transcript.said if alike(line.text, newest.text)]
        if len(same) < policy.same_question_limit:
            return None
        turns = [line.number for line in same]
        return Detection(self.code, f"Asked the same {len(same)} times", {"times": len(same), "turns": turns})

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
            return Detection(self.code, f"Would say the same {repeats} times", {"repeats": repeats, "words": proposal.text[:120]})
        return None


def _failures_in_a_row(tried: tuple[Tried, ...]) -> int:
    count = 0
    for attempt in reversed(tried):
        if attempt.outcome is Outcome.DONE:
            break
        count += attempt.outcome in (Outcome.FAILED, Outcome.REFUSED)
    return count


def _says_again(one: str, other: str) -> bool:
    """Whether an assistant's two replies are one and the same, give or take a word."""
    first, second = _content(one), _content(other)
    return bool(first) and len(first & second) / len(first | second) >= SAME_ANSWER


def alike(one: str, other: str) -> bool:
    """Whether two texts say the same: most of their content words are shared (overlap of the smaller set and Jaccard)."""
    first, second = _content(one), _content(other)
    if not first or not second:
        return False
    shared, smaller = len(first & second), min(len(first), len(second))
    return shared >= min(smaller, 2) and shared / smaller >= SAME and shared / len(first | second) >= SAME / 2


def _content(text: str) -> frozenset[str]:
    words = re.findall(r"[\w']+", text.lower().replace("’", "'"))
    return frozenset(_stem(word) for word in words if word not in FILLER)


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
