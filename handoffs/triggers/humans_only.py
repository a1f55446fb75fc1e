"""The topic is one that the team keeps for people."""

from handoffs import topics
from handoffs.policy import Policy
from handoffs.snapshots import Author, Detection, Line, Proposal, Question, Transcript


class HumansOnly:
    """The customer raised a topic or a kind of ticket that the team keeps for people, however sure the assistant is."""

    code = "humans_only"
    label = "People only"
    question = Question.SHOULD
    examples = (
        (Transcript(lines=(Line(Author.CUSTOMER, "My husband passed away and the plan is in his name"),)), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "I said I don't want to hurt myself, but nobody listens"),)), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "I'm not well"),), proposal=Proposal("Please wait.", confidence=0.99, intent="self_harm")), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "My battery has died"),)), False),
        (Transcript(lines=(Line(Author.CUSTOMER, "Can I place an order by phone?"),)), False),
    )

    def detect(self, transcript: Transcript, policy: Policy) -> Detection | None:
        hit = topics.found(transcript, policy.humans_only)
        return Detection(self.code, f"People only: {hit.topic.label}", hit.evidence, team=hit.topic.team, urgent=True) if hit else None
