"""The need that a sentence voices: a wish, a request, a question or a report of what is wrong."""

import re
from dataclasses import dataclass
from functools import lru_cache

from handoffs.briefing.clauses import bare, cut
from handoffs.briefing.frames import FRAMES, VERBS, Frame, Kind
from handoffs.briefing.voice import of_customer

KNOWN = frozenset((*VERBS, "view", "look", "see", "log", "sign", "access", "recover"))
LONGEST, GOAL_LENGTH = 12, 110  # words and characters of a goal
FOR_ME = re.compile(r"\s(?:for (?:me|us)\b(?! to\b))|^((?:find|book|get|send|order|reserve|give|show|buy|bring|provide)) (?:me|us)(?= \w)", re.I)
TROUBLE = re.compile(
    r"\b(?:not|never|no longer|can'?t|cannot|couldn'?t|won'?t|doesn'?t|don'?t(?! (?:want|need|mind))|didn'?t|isn'?t|wasn'?t|haven'?t"
    r"|hasn'?t|unable|without|fail(?:s|ed|ing"
    r"|ure)?|error"
    r"|problems?|issues?|trouble|broken?|broke|wrong|there(?:'s| is| are| was) no|stole|steal(?:ing)?|someone|fraud\w{0,6}|suspicious|lost"
    r"|missing|stuck|stop(?:s|ped)|crash\w{0,4}|charged|declined|cancelled|canceled|delayed|delay|late|stolen|damaged"
    r"|defective|faulty|blocked|locked|freez\w{1,4}|frozen|slow|down|twice|double|overcharged|expired|rejected|refused|waiting|still|disappeared"
    r"|hacked|scam\w{0,4}"
    r"|unauthori[sz]ed|leak\w{0,4}|incorrect|bug|glitch\w{0,3}|terrible|worst|disgusting|dead|rude|hurts?|pain|sick|fever)\b", re.I,
)
ASKS_NOTHING = re.compile(
    r"^(?:what the (?:hell|heck|f\w+).{0,40}|(?:have you (?:ever|seen|heard)|do you (?:like|think|believe|enjoy)|did you (?:see|hear)"
    r"|don'?t you|isn'?t (?:it|that))\b.{0,120}|(?:i (?:need|want|would like|could use)|can (?:you|u|someone)|could (?:you|someone)|please"
    r"|i'?d like)?\s?(?:some |your |a little |any )?"
    r"(?:help|assist(?:ance)?)"
    r"(?: (?:me|us))?(?: (?:out|with (?:something|this|it|that)|please))?|(?:do|can) (?:you|u) (?:understand|hear|read|get).{0,30}"
    r"|(?:can|could|would|will) (?:you|u|someone|anyone)(?: please)?|are you (?:there|real|a bot|human|kidding).{0,30}"
    r"|how are you.{0,20}|what(?:'s| is) (?:up|your name).{0,10}|(?:i have|i've got|there(?:'s| is)) an? (?:problem|question|issue|complaint)|why(?: not)?"
    r"|i can'?t wait|i don'?t (?:know|remember|care)"
    r"|what|how|when|where|who|really|seriously|is that (?:ok|okay|clear|right)|can i ask (?:you )?.{0,20}|tell me|let me (?:see|check"
    r"|think).{0,20})\W{0,4}$", re.I,
)
TELLS_ONLY = re.compile(
    r"^(?:and )?(?:my |the |our |that'?s |it'?s )?(?:\w{1,20} ){0,2}(?:number|no|pin|id|code|e-?mail|address|phone|birth ?day|password|account|acct"
    r"|zip(?: code)?|room)"
    r"(?: number)?(?: is|'s|:| would be| was)\b[^\d@]{0,20}[\d@].{0,60}$|^(?:and )?(?:my|the|their) (?:\w{1,20} )?names?(?: is|'s)\b.{0,60}$", re.I,
)
VAGUE = re.compile(
    r"^(?:\w+(?: \w+)? )?(?:it|that|this|them|one|those|these|something|everything|anything|so|there|me|us|back|now|asap|instead|again|today|here|too|please"
    r"|(?:it|that|this|them|one) (?:back|up|off|out|now|instead|again|today|asap|immediately|then|please|sooner|earlier|later|for me"
    r"|(?:to|for|with|into) (?:it|that|this|them|those|one)))\W*$", re.I,
)
LATER = re.compile(
    r",? (?:because|cause|since|so that|so (?:i|we|they|it|my|please)|but|although|though|even though|while"
    r"|and (?:i|they|we|it|the|my|their|he|she|there|you|this|now|if)\b"
    r"|as (?:i|they|we)\b|or (?:i|else)\b|, which|, who|in case|after (?:i|they)|if (?:you|possible)"
    r"|(?:when|whenever|as soon as|before) (?:i|they|we)\b|who (?:is|was)|that (?:is|was|will)|and (?:then|also))\b.{0,600}$", re.I | re.S,
)
MARKED = re.compile(r"\s?(?:;|:|\(| [-–—] |\.\.+).{0,600}$", re.S)
OTHERS = re.compile(r"(?<![\w'])(?:they|them|their|theirs)(?![\w])", re.I)


@dataclass(frozen=True)
class Need:
    """What a sentence asks for; `phrase` is told in the third person, `weight` says how clearly it is a need (0: not at all)."""

    kind: Kind = "none"
    phrase: str = ""
    weight: float = 0.0
    others: bool = False  # whether "they" was said already, so that not each one is the customer

    @property
    def is_vague(self) -> bool:
        """Whether it names nothing that another could act on."""
        phrase = LATER.sub("", self.phrase)
        one_word = self.kind in ("to", "you", "for") and len(phrase.split()) < 2 and not phrase[:1].isupper()
        return not phrase or one_word or (bool(VAGUE.match(phrase)) and "money" not in phrase)

    def line(self, words: int = LONGEST) -> str:
        """The need as one line of at most so many words."""
        phrase = short(self.phrase, words - 2 if self.kind == "how" else words)
        if self.kind == "for":
            phrase = re.sub(r"^(?:a|an|some|the|any) (?=\w)", "", phrase, flags=re.I)
        phrase = f"how to {phrase}" if self.kind == "how" else phrase
        if self.kind == "ask" and not phrase.endswith(("?", "…")):
            phrase = f"{phrase}?"
        return clipped(phrase[:1].upper() + phrase[1:])


@lru_cache(maxsize=2048)
def need_of(sentence: str) -> Need:
    """The need of one sentence of the customer's, without its greeting; of several frames the strongest, of equals the first."""
    text = bare(sentence)
    if not text or ASKS_NOTHING.match(text) or TELLS_ONLY.match(text):
        return Need()
    for frame, match in _framed(text):
        kind, weight = frame.kind, frame.weight
        phrase = of_customer(FOR_ME.sub(r"\1", text[match.end() :])).strip(" ,;:-")
        phrase = phrase if kind == "ask" else _unended(phrase)
        if kind in ("to", "for") and (verbal := _plain_verb(phrase)):
            kind, phrase = "to", verbal
        if phrase and re.search(r"\w{2}", phrase):
            return Need(kind, phrase, weight, bool(OTHERS.search(text[match.end() :])))
    words = len(text.split())
    weight = 0.75 if TROUBLE.search(text) and words > 2 else 0.3 if words > 4 else 0.0
    return Need("said", _unended(of_customer(text)), weight, bool(OTHERS.search(text)))


def _framed(text: str) -> list[tuple[Frame, re.Match[str]]]:
    """The frames that fit, the clearest first."""
    words, asks = frozenset(re.findall("[a-z]+", text.lower())), text.endswith("?")
    fitting = (frame for frame in FRAMES if not (words.isdisjoint(frame.words) or (asks and frame.is_order)))
    found = [(frame, match) for frame in fitting if (match := frame.pattern.search(text))]
    return sorted(found, key=lambda each: -each[0].weight)


def _plain_verb(phrase: str) -> str:
    """ "booking a table" as "book a table", where the verb is known; else nothing."""
    first, _, rest = phrase.partition(" ")
    stem = first.removesuffix("ing")
    known = next((verb for verb in (stem, f"{stem}e", stem[:-1]) if verb in KNOWN), "") if stem != first and rest else ""
    return f"{known} {rest}" if known else ""


def _unended(phrase: str) -> str:
    """Without its full stop, which stays where it belongs to an abbreviation."""
    kept = phrase.rstrip(".!?… ")
    return f"{kept}." if kept.lower().endswith((" a.m", " p.m")) else kept


def short(phrase: str, words: int) -> str:
    """A phrase in at most so many words: what follows its first clause goes first, then its end."""
    for tail in (MARKED, LATER):
        if len(phrase.split()) > words and len(tail.sub("", phrase).split()) > 2:
            phrase = tail.sub("", phrase).rstrip(" ,")
    if len(phrase.split()) > words:
        at_comma = [end for end in (match.start() for match in re.finditer(r", ", phrase)) if 4 <= len(phrase[:end].split()) <= words]
        phrase = phrase[: at_comma[-1]] if at_comma else cut(phrase, words)
    return phrase


def clipped(line: str) -> str:
    """A line of at most GOAL_LENGTH characters."""
    return line if len(line) <= GOAL_LENGTH else f"{line[: GOAL_LENGTH - 1].rsplit(' ', 1)[0]}…"
