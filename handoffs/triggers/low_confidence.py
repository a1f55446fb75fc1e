"""The assistant is not sure enough of its answer."""

from handoffs.policy import Policy
from handoffs.snapshots import Author, Detection, Line, Proposal, Transcript

ASKED = Line(Author.ASSISTANT, "Which order do you mean?", clarifying=True)
MY_ORDER = Line(Author.CUSTOMER, "Where is my order?")


class LowConfidence:
    """The assistant's confidence is under the policy's limits: below the lower one a person takes over; between the
    two, one clarifying question comes first."""

    code = "low_confidence"
    label = "Confidence too low"
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
        confidence, has_asked = proposal.confidence, _just_asked(transcript)
        evidence = {"confidence": confidence, "clarify_at": policy.clarify_at, "answer_at": policy.answer_at}
        if confidence is not None and confidence < policy.clarify_at:
            return Detection(self.code, f"Confidence {confidence:.2f}, under {policy.clarify_at:.2f}", evidence)
        if proposal.clarifying:
            return Detection(self.code, "Would ask a second question in a row", evidence) if has_asked else None
        if confidence is None or confidence >= policy.answer_at:
            return None
        if has_asked:
            return Detection(self.code, f"Confidence {confidence:.2f} after a clarifying question", evidence)
        return Detection(self.code, f"Confidence {confidence:.2f}, a question first", evidence, clarify=True)


def _just_asked(transcript: Transcript) -> bool:
    replies = [line for line in transcript.lines if line.author is Author.ASSISTANT]
    return bool(replies) and replies[-1].clarifying
