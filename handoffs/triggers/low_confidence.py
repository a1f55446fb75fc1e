"""The assistant is not sure enough of its answer."""

from itertools import takewhile

from handoffs.policy import Policy
from handoffs.snapshots import Author, Detection, Line, Proposal, Question, Transcript

ASKED = Line(Author.ASSISTANT, "Which order do you mean?", clarifying=True)
MY_ORDER = Line(Author.CUSTOMER, "Where is my order?")


class LowConfidence:
    """The assistant's confidence is under the policy's limits for what it is about: below the lower one a person takes over;
    between the two, one clarifying question comes first, and never a second."""

    code = "low_confidence"
    label = "Confidence too low"
    question = Question.CAN
    examples = (
        (Transcript(lines=(MY_ORDER,), proposal=Proposal("On its way.", confidence=0.9)), False),
        (Transcript(lines=(MY_ORDER,), proposal=Proposal("On its way.", confidence=0.8)), True),
        (Transcript(lines=(MY_ORDER,), proposal=Proposal("On its way.", confidence=0.4)), True),
        (Transcript(lines=(MY_ORDER,), proposal=Proposal("On its way.")), False),
        (Transcript(lines=(MY_ORDER,), proposal=Proposal("Which order?", confidence=0.8, clarifying=True)), False),
        (Transcript(lines=(MY_ORDER, ASKED, MY_ORDER), proposal=Proposal("Which?", clarifying=True)), True),
    )

    def detect(self, transcript: Transcript, policy: Policy) -> Detection | None:
        proposal = transcript.proposal
        if proposal is None:
            return None
        confidence, limits, asked = proposal.confidence, policy.limits_of(proposal.intent), _questions(transcript)
        evidence = {"confidence": confidence, "clarify_at": limits.clarify_at, "answer_at": limits.answer_at, "questions_asked": asked}
        if confidence is not None and confidence < limits.clarify_at:
            return Detection(self.code, f"Confidence {confidence:.2f}, under {limits.clarify_at:.2f}", evidence)
        if proposal.clarifying:
            return Detection(self.code, "Would ask a second question in a row", evidence) if asked else None
        if confidence is None or confidence >= limits.answer_at:
            return None
        if asked:
            return Detection(self.code, f"Confidence {confidence:.2f} after a clarifying question", evidence)
        return Detection(self.code, f"Confidence {confidence:.2f}, a question first", evidence, clarify=True)


def _questions(transcript: Transcript) -> int:
    """How many clarifying questions stand after the assistant's last answer."""
    replies = [line.clarifying for line in transcript.lines if line.author is Author.ASSISTANT]
    return len(list(takewhile(bool, reversed(replies))))
