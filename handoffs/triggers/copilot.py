"""The assistant's answers go through a person first."""

from handoffs.policy import Policy
from handoffs.snapshots import Author, Detection, Line, Proposal, Question, Transcript

WHERE = Line(Author.CUSTOMER, "Where is my order?")


class Copilot:
    """The assistant is a copilot: what it would say is a draft for an agent, save for the intents the policy lets it answer alone."""

    code = "copilot"
    label = "A person checks this assistant's answers"
    question = Question.SHOULD
    examples = (
        (Transcript(lines=(WHERE,), proposal=Proposal("On its way.", confidence=0.99), copilot="juniper"), True),
        (Transcript(lines=(WHERE,), proposal=Proposal("Which order?", clarifying=True), copilot="juniper"), True),
        (Transcript(lines=(WHERE,), proposal=Proposal("On its way.", confidence=0.99)), False),
        (Transcript(lines=(WHERE,), copilot="juniper"), False),
        (Transcript(lines=(WHERE,), proposal=Proposal(failed="no such order"), copilot="juniper"), False),
    )

    def detect(self, transcript: Transcript, policy: Policy) -> Detection | None:
        proposal = transcript.proposal
        if not transcript.copilot or proposal is None or not proposal.text or policy.lets_answer(transcript.copilot, proposal.intent):
            return None
        return Detection(self.code, "Its answer waits to be checked", {"assistant": transcript.copilot, "intent": proposal.intent or "not said"})
