"""The assistant is sure of an answer that does not stand in its sources."""

from collections.abc import Iterator, Mapping
from typing import Any

from handoffs import grounding
from handoffs.policy import Policy
from handoffs.snapshots import Author, Detection, Line, Proposal, Question, Transcript

SHOWN = 5
HOW_LONG = Line(Author.CUSTOMER, "How long does a refund take?")
ARTICLE = ({"title": "Refunds", "text": "A refund takes 2 days. Anything above 1000 EUR is paid out within two weeks. Write to help@alder.example."},)


def sure(text: str, confidence: float | None = 0.95) -> Proposal:
    return Proposal(text, confidence, sources=ARTICLE)


class Ungrounded:
    """The assistant is sure of its answer, yet figures, dates, names, addresses or whole sentences of it stand neither in its sources
    nor in the conversation. Sources without a text cannot be checked, and then nothing is said."""

    code = "ungrounded"
    label = "Not in its sources"
    question = Question.CAN
    examples = (
        (Transcript(lines=(HOW_LONG,), proposal=sure("It takes 5 days.")), True),
        (Transcript(lines=(HOW_LONG,), proposal=sure("Refunds above 2,000 € take 14 days.")), True),
        (Transcript(lines=(HOW_LONG,), proposal=sure("Write to refunds@alder.example.")), True),
        (Transcript(lines=(HOW_LONG,), proposal=sure("Your local supermarket hands out vouchers instead of shipping cameras.")), True),
        (Transcript(lines=(HOW_LONG,), proposal=sure("It takes two days, and 14 days above 1,000.00 €.")), False),
        (Transcript(lines=(HOW_LONG,), proposal=sure("It takes 5 days.", 0.5)), False),
        (Transcript(lines=(HOW_LONG,), proposal=Proposal("It takes 5 days.", 0.95, sources=({"title": "Refunds"},))), False),
        (Transcript(lines=(HOW_LONG,), proposal=sure("Thank you! Is there anything else I can do for you, Amara?"), facts={"name": "Amara"}), False),
    )

    def detect(self, transcript: Transcript, policy: Policy) -> Detection | None:
        proposal = transcript.proposal
        if proposal is None or proposal.clarifying or not proposal.text or not any(source.get("text") for source in proposal.sources):
            return None
        if proposal.confidence is not None and proposal.confidence < policy.limits_of(proposal.intent).answer_at:
            return None
        # Most answers stand in their sources alone; then nothing else is read.
        found = grounding.missing(proposal.text, _sources(proposal))
        if found.details or found.claims:
            found = grounding.missing(proposal.text, (*_sources(proposal), *_known(transcript, proposal)))
        if not found.details and not found.claims:
            return None
        first = found.details[0] if found.details else found.claims[0]
        read = [source.get("title", "") for source in proposal.sources]
        evidence = {"missing": list(found.details[:SHOWN]), "claims": list(found.claims[:SHOWN]), "sources": read}
        return Detection(self.code, f"Not in its sources: {first[:80]}", evidence)


def _sources(proposal: Proposal) -> Iterator[str]:
    for source in proposal.sources:
        yield from (source.get("title", ""), source.get("text", ""), source.get("url", ""))


def _known(transcript: Transcript, proposal: Proposal) -> Iterator[str]:
    """What else an answer may rest on: what was said, what was tried, and the facts."""
    yield from (line.text for line in transcript.lines)
    yield from (f"{tried.step}. {tried.detail}" for tried in (*transcript.tried, *proposal.attempts))
    yield from _values(transcript.facts)
    yield from _values(proposal.facts)


def _values(facts: Any) -> Iterator[str]:
    """Everything a nest of facts says, names and values."""
    if isinstance(facts, Mapping):
        for name, value in facts.items():
            yield from (str(name), *_values(value))
    elif isinstance(facts, list | tuple):
        for value in facts:
            yield from _values(value)
    elif facts is not None:
        yield str(facts)
