"""The topic is one that rules forbid an assistant to advise on."""

from handoffs import topics
from handoffs.policy import Policy
from handoffs.snapshots import Author, Detection, Line, Proposal, Question, Transcript


class Compliance:
    """The customer asks about health, money matters or the law, where only a qualified person may advise, however sure the assistant is."""

    code = "compliance"
    label = "Needs a qualified person"
    question = Question.SHOULD
    examples = (
        (Transcript(lines=(Line(Author.CUSTOMER, "Is it safe to take these drops while I'm pregnant?"),)), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "Should I invest my savings in your fund?"),)), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "Am I legally entitled to compensation?"),)), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "It hurts"),), proposal=Proposal("Take two a day.", confidence=0.99, intent="medical_advice")), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "Where do I find my invoice?"),)), False),
        (Transcript(lines=(Line(Author.CUSTOMER, "How do I pay with my card?"),)), False),
        (Transcript(lines=(Line(Author.CUSTOMER, "I don't need medical advice, only the delivery date"),)), False),
    )

    def detect(self, transcript: Transcript, policy: Policy) -> Detection | None:
        hit = topics.found(transcript, policy.compliance)
        if hit is None:
            return None
        return Detection(self.code, f"Only a qualified person may answer: {hit.topic.label}", hit.evidence, hit.topic.team, urgent=hit.topic.urgent)
