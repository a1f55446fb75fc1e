"""What somebody said, told by another: the customer's "my" becomes "their", the assistant's "your" becomes "their". Nothing else changes."""

import re

OWN = {
    "and am": "and are",
    "am i": "are they", "was i": "were they", "i am": "they are", "i was": "they were", "i'm": "they're", "im": "they're", "i've": "they've", "ive": "they've",
    "i'll": "they'll", "i'd": "they'd", "i": "they", "me": "them", "my": "their", "mine": "theirs", "myself": "themselves", "we're": "they're",
    "we've": "they've", "we'll": "they'll", "we'd": "they'd", "we": "they", "us": "them", "our": "their", "ours": "theirs", "ourselves": "themselves",
}
OWN_WORD = re.compile(rf"(?<![\w'-])(?:{'|'.join(sorted(OWN, key=len, reverse=True))})(?![\w'-])", re.I)
PLURAL = ("we", "us", "our")
SHOUTED = ("US", "IM", "ME")  # a country, instant messages: capitals that are no "us"
TO_THEM = frozenset(re.findall(r"\S+", """
    to for with help see tell give send ask contact call reach let assist get offer refund thank show of from at by provide inform update refer
    charge email connect
    connected found got given sent made told transfer transferred about on without put wish pay notify advise remind guide support serve guarantee
    lose keep refunded charged joined
"""))
THEIR = {
    "are you": "are they", "you are": "they are", "you're": "they're", "you've": "they've", "you'll": "they'll", "you'd": "they'd", "your": "their",
    "yours": "theirs", "yourself": "themselves", "youre": "they're", "youve": "they've", "youll": "they'll", "u": "they", "ur": "their",
}
ACTS = re.compile(r" (?:will|can|could|are|were|have|may|might|should|must|would|need|want|get|do|don't|won't|can't|had)\b", re.I)
# What comes after the one something is done to, unless a new clause begins there.
AFTER_OBJECT = re.compile(r" (?:to|on|at|in|for|from|by|with|an?|the|your|this|that|today|tomorrow|as|about|again|now|back|through|within)\b", re.I)
OPENS_CLAUSE = frozenset(re.findall(r"\S+", """
    that if when as than and or but so because what which who where how like before after once while since until whether is are
"""))
YOU_WORD = re.compile(rf"(?<![\w'-])(?:(?P<before>\w{{1,20}}) )?(?P<you>{'|'.join(sorted(THEIR, key=len, reverse=True))}|you)(?P<after>(?![\w'-])|$)", re.I)
SELF = re.compile(
    r"(?<![\w'-])I(?:(?P<short>'(?:m|ve|ll|d)\b)|(?P<adverb> (?:also|just|only|already|still|now|really|currently))? (?P<verb>[a-z]{1,20}(?:n't"
    r"|'t)?))(?![\w'-])"
)
SHORT = {"'m": "it's", "'ve": "it has", "'ll": "it'll", "'d": "it'd"}
AGREES = {"am": "is", "have": "has", "do": "does", "don't": "doesn't", "haven't": "hasn't"}
STAYS = frozenset(re.findall(r"\S+", """
    can cannot can't could couldn't will won't would wouldn't should shouldn't may might must was wasn't had hadn't did didn't found sent saw got made told
    understood took gave put set went left knew read
"""))
TAKES_S = frozenset(re.findall(r"\S+", """
    see understand need think recommend suggest know believe hope want suspect advise require offer show find assume get ask
"""))
STILL_SELF = re.compile(r"(?<![\w'-])(?:I|me|myself|mine)(?![\w-])")
SMALL = frozenset(re.findall(r"\S+", """
    they they're they've that's there's here's what's where's the their there this that these it it's its we we're we've your you my our a an no not
    what when where why how which who is
    are was were
    do does did have has can could will would should if in on at for from with by please to and but so as after before since because once all some any more
    most both each every only just still also then here now unfortunately currently today yesterday tomorrow someone nobody somebody nothing
    everything something
    another one two he she his her him as got had tried did looking been trying just very too not all my help
"""))


def of_customer(text: str) -> str:
    """The customer's words in the third person; "you" stays: it is the firm, and so the reader."""
    return OWN_WORD.sub(lambda word: word[0] if word[0] in SHOUTED else OWN[word[0].lower()], text)


def of_assistant(text: str) -> str | None:
    """The assistant's words in the third person; None where that is not safe. "We" stays: it is the firm."""
    told = SELF.sub(_self, _to_them(text))
    told = re.sub(r"(?<![\w'-])my(?![\w'-])", "its", told, flags=re.I)
    return None if STILL_SELF.search(told) or re.search(r"(?<![\w'])(?:you|u)(?![\w'])", told, re.I) else told


def of_agent(text: str) -> str | None:
    """An agent's words in the third person; None where that is not safe."""
    told = OWN_WORD.sub(lambda word: word[0] if word[0].lower().startswith(PLURAL) else OWN[word[0].lower()], _to_them(text))
    return None if re.search(r"(?<![\w'])(?:you|u)(?![\w'])", told, re.I) else told


def _to_them(text: str) -> str:
    return YOU_WORD.sub(_you, text)


def _you(word: re.Match[str]) -> str:
    before, you = word["before"], word["you"].lower()
    if you == "you":
        after, earlier = word.string[word.end() : word.end() + 12], (before or "").lower()
        acts = ACTS.match(after) and earlier not in TO_THEM
        last = not re.match(r"\s{0,3}\w", after)
        given = bool(earlier) and earlier not in OPENS_CLAUSE and AFTER_OBJECT.match(after)
        said = "them" if not acts and (last or given or earlier in TO_THEM or earlier.endswith(("ed", "ing"))) else "they"
    else:
        said = THEIR[you]
    return f"{before} {said}" if before else said


def _self(word: re.Match[str]) -> str:
    if word["short"]:
        return SHORT[word["short"]]
    verb, adverb = word["verb"], word["adverb"] or ""
    if verb in AGREES:
        return f"it{adverb} {AGREES[verb]}"
    if verb in TAKES_S:
        return f"it{adverb} {verb}s"
    return f"it{adverb} {verb}" if verb in STAYS or verb.endswith("ed") else word[0]


def lowered(text: str) -> str:
    """Lower case at the start, unless the first word is a name or an abbreviation for all one can tell."""
    first = text.split(" ", 1)[0]
    shouted = len(first) > 1 and first.isupper()
    return text[:1].lower() + text[1:] if first.lower() in SMALL and not shouted else text
