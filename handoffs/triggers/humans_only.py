"""The topic is one that only people may handle."""

import re
from functools import lru_cache

from handoffs.policy import Policy, Topic
from handoffs.snapshots import Author, Detection, Line, Proposal, Transcript


class HumansOnly:
    """The customer raised a topic from the policy's list of topics for people, however sure the assistant is."""

    code = "humans_only"
    label = "People only"
    examples = (
        (Transcript(lines=(Line(Author.CUSTOMER, "I got a receipt for an order I did not place"),)), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "You will hear from my lawyer"),)), True),
        (
            Transcript(
                lines=(Line(Author.CUSTOMER, "There is a payment I don't know"),),
                proposal=Proposal("Please wait two days.", confidence=0.99, intent="fraud"),
            ),
            True,
        ),
        (Transcript(lines=(Line(Author.CUSTOMER, "Can I place an order by phone?"),)), False),
    )

    def detect(self, transcript: Transcript, policy: Policy) -> Detection | None:
        newest, proposal = transcript.newest, transcript.proposal
        intent = (proposal.intent if proposal else newest.intent if newest else "").lower()
        words = newest.text.lower().replace("’", "'") if newest else ""
        for topic in policy.humans_only:
            if found := _matches(topic, intent, words):
                return Detection(self.code, f"People only: {topic.label}", {"topic": topic.code, "words": found}, team=topic.team)
        return None


def _matches(topic: Topic, intent: str, words: str) -> str:
    if intent and intent in topic.intents:
        return intent
    found = _phrases(topic.phrases).search(words) if words and topic.phrases else None
    return found.group(0) if found else ""


@lru_cache(maxsize=256)
def _phrases(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(re.escape(phrase.lower()) for phrase in phrases) + r")\b")
