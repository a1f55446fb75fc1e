"""The customer asks for a person."""

from handoffs.learned.requests import wish
from handoffs.policy import Policy
from handoffs.snapshots import Author, Detection, Line, Question, Transcript


class ExplicitRequest:
    """The customer asked for a person. This always hands over; it cannot be switched off."""

    code = "explicit_request"
    label = "Asked for a person"
    question = Question.ASKED
    examples = (
        (Transcript(lines=(Line(Author.CUSTOMER, "Can I talk to a real person?"),)), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "agent please"),)), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "Stop. I want a human, not a bot"),)), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "No. This isn’t working. Can I speak with someone?"),)), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "I don't need a human, just tell me the price"),)), False),
        (Transcript(lines=(Line(Author.CUSTOMER, "Your page says “talk to a person”, what is that?"),)), False),
        (Transcript(lines=(Line(Author.CUSTOMER, "How many people can use one account?"),)), False),
        (Transcript(lines=(Line(Author.CUSTOMER, "Hello, is anyone there?"),)), False),
        (Transcript(lines=(Line(Author.CUSTOMER, "A table for 3 person please"),)), False),
        (Transcript(lines=(Line(Author.CUSTOMER, "I love public transit, I get along well with people"),)), False),
        (Transcript(lines=(Line(Author.CUSTOMER, "He just became regional manager! yeah please book it"),)), False),
        (Transcript(lines=(Line(Author.CUSTOMER, "I need to change the name on my order"),)), False),
        (Transcript(lines=(Line(Author.CUSTOMER, "This is useless, anyone there?"),)), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "pls conect me wiht a live agnt"),)), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "Ich möchte mit einem Menschen sprechen"),)), True),
        (Transcript(lines=(Line(Author.CUSTOMER, "Am I talking to a real person?"),)), False),
        (Transcript(lines=(Line(Author.CUSTOMER, "please don't transfer me to an agent"),)), False),
    )

    def detect(self, transcript: Transcript, policy: Policy) -> Detection | None:
        newest = transcript.newest
        found = wish(newest.text) if newest else None
        if found is None:
            return None
        evidence = {"words": found.words} if found.likelihood is None else {"words": found.words, "likelihood": found.likelihood}
        return Detection(self.code, "Asked for a person", evidence)
