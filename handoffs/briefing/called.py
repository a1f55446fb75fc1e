"""What is called by a name in a conversation: places, people and things written with capitals, by either side."""

import re
from collections.abc import Iterable

from handoffs.briefing.mentions import NOT, Mention

MOST_NAMES = 400
LONGEST_NAME = 5  # words
WORD = re.compile(r"\b(?!(?:and|of|the)\b)[^\W_][\w'’-]{0,40}")
JOINED = re.compile(r"\s(?:(?:and|of|of the)\s)?|\s?&\s?|(?<=\b[DMS][rst])\.\s")
SENTENCE_END = re.compile(r"(?:^|[.!?:\n•])\s{0,2}[\"“'‘(]?$")
TYPE = re.compile(r"\s(?:hotel|inn|apartments?|restaurant|venue|airport|hospital|street|club|bar|caf[eé]|bank|station|airlines?|store|plan)\b", re.I)
PLAIN = frozenset(
    re.findall(
        r"\S+",
        """
        i link ive dont its cant wont didnt havent isnt im thats i'm i'll i'd i've im ill a an the and but or so yes no ok okay oh well hi hello
        hey please thanks thank sorry can could would will what when where which why who how is are it it's that that's this my your our we you they
        he she do does did have has had if in on at for to from of with as not there here let let's just also then now great good perfect sure fine
        right dear mr mrs ms dr ai am pm id pin tv sms url faq asap lol omg wtf btw usd eur gbp us uk may really never monday tuesday wednesday
        thursday friday saturday sunday january february march april june july august september october november december alright unfortunately your
        you're one two three any may error order number
        need needs want only someone somebody everyone anyone nobody always again still just however dob all very ever every
        """,
    )
)
THING = (
    r"(?P<place>(?!(?:be|do|get|go|see|have|know|book|find|make|ask|me|you|it|that|this|them|my|your|a|an|cancel|change|check|the)\b)[\w'’&-]{2,30}"
    r"(?:\s(?!(?:at|on|in|by|for|and|to|from|with|please|now|today|tomorrow|around|before|after|as|is|or|so|if"
    r"|using|via|but|i|the|thanks)\b)[\w'’&-]{2,30}){0,2})"
)
PLACES = (
    re.compile(rf"\bfrom\s(?:the\s|my\s)?{THING}(?=\sto\s)", re.I),
    re.compile(r"\bfrom\s(?:the\s|my\s)?(?P<place>[\w'’&-]{2,30}(?:\s[\w'’&-]{2,30}){0,3}?)(?=\sto\s)", re.I),
    re.compile(
        r"\b(?:to|from|at|near|by|in)\s(?:the\s|my\s|a\s)?(?P<place>airport|hospital|university|college|school|(?:train |bus |central )?station"
        r"|home|work|office|city cent(?:er|re)|transit"
        r"|public trans(?:it|port)|walking|driving|car|bus|train|plane|taxi|cab|foot|bike|post|courier|bank transfer|cash|card|cheque|paypal)\b",
        re.I,
    ),
    re.compile(rf"(?<=\bto\s){THING}(?=\sfrom\s)", re.I),
    re.compile(
        rf"\b(?:directions?|ride|go|going|get|take me|trip|travel\w{{0,5}}|flight|fly|taxi|cab|drive|way|route|bus|train|leaving|departing"
        rf"|from\s[\w'’& -]{{2,40}})\s(?:to|from|for)\s(?:the\s|my\s)?{THING}",
        re.I,
    ),
    re.compile(
        r"\b(?:at|of|in|about|called|for|to|from|near|is)\s(?:the\s|a\s)?(?P<place>(?:(?!the\b|a\b|my\b|your\b|find\b"
        r"|book\b)[\w'’-]{2,20}\s){1,2}(?:hotel|inn|apartments|venue|restaurant"
        r"|airport|hospital|clinic|caf[eé]|bar|club|station|mall|store|shop|branch))\b",
        re.I,
    ),
    re.compile(r"\b(?P<place>(?:north|south|east|west|northern|southern|eastern|western|cent(?:er|re)|downtown)(?:\s(?:side|part|end))?)\b", re.I),
)
EXCLAIMED = frozenset(("oh", "yes", "no", "ok", "okay", "well", "hi", "hello", "hey", "thanks", "thank", "sure", "sorry", "please", "great", "good"))
LEADING = {"from": "from", "to": "to", "in": "place", "at": "place", "near": "place", "by": "by", "with": "with", "for": "for"}
PAY, BY = r"\bpa(?:id|y|ys|ying|yment)\s", r"(?:by|with|via|using)\s(?:(?:my|the|our|an?)\s)?$"
PAID_BY, PAID = re.compile(PAY + BY, re.I), re.compile(rf"{PAY}[^.!?,;\n]{{0,25}}\b{BY}", re.I)
MEANS = re.compile(
    r"(?:[\w'’&-]+\s)?(?:visa|master ?card|maestro|amex|american express|paypal|klarna|venmo|zelle|giropay|ideal|sepa|pay|bank transfer|transfer|cash"
    r"|card|debit|credit|cheque|invoice|voucher)\b",
    re.I,
)
UNWANTED = re.compile(
    r"\b(?:no(?: more)?|without|except(?: for)?|avoid(?:ing)?|(?:don['’]?t|do not|not) (?:want|like|need)(?: to (?:take|use|have"
    r"|go to))?)\s(?:the\s|an?\s|any\s)?$",
    re.I,
)
MENTIONED = "mentioned"


def names(texts: Iterable[str]) -> frozenset[str]:
    """What texts call by a name, in small letters: words with capitals that do not merely begin a sentence, and several of them in a row."""
    found: dict[str, None] = {}
    for text in texts:
        for start, end in _capitals(text):
            found[_key(text[start:end])] = None
            if len(found) >= MOST_NAMES:
                return frozenset(found)
    return frozenset(found)


def mentions(text: str, known: frozenset[str]) -> list[Mention]:
    """The names in a customer's text: those written with capitals, and known ones however they are written."""
    places = [*([] if text.isupper() else _capitals(text)), *_known(text, known)]
    places += [match.span("place") for pattern in PLACES for match in pattern.finditer(text)]
    chosen: list[tuple[int, int]] = []
    for place in sorted(places, key=lambda place: place[0] - place[1]):
        chosen += [] if _stands(place, chosen) else [place]
    return [_mention(text, start, end) for start, end in sorted(chosen)]


def _mention(text: str, start: int, end: int) -> Mention:
    before = text[max(0, start - 60) : start]
    return Mention(_label(text, start), " ".join(text[start:end].split()), start, end, denied=bool(NOT.search(before) or UNWANTED.search(before)))


def _capitals(text: str) -> list[tuple[int, int]]:
    places: list[tuple[int, int]] = []
    run: list[tuple[int, int]] = []
    # No word without a capital joins two with one.
    for start, end in [match.span() for match in WORD.finditer(text) if text[match.start()].isupper()]:
        if run and (len(run) == LONGEST_NAME or not JOINED.fullmatch(text, run[-1][1], start)):
            places += _place(text, run)
            run = []
        run.append((start, end))
    return [*places, *_place(text, run)]


def _place(text: str, run: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """A run of words with capitals without the plain ones at its ends; one that only begins a sentence is none."""
    begins = bool(run) and bool(SENTENCE_END.search(text, max(0, run[0][0] - 3), run[0][0]))
    plain = [_key(text[start:end]) in PLAIN for start, end in run]
    while run and plain[0] and (begins or len(run) < 2 or _key(text[slice(*run[0])]) != "the"):
        begins = begins and _key(text[slice(*run[0])]) in EXCLAIMED
        run, plain = run[1:], plain[1:]
    while run and plain[-1]:
        run, plain = run[:-1], plain[:-1]
    if not run or (len(run) == 1 and begins):
        return []
    typed = TYPE.match(text, run[-1][1])
    return [(run[0][0], typed.end() if typed else run[-1][1])]


def _known(text: str, known: frozenset[str]) -> list[tuple[int, int]]:
    whole = _key(text)
    near = [name for name in known if name in whole]
    words = [match.span() for match in WORD.finditer(text)] if near else []
    places: list[tuple[int, int]] = []
    at = 0
    while at < len(words):
        first = _key(text[slice(*words[at])])
        sizes = range(min(LONGEST_NAME, len(words) - at), 0, -1) if any(name.startswith(first) for name in near) else ()
        length = next((size for size in sizes if _key(text[words[at][0] : words[at + size - 1][1]]) in near), 0)
        if length:
            places.append((words[at][0], words[at + length - 1][1]))
        at += length or 1
    return places


def _key(words: str) -> str:
    return " ".join(words.lower().replace("’", "'").split())


def _stands(place: tuple[int, int], places: list[tuple[int, int]]) -> bool:
    return any(start < place[1] and place[0] < end for start, end in places)


def _label(text: str, start: int) -> str:
    near = max(0, start - 60)
    # Farther from the verb, who is named may have been paid with, have asked for it, or have refused it.
    if PAID_BY.search(text, near, start) or (MEANS.match(text, start) and PAID.search(text, near, start)):
        return "payment"
    before = re.findall(r"\w+", text[max(0, start - 20) : start].lower())
    word = next((word for word in reversed(before) if word not in ("the", "a", "an")), "")
    return LEADING.get(word, MENTIONED)
