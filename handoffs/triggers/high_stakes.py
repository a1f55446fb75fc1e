"""What is asked for is dear or cannot be undone."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from handoffs import topics, wording
from handoffs.policy import Policy
from handoffs.quantities import Number, money, numbers
from handoffs.snapshots import Author, Detection, Line, Outcome, Proposal, Question, Transcript, Tried
from handoffs.topics import Hit

# "How do I cancel?" asks about the way, and an assistant may tell it; "cancel order A-20817, how?" asks for the deed.
ASKS_ABOUT = frozenset(["how", "what", "when", "where", "why", "which", "whether"])
SOME_DAY = frozenset(["anytime", "later", "whenever", "someday"])
REFERENCE = re.compile(r"(?<![€$£₹¥\d.,])(?=[\w-]{0,30}\d{3})[\w-]{4,40}\b")
PLAIN_SUM = re.compile(
    r"\b(?:refund(?:ed)?|charged|billed|paid|owe|owed|worth|back|debited)\b(?:\s(?:of|me|for|about|is|my|the)){0,4}\s"
    r"(\d[\d,.]{0,12})\b(?!\s?(?:times|x|days?|weeks?|orders?|items?|%))",
    re.I,
)
SUMS = re.compile(r"amount|total|price|refund|charge|value|sum|paid|due", re.I)
REFUND = Line(Author.CUSTOMER, "I want my money back for order A-20817")


class HighStakes:
    """The customer wants something cancelled or an account closed, disputes money, or claims more back than the policy lets an assistant
    settle. Questions about the rules do not count."""

    code = "high_stakes"
    label = "High stakes"
    question = Question.SHOULD
    examples = (
        (Transcript(lines=(Line(Author.CUSTOMER, "Please cancel my subscription"),)), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "I want to close my account today"),)), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "I dispute this charge"),)), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "Refund me the two hundred euros"),)), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "You charged me 1.5k twice"),)), True),
        (Transcript(lines=(REFUND,), facts={"orders": [{"id": "A-20817", "total": "1.299,00 €"}]}), True),
        (Transcript(lines=(REFUND,), proposal=Proposal("It is on its way.", attempts=(Tried("Refund of €240", Outcome.DONE),))), True),
        (Transcript(lines=(REFUND,), facts={"orders": [{"id": "A-20817", "total": "40 €"}]}), False),
        (Transcript(lines=(Line(Author.CUSTOMER, "I want a refund, I was charged €14 twice"),)), False),
        (Transcript(lines=(Line(Author.CUSTOMER, "What is your refund policy for orders above $500?"),)), False),
        (Transcript(lines=(Line(Author.CUSTOMER, "How do I cancel Pro?"),)), False),
        (Transcript(lines=(Line(Author.CUSTOMER, "I don't want to cancel my plan, only pause it"),)), False),
    )

    def detect(self, transcript: Transcript, policy: Policy) -> Detection | None:
        named, newest = topics.of_intent(transcript, policy.high_stakes), transcript.newest
        if named and newest and newest.intent_confidence is not None and ASKS_ABOUT & wording.read(newest.text).vocabulary:
            named = None  # a learned intent does not tell a question about the way from the wish
        hits = [named] if named else _wishes(newest.text if newest else "", policy)
        if firm := next((hit for hit in hits if not hit.topic.above_amount), None):
            return self._detection(firm, None, policy)
        return self._dear(transcript, next(iter(hits), None) if newest or named else _claim(transcript, policy), policy)

    def _dear(self, transcript: Transcript, hit: Hit | None, policy: Policy) -> Detection | None:
        """Money claimed back counts from the policy's amount on; a sum nobody knows does not."""
        sums = list(_sums(transcript)) if hit else []
        dearest = max(sums, key=lambda number: number.value, default=None)
        return self._detection(hit, dearest, policy) if hit and dearest and dearest.value > policy.refund_above else None

    def _detection(self, hit: Hit, amount: Number | None, policy: Policy) -> Detection:
        evidence = hit.evidence | ({"amount": amount.words, "refund_above": policy.refund_above} if amount else {})
        reason = f"High stakes: {hit.topic.label}" + (f" of {amount.words}, above {policy.refund_above:g}" if amount else "")
        return Detection(self.code, reason, evidence, hit.topic.team, urgent=hit.topic.urgent)


def _wishes(text: str, policy: Policy) -> list[Hit]:
    """What of the list the customer wants done, not only told about."""
    return [hit for hit in topics.raised(text, policy.high_stakes) if not _asks_about(text, hit)]


def _asks_about(text: str, hit: Hit) -> bool:
    """Whether the words ask about the rules or the way rather than for the deed."""
    reading = wording.read(text)
    start, end = reading.sentence(hit.start)
    sentence, before = reading.words[start:end], reading.words[reading.clause(hit.start)[0] : hit.start]
    is_question = bool(ASKS_ABOUT & set(before)) or reading.text[reading.places[end - 1][1] :].lstrip().startswith("?")
    if is_question and (topics.RULES & set(sentence) or SOME_DAY & set(sentence) or ("any", "time") in pairwise(sentence)):
        return True
    return bool(ASKS_ABOUT & set(before)) and not hit.topic.asked and not REFERENCE.search(reading.quote(start, end))


def _claim(transcript: Transcript, policy: Policy) -> Hit | None:
    """The claim the assistant is about to answer."""
    if transcript.proposal is None or not transcript.said:
        return None
    return next((hit for hit in _wishes(transcript.said[-1].text, policy) if hit.topic.above_amount), None)


def _sums(transcript: Transcript) -> Iterator[Number]:
    """The sums at stake: in the customer's newest words, in the facts about what they name, and in what the assistant would do."""
    text = transcript.said[-1].text if transcript.said else ""
    yield from _said(wording.ends_of(text))
    references = {found.lower() for found in REFERENCE.findall(wording.ends_of(text))}
    yield from _known(transcript.facts, references)
    if proposal := transcript.proposal:
        yield from _known(proposal.facts, references)
        for tried in proposal.attempts:
            yield from money(f"{tried.step} {tried.detail}"[: wording.READ])


def _said(text: str) -> Iterator[Number]:
    yield from money(text)
    for found in PLAIN_SUM.findall(text):
        yield from numbers(found)


def _known(facts: Mapping[str, Any], references: set[str]) -> Iterator[Number]:
    """Sums among the facts: those that stand alone, and those of the records that the customer named."""
    for name, value in facts.items():
        if isinstance(value, str | int | float) and SUMS.search(str(name)):
            yield from numbers(str(value)[:100])
        for record in value if isinstance(value, list) else [value]:
            if isinstance(record, Mapping) and any(str(part).lower() in references for part in record.values()):
                yield from _known(record, references)
