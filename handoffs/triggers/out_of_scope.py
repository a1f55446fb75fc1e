"""The request lies outside what any assistant or team of ours covers."""

from handoffs import topics, wording
from handoffs.assistants import small_talk
from handoffs.policy import Policy
from handoffs.snapshots import Author, Detection, Line, Proposal, Question, Transcript

STRANGE = Line(Author.CUSTOMER, "Can you tune my grandmother's piano on Sunday?", intent="", intent_confidence=0.12)
SEVERAL_WORDS = 2


class OutOfScope:
    """A legal threat, a regulator, an accessibility need, a report of fraud; or something that fits none of the teams' topics while
    the assistant is not sure of an answer either."""

    code = "out_of_scope"
    label = "Out of scope"
    question = Question.SHOULD
    examples = (
        (Transcript(lines=(Line(Author.CUSTOMER, "I got a receipt for an order I did not place"),)), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "If you don't refund me you will hear from my lawyer"),)), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "I will report you to the ombudsman"),)), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "I'm blind and my screen reader can't read the captcha"),)), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "A payment I don't know"),), proposal=Proposal("Wait.", confidence=0.99, intent="fraud")), True),
        (Transcript(lines=(STRANGE,), proposal=Proposal("Perhaps.", confidence=0.6)), True),
        (Transcript(lines=(STRANGE,), proposal=Proposal("Gladly.", confidence=0.95)), False),
        (Transcript(lines=(STRANGE,), proposal=Proposal("Perhaps.", confidence=0.6, intent="piano_tuning")), False),
        (Transcript(lines=(Line(Author.CUSTOMER, "Thanks, you too!", intent_confidence=0.1),), proposal=Proposal("Bye.", confidence=0.6)), False),
        (Transcript(lines=(Line(Author.CUSTOMER, "I'm not going to sue you, just tell me the date"),)), False),
        (Transcript(lines=(Line(Author.CUSTOMER, "What happens if somebody commits fraud?"),)), False),
    )

    def detect(self, transcript: Transcript, policy: Policy) -> Detection | None:
        if hit := topics.found(transcript, policy.out_of_scope):
            return Detection(self.code, f"Out of scope: {hit.topic.label}", hit.evidence, team=hit.topic.team, urgent=hit.topic.urgent)
        return self._uncovered(transcript, policy)

    def _uncovered(self, transcript: Transcript, policy: Policy) -> Detection | None:
        """Only when the teams' model has looked and does not know, and the assistant neither names an intent nor is sure; small talk is
        nobody's topic."""
        proposal, line = transcript.proposal, transcript.said[-1] if transcript.said else None
        if proposal is None or proposal.confidence is None or proposal.clarifying or line is None or line.intent or line.intent_confidence is None:
            return None
        limits = policy.limits_of(proposal.intent)
        if proposal.intent or proposal.confidence >= limits.answer_at or _says_little(line.text, transcript):
            return None
        evidence = {"intent_confidence": line.intent_confidence, "confidence": proposal.confidence, "answer_at": limits.answer_at}
        return Detection(self.code, "No team’s topic fits", evidence, clarify=proposal.confidence >= limits.clarify_at)


def _says_little(text: str, transcript: Transcript) -> bool:
    return len(wording.read(text).content) < SEVERAL_WORDS or bool(small_talk.answer(text, transcript))
