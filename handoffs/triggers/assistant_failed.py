"""The assistant could not answer: it said so, it broke, or it stayed silent."""

from handoffs.policy import Policy
from handoffs.snapshots import Author, Detection, Line, Proposal, Question, Transcript

HELLO = Line(Author.CUSTOMER, "Hello?")


class AssistantFailed:
    """The assistant reported a failure, raised an error, or owed an answer for longer than the policy allows."""

    code = "assistant_failed"
    label = "The assistant failed"
    question = Question.CAN
    examples = (
        (Transcript(lines=(HELLO,), proposal=Proposal(failed="no such account")), True),
        (Transcript(lines=(HELLO,), silent_for=31), True),
        (Transcript(lines=(HELLO,), silent_for=3), False),
        (Transcript(lines=(HELLO,), proposal=Proposal("Hello, how can I help?")), False),
    )

    def detect(self, transcript: Transcript, policy: Policy) -> Detection | None:
        if transcript.proposal and transcript.proposal.failed:
            reason = transcript.proposal.failed
            return Detection(self.code, f"The assistant failed: {reason[:80]}", {"reason": reason})
        if transcript.silent_for >= policy.silent_after:
            seconds = round(transcript.silent_for)
            return Detection(self.code, f"No answer for {seconds} s", {"silent_for": seconds})
        return None
