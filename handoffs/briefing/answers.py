"""What a customer's turn answers to the question before it: the shape asked for, or the short answer itself."""

import re
from dataclasses import replace

from handoffs.briefing import masking
from handoffs.briefing.fields import BY_CODE
from handoffs.briefing.mentions import CAPITAL, LONGEST, SECRET, Mention
from handoffs.briefing.questions import CHOICE, kind

OPEN = re.compile(
    r"\b(?:symptoms?|details?|reason|describe|description|message|report|problem|issue|request|what was tried|tried|happened|directions"
    r"|instructions)\b",
    re.I,
)
SENTENCE = re.compile(r"(?:\b(?:dr|mrs?|ms|st)\.|[^.!?\n]|\.(?=\w)){1,400}[.!?\n]*", re.I)
LEAD = re.compile(
    r"^(?:@\w{1,40}|[\s,.;:!-]{1,4}|(?:yes|yeah|yep|yup|no(?:pe)?(?=\s*[,.;:!])|ok(?:ay)?|sure|well|oh|um+|uh+|hmm*|so|right|please|sorry|hi|hello|hey"
    r"|thanks|thank you|actually|certainly|of course|and|also|maybe|i think|i guess)\b(?![-’'])"
    r"|(?:it|that|this|they|he|she)(?:['’]?s| is| was| would be|['’]?d be| will be|['’]ll be| are)\b|i(?:['’]?d| would) (?:like|prefer|love|need"
    r"|want)(?: to have| to book| it| to go)?\b|i(?:['’]ll)? (?:want|need|prefer|said|meant?|take|have|am|say|choose|go with|go by)\b"
    r"|i['’]?m\b|(?:my|the|our) (?:[\w-]{1,20} ){1,4}(?:is|was|are|will be|should be|would be)\b|(?:let['’]?s|we(?:['’]ll)?) (?:say|do"
    r"|go with|try|make it|have|be)\b|make it\b|can (?:you|we|i) (?:do|have|get|try|please)\b"
    r"|could (?:you|we|i) (?:do|have|get|try|please)\b|how about\b|what about\b|(?:at|in|on|from|for|to)\b|(?-i:the|an?)\b){1,8}",
    re.I,
)
GREETING = re.compile(r"^(?:[\s,.;:!-]|(?:yes|yeah|no|ok(?:ay)?|sure|well|hi|hello|thanks|thank you|sorry)\b(?![-’'])){1,3}", re.I)
TAIL = re.compile(
    r"(?:[\s,.;:!?-]|\b(?:please|plz|thanks|thank you|thx|ok(?:ay)?|sir|would be (?:great|fine|good|nice|perfect)|if possible|i think"
    r"|i guess)\b){1,4}$",
    re.I,
)
NAME = re.compile(rf"(?:(?:Dr|Mrs?|Ms)\.?\s)?{CAPITAL}(?:\s{CAPITAL}){{0,3}}")
FIRST_NAME = re.compile(r"[^\W\d]{2,30}(?:\s[^\W\d]{2,30})?(?=\s?[,.;!])")
WHOLE_NAME = re.compile(r"[^\W\d][^\d\s]{0,30}(?:\s[^\W\d][^\d\s]{0,30}){0,3}")
NOTHING = re.compile(
    r"\W{0,40}(?:(?:y(?:es|eah|ep|up)?|n(?:o|ope)?|ok(?:ay)?|sure|of course|thanks?(?: you)?(?: so much| very much)?|great|perfect|fine|correct"
    r"|right|good|hi|hello|hey|bye|goodbye|what|huh|please(?: do)?"
    r"|go ahead|continue|proceed|i do|i don['’]?t|not really|that works|sounds good|never ?mind|wait|definitely|wow|awesome|(?:that|it)(?:['’]?s"
    r"| is) (?:all|it|fine|right|correct|ok(?:ay)?|good|great|perfect)"
    r"|yes please|no thanks?(?: you)?|help)\W{0,40}){0,4}",
    re.I,
)
UNKNOWN = re.compile(
    r"\b(?:do(?:es)?n['’]?t|do(?:es)? not|can['’]?t|cannot|didn['’]?t) (?:\w+ )?(?:know|rem\w{1,4}ber|recall|matter|have (?:one|it|that|any|a|my|the)"
    r"|understand|care)\b|\b(?:not sure|no (?:idea|clue)|forgot|forgotten|lost it|"
    r"what do you mean|already (?:told|gave|said)|none of your|never ?mind)\b|^not (?:an?|the|at)\b",
    re.I,
)
FITS = {
    "id": ("reference", "number", "order number", "phone", "version", "postcode", "account number"), "date": ("date",), "time": ("time", "number"),
    "amount": ("amount", "number", "quantity"), "number": ("quantity", "number", "reference"), "e-mail": ("e-mail",), "phone": ("phone", "reference", "number"),
    "secret": ("reference", "number", "card number", "phone", "PIN", "password", "order number"), "name": ("name",), "text": (),
}
SHORT, LONG, WITH_UNIT = 12, 40, 4  # words
LONGEST_CODE = 8  # signs


def settled(text: str, asked: tuple[str, ...], found: list[Mention], names: list[Mention]) -> tuple[list[Mention], list[Mention]]:
    """The answers to what was asked, and the other mentions of the same turn. What is asked for and stands in no shape is the short answer itself.

    `names` are the turn's names of places, people and things: one in a long answer is what was asked for.
    """
    answers: list[Mention] = []
    rest = found
    for name in sorted(asked, key=lambda name: name in SECRET):
        given = [mention for mention in rest if mention.name == name or (mention.name in FITS[kind(name)] and _may_be(mention, name))]
        exact = [mention for mention in given if mention.name == name or mention.name not in ("number", "quantity")] or given
        answers += [_named(_with_unit(text, mention) if len(exact) == 1 else mention, name) for mention in exact]
        rest = [mention for mention in rest if mention not in exact]
    unanswered = [name for name in asked if name not in {answer.name for answer in answers}]
    if not unanswered:
        return answers, rest
    shaped = any(kind(mention.name) in ("date", "time", "amount") for mention in rest)
    whole = [] if shaped and unanswered[0] == CHOICE else _whole(text, unanswered[0], answers, names)
    return [*answers, *whole], [mention for mention in rest if not any(_within(mention, answer) for answer in whole)]


def _may_be(mention: Mention, name: str) -> bool:
    """A code that opens something is short; what is longer is the number of something."""
    return kind(name) != "secret" or mention.name in SECRET or len(mention.value) <= LONGEST_CODE


def _with_unit(text: str, mention: Mention) -> Mention:
    """A bare number with what it counts, when both are the whole answer: "4109 credits"."""
    start, end = _bare(text, 0, len(text))
    whole = " ".join(text[start:end].split()).strip(" ,.;:")
    fits = mention.name in ("number", "quantity") and start <= mention.start and mention.end <= end and len(whole.split()) <= WITH_UNIT
    return replace(mention, value=whole, start=start, end=end) if fits else mention


def _named(mention: Mention, name: str) -> Mention:
    if mention.name == name or kind(name) != "secret":
        return replace(mention, name=name)
    return replace(mention, name=name, value=mention.value if masking.HIDDEN in mention.value else masking.HIDDEN)


def _whole(text: str, name: str, answers: list[Mention], names: list[Mention]) -> list[Mention]:
    """The answer in the customer's words when it is short, or when the question was open; nothing when the turn does not answer."""
    start, end = _answering(text, open_question=bool(OPEN.search(name)), shaped=kind(name) not in ("text", "name"), person=kind(name) == "name")
    if start >= end or any(answer.start < end and start < answer.end for answer in answers):
        return []
    if kind(name) == "name":
        end = start + _name_ends(text[start:end])
    elif not OPEN.search(name) and len(text[start:end].split()) > WITH_UNIT:
        inside = [called for called in names if start <= called.start and called.end <= end and not called.denied]
        start, end = (inside[0].start, inside[0].end) if len(inside) == 1 and " or " not in text[start:end] else (start, end)
    value = " ".join(text[start:end].split()).strip(" ,.;:")
    hidden = name in SECRET or kind(name) == "secret"
    if not value or not _may_say(value, name) or (hidden and len(value.split()) > 1):
        return []
    return [Mention(name, masking.HIDDEN if hidden else _cut(masking.masked(value)), start, end)]


def _may_say(value: str, name: str) -> bool:
    """Whether words alone can be a value of this field: a known number has figures, and a day or an hour in figures would have been read as one."""
    figures = any(sign.isdigit() for sign in value)
    numbered = name in BY_CODE and kind(name) in ("id", "phone", "e-mail")
    return figures if numbered else not (figures and kind(name) in ("date", "time"))


def _answering(text: str, *, open_question: bool, shaped: bool, person: bool) -> tuple[int, int]:
    """Where the answer stands: statements without what leads in and out; (0, 0) for none."""
    stated = [match.span() for match in SENTENCE.finditer(text) if not match.group().rstrip().endswith("?")]
    bare = (_bare(text, *span, GREETING if open_question else LEAD) for span in stated)
    stated = [span for span in bare if span[0] < span[1] and not NOTHING.fullmatch(text[slice(*span)])]
    if not stated or UNKNOWN.search(text[stated[0][0] : stated[0][1]]):
        return 0, 0
    most = LONG if open_question or person else SHORT // 2 if shaped else SHORT
    start, end = stated[0][0], stated[-1 if open_question else 0][1]
    return (start, end) if open_question or len(text[start:end].split()) <= most else (0, 0)


def _bare(text: str, start: int, end: int, lead_in: re.Pattern[str] = LEAD) -> tuple[int, int]:
    lead = lead_in.match(text[start:end])
    start += lead.end() if lead and lead.end() < end - start else 0
    start += len(text[start:end]) - len(text[start:end].lstrip(" ,.;:!-\n\t"))
    tail = TAIL.search(text[start:end])
    return start, start + tail.start() if tail and tail.start() else end


def _name_ends(answer: str) -> int:
    """Where a person's name ends that begins an answer; 0 when it does not look like one."""
    whole = WHOLE_NAME.fullmatch(answer)
    begun = whole or NAME.match(answer) or FIRST_NAME.match(answer)
    return begun.end() if begun else 0


def _within(mention: Mention, answer: Mention) -> bool:
    return answer.start <= mention.start and mention.end <= answer.end and mention.value in answer.value


def _cut(value: str) -> str:
    return value if len(value) <= LONGEST else value[: LONGEST - 1].rsplit(" ", 1)[0] + "…"
