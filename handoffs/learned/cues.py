"""What stands out in a customer's words besides the words: signs of trouble, negations, shouting, and the tone by a lexicon."""

import re
from functools import cache

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

LONGEST = 2000
MOST_WORDS, MOST_PICTURES = 300, 100
TOKEN_END = re.compile(r"\s+")
MOST = 3  # of one kind of sign; more of them say no more

SIGNS = {
    "worry": re.compile(
        r"\b(worried|worry\w*|scared|afraid|anxious|nervous|panic\w*|stolen|hacked|fraud\w*|unsafe|in danger|emergency|terrified|concerned"
        r"|someone (?:is|has|else)|did ?n[o']?t (?:place|make|recogni[sz]e|authori[sz]e)|never ordered|lost my (?:card|phone|wallet))\b",
        re.I,
    ),
    "anger": re.compile(
        r"\b(furious|outrag\w+|disgust\w+|ridiculous|unacceptable|scam\w*|idiot\w*|stupid|useless|worst|terrible|horrible|awful|hate|angry"
        r"|pathetic|rip[- ]?off|liar\w*|l(?:ies|ied|ying)|damn|wtf|bullshit|crap|shit\w*|fuck\w*|rude|joke|incompeten\w+|disgrace\w*|sucks?)\b",
        re.I,
    ),
    "stuck": re.compile(
        r"\b(again|already|still|(?:second|third|fourth|\d+(?:nd|rd|th)) time|keeps?|over and over|not working|nothing (?:works|helps)|frustrat\w+"
        r"|(?:is|does|did|has|can|wo)n[o']?t work\w*|(?:two|three|several|many) times|annoy\w+|wast(?:e|ed|ing)|how many times|no one"
        r"|nobody|fed up|unhelpful|not help\w*|useless|told you)\b",
        re.I,
    ),
    "sore": re.compile(r"\b(why|how long|ever|never|poor|seriously|disappoint\w+|asked you|said (?:that|so|this))\b", re.I),
    "broken": re.compile(
        r"\b(cancel+ed|delay\w*|lost|missing|missed|broken|broke|damaged?|stuck|stranded|fail\w*|errors?|crash\w*|wrong|refus\w+|denied|declined"
        r"|reject\w+|ignor\w+|hung up|overcharg\w*|charged (?:me )?(?:twice|again)|late|down|problems?|issues?|mess|wait(?:ing|ed)?|(?:on )?hold"
        r"|no (?:answer|reply|response|help|idea|way|sign)|can(?:no|')?t|(?:wo|does|did|is|was|have|has)n'?t)\b",
        re.I,
    ),
    "span": re.compile(
        r"\b(?:\d+|one|two|three|four|five|six|several|many|few|couple)\+? ?(?:hours?|hrs?|days?|weeks?|months?|min(?:ute)?s?)\b"
        r"|\b(?:hours|forever|ages)\b",
        re.I,
    ),
    "demand": re.compile(r"\b(refund|compensat\w+|your (?:service|staff|agents?|people|system|website|app|company)|apolog\w+|switch\w*|excuse\w*)\b", re.I),
    "glad": re.compile(
        r"\b(thanks?|thank you|thx|great|perfect|wonderful|awesome|excellent|lovely|brilliant|amazing|love[ds]?|best|good|nice|appreciat\w+|kudos"
        r"|helpful|fantastic|glad|happy|excited|yay|smooth|enjoy\w*)\b",
        re.I,
    ),
    "no": re.compile(r"n't\b|\b(?:no|not|never|none|nothing|neither|without|cannot)\b", re.I),
    "turn": re.compile(r"\b(?:but|however|though|except|instead)\b", re.I),
    "scowl": re.compile(r"[😡🤬😠👎💢🖕😤🙄😒]"),
    "smile": re.compile(r"[❤😊👍😍💙😘😃😀🙂😁🥰🙏🎉💚🤗👏🥳]|[:;]-?\)"),
    "tears": re.compile(r"[😢😭😞😟😰😨😱😔☹🙁😩😫]|[:;]-?\("),
    "dots": re.compile(r"\.\.\.|…"),
}
QUESTION = re.compile(
    r"^\W*(?:(?:hi|hello|hey)\W+)?(?:can|could|do|does|is|are|what|when|where|which|how (?:do|can|much|many)|will|would|any|may|please|who)\b", re.I
)
WORD = re.compile(r"[^\W\d_]{3,}")
TOKEN = re.compile(r"[\w']+|[^\w\s]+")
NEGATIONS = frozenset(["no", "not", "never", "none", "nothing", "nobody", "neither", "nor", "cannot", "without", "hardly"])
FLIPPED = 0.74  # of a word's tone, the other way round, after a negation (Hutto and Gilbert 2014)


@cache
def analyzer() -> SentimentIntensityAnalyzer:
    return SentimentIntensityAnalyzer()


def tone(text: str) -> float:
    """vaderSentiment's compound score (Hutto and Gilbert 2014): -1 (worst) to 1 (best), for English."""
    return float(_shares(text[:LONGEST])["compound"])


def shouting(text: str) -> int:
    """0..2: mostly capitals; doubled exclamation or question marks."""
    words = WORD.findall(text)
    capitals = sum(word.isupper() for word in words)
    return int(len(words) >= 2 and capitals * 2 >= len(words)) + int("!!" in text or "??" in text)


def numbers(text: str) -> list[float]:
    """The cues of one text, always as many and in the same order."""
    text = text[:LONGEST].replace("’", "'")
    counts = {name: float(min(MOST, len(sign.findall(text)))) for name, sign in SIGNS.items()}
    words = WORD.findall(text)
    asks = float(bool(QUESTION.search(text)))
    together = [min(1.0, counts["broken"] * counts[other]) for other in ("glad", "stuck", "span")]
    marks = [float(mark in text) for mark in ("!", "!!", "?", "??")]
    length = [sum(word.isupper() for word in words) / max(1, len(words)), min(1.0, len(words) / 30), float(shouting(text))]
    return [*counts.values(), asks, *together, *marks, *length, *_lexicon(text)]


def _lexicon(text: str) -> list[float]:
    """Sums and peaks of the good and the bad words' tone, and VADER's own shares."""
    words = TOKEN.findall(text.lower())
    found = [_valence(words, at) for at in range(len(words)) if words[at] in analyzer().lexicon]
    good, bad = [value for value in found if value > 0], [-value for value in found if value < 0]
    shares = _shares(text)
    compound = shares["compound"]
    return [sum(good), sum(bad), max(good, default=0.0), max(bad, default=0.0), max(0.0, compound), max(0.0, -compound),
            shares["pos"], shares["neg"], shares["neu"]]


def _shares(text: str) -> dict[str, float]:
    """VADER's scores of the text's beginning: it makes words of each picture, and compares every word with all others."""
    ends = [match.start() for match in TOKEN_END.finditer(text)]
    pictures = [at for at, sign in enumerate(text) if sign in analyzer().emojis]
    end = min([len(text), *ends[MOST_WORDS - 1 :][:1], *pictures[MOST_PICTURES:][:1]])
    return dict(analyzer().polarity_scores(text[:end]))


def _valence(words: list[str], at: int) -> float:
    value = float(analyzer().lexicon[words[at]])
    return -FLIPPED * value if any(word in NEGATIONS or word.endswith("n't") for word in words[max(0, at - 3) : at]) else value
