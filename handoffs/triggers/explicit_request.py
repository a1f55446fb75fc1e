"""The customer asks for a person."""

import re

from handoffs.policy import Policy
from handoffs.snapshots import Author, Detection, Line, Question, Transcript

PERSON = (
    r"(?:(?:a|an|the|any|some|one of your|your|another)\s+)?(?:(?:real|live|actual|human|proper|different)\s+(?:(?!to\b)\w+\s+)?)?"
    r"(?:human(?:\s+being)?s?|person|people|agents?|rep(?:resentative)?s?|operators?|advis[oe]rs?|supervisors?|managers?"
    r"|customer\s+(?:service|support|care)(?:\s+(?:agent|rep\w*|person|team))?|support\s+(?:agent|team|staff|person|rep\w*)"
    r"|staff(?:\s+members?)?|employees?|somebody|someone|live\s+(?:chat|support))"
)
SOMEONE_REAL = r"(?:a\s+|an\s+)?(?:real|live|actual|human)\s+(?:human|person|people|agent|rep\w*|operator|being|support|assistance|help|chat|somebody|someone)"
BOT = r"(?:(?:chat|ro)?bot|machine|computer|ai)"
REACH = (
    r"(?:talk|speak|chat|connect(?:ed)?|transfer(?:red)?|pass(?:ed)?|put|get\s+(?:me\s+|us\s+)?through|hand(?:ed)?|switch(?:ed)?|direct(?:ed)?|forward(?:ed)?"
    r"|escalate|refer(?:red)?|redirect(?:ed)?|patch(?:ed)?)"
)
WANT = (
    r"(?:i(?:'d| would)?\s+(?:want|need|like|prefer|rather|demand|require|wish)|want(?:s|ed)?|need|give\s+me|get\s+me|let\s+me|can\s+i|could\s+i"
    r"|may\s+i|i\s+must|please|how\s+(?:do|can|could)\s+i|is\s+there|are\s+there|where\s+(?:is|are)|i'?m\s+looking\s+for|looking\s+for)"
)

REQUESTS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"\b{REACH}\b(?:\s+\w+){{0,3}}?\s+(?:to|with|through\s+to|over\s+to|on\s+to)\s+{PERSON}\b",
        rf"\b(?:get|give|find|bring|send|gimme)\s+(?:me|us|hold\s+of|in\s+touch\s+with)\s+{PERSON}\b(?!\s+(?:number|id|name))",
        rf"\b(?:get|give|find|bring|reach|contact|call|gimme)\s+{SOMEONE_REAL}\b",
        r"\b(?:get|give|gimme|bring|find)\s+(?:me\s+)?(?:to\s+)?(?:a|an)\s+(?:proper\s+)?(?:human|person|operator|agent)\b(?!\s+(?:number|id))",
        rf"\b{WANT}\s+(?:to\s+(?:have|get|see)\s+|have\s+|get\s+|for\s+)?{SOMEONE_REAL}\b",
        rf"\b{WANT}\s+(?:to\s+(?:have|get|see)\s+)?(?:a|an|the|some|your)?\s*(?:human|agent|operator|representative|person|supervisor|manager)s?\b(?!\s+(?:number|id|name))",
        r"(?<!\d )\b(?:human|agent|operator|representative|person|manager|supervisor)\s+(?:please|now|asap|pls|plz)\b",
        r"^\W*(?:\w+\W+){0,3}(?:human|agent|operator|representative|person)\s*!+",
        r"^\W*(?:(?:real|live|an?|human)\s+)*(?:human|agent|operator|representative|person|help\s?desk|service\s+agent|customer\s+(?:service|support|care)|live\s+(?:chat|agent|support)|handoff|handover)\W*$",
        r"\b(?:talk|speak|chat)\s+(?:to|with)\s+(?:you\s+people|one\s+of\s+you)\b",
        rf"\b(?:not|instead\s+of|rather\s+than|without)\s+(?:to\s+|with\s+)?(?:a|an|this|the|some|your)\s+{BOT}\b",
        rf"\b(?:do\s?n[o']?t|do\s+not|not|never|won't)\s+(?:want|wanna|like|need|wish)\b[^.?!,;]*\b(?:talk|speak|chat)\w*\s+(?:to|with)\s+(?:(?:a|an|this|the|your)\s+)?{BOT}\b",
        r"\b(?:help|support|assistance)\s+from\s+(?:a\s+)?(?:real\s+)?(?:human|person|people)\b|\bhuman\s+(?:support|help|assistance|agent)\b",
        r"\b(?:stop|enough|sick|tired|done|fed\s+up|no\s+more)\b[^.?!]{0,30}\b(?:chat|ro)?bots?\b",
        r"\b(?:hand\s?(?:me\s+)?(?:off|over)|escalate)\b(?=\W*(?:please|now|this|me|to|$))",
        r"\bis\s+(?:there|any|a)\s*(?:any\s*)?(?:one|body|human|person|agent)\b[^.?!]{0,25}\b(?:talk|speak|chat|help|available)\b",
        r"\b(?:anyone|anybody|someone|somebody)\s+(?:real|human)\b",
    )
)
READ = 1500
QUOTED = re.compile(r"[\"“][^\"”]*[\"”]|(?<!\w)['‘][^'’]*['’](?!\w)")
REFUSED = re.compile(
    r"\b(?:do\s?n[o']?t|do not|doesn'?t|no|not|never|without|rather\s+not|won'?t|needn'?t)\s+(?:really\s+|actually\s+|even\s+)?"
    r"(?:need|want|wish|like|have|going|require|ask(?:ing|ed)?|looking|talk|speak|to\s+(?:talk|speak))\b[^.?!,;]*"
    r"|\bno\s+need\b[^.?!,;]*"
    r"|\b(?:already\s+(?:spoke|talked|chatted)|(?:i|we)\s+(?:spoke|talked|chatted))\b[^.?!,;]*",
    re.I,
)
NOT_REFUSED = re.compile(r"\b(?:do\s?n[o']?t|do not|not|never)\s+(?:want|like|need|wish)\b[^.?!,;]*\b(?:bot|robot|machine|ai|computer|you)\b", re.I)


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
    )

    def detect(self, transcript: Transcript, policy: Policy) -> Detection | None:
        newest = transcript.newest
        words = asked(newest.text) if newest else ""
        if not words:
            return None
        return Detection(self.code, "Asked for a person", {"words": words})


def asked(text: str) -> str:
    """The words that ask for a person, or an empty string. Quotations and refusals do not count."""
    # A wish stands at one end of a long text; reading all of a pasted page would let strangers choose how long we think.
    ends = text if len(text) <= 2 * READ else f"{text[:READ]} {text[-READ:]}"
    plain = QUOTED.sub(" ", ends.replace("’", "'"))
    if not NOT_REFUSED.search(plain):
        plain = REFUSED.sub(" ", plain)
    for pattern in REQUESTS:
        if found := pattern.search(plain):
            return found.group(0).strip()
    return ""
