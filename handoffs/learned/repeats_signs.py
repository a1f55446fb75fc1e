"""What a sentence of an agent shows of asking for one known thing, as numbers: forms of asking, words of its name, kinds and cues."""

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from handoffs.briefing.fields import BY_CODE
from handoffs.learned import vectors
from handoffs.learned.linear import Floats
from handoffs.learned.repeats_forms import ASKED_KINDS, CUES, FORMS, KINDS, SMALL, VALUE_KINDS
from handoffs.learned.repeats_words import FAMILIES, NOUNS, OPPOSITES, WAYS, spaced
from handoffs.learned.text import QUOTES

WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
NUMBER = re.compile(r"\d")
MANY, LONG = 6, 25  # words: more of them say no more
READ, LONGEST, MOST = 2000, 400, 12  # characters of a text's ends and of a sentence, sentences
SENTENCE = re.compile(r"(?<=[.?!])\s+|[\n;]+")
ANOTHERS = re.compile(r"\s+(?:of|for|on)\s+(?!(?:your|the) (?:account|order|file|case|record|booking)\b|you\b|me\b|us\b|this\b|that\b|security\b)\w+", re.I)
QUOTED = re.compile(r"[\"“«][^\"”»]{0,500}[\"”»]|(?<!\w)['‘][^'’]{0,200}['’](?!\w)")


def _compiled(patterns: dict[str, str]) -> dict[str, re.Pattern[str]]:
    return {name: re.compile(pattern, re.I) for name, pattern in patterns.items()}


NOUN_RULES, WAY_RULES = ({code: spaced(pattern) for code, pattern in patterns.items()} for patterns in (NOUNS, WAYS))
FORM_RULES, CUE_RULES, KIND_RULES, ASKED_RULES, VALUE_RULES = map(_compiled, (FORMS, CUES, KINDS, ASKED_KINDS, VALUE_KINDS))
FAMILY = {word: [set(family.split()) for family in FAMILIES if word in family.split()] for family in FAMILIES for word in family.split()}
BY_FIELD_KIND = {"id": "id", "name": "person", "amount": "amount", "date": "date", "time": "time", "number": "number", "e-mail": "e-mail",
                 "phone": "id", "secret": "id"}
OPPOSITE = [(set(one.split()), set(two.split())) for one, two in OPPOSITES]
COMPARABLE = {"time", "date", "amount", "e-mail", "yes"}
ASKING = ("question", "wh", "wh_inside", "aux", "imperative", "need", "please", "yes_no")


@dataclass(frozen=True)
class Sentence:
    """One sentence of a message without its quotations, and what is seen in it whatever is asked for."""

    text: str
    words: tuple[str, ...]
    forms: dict[str, bool]
    cues: dict[str, bool]
    kinds: frozenset[str]
    named: dict[str, tuple[int, int]]  # field codes that it names or asks for, with where

    @property
    def asks(self) -> bool:
        """Whether it can be an asking at all; without a form of asking nothing is."""
        return any(self.forms[name] for name in ASKING) or (len(self.words) <= 5 and bool(self.named))


@dataclass(frozen=True)
class Known:
    """A thing known by the name it has, and its value."""

    name: str
    code: str  # of the field it is, "" for none
    words: tuple[str, ...]
    kinds: frozenset[str]
    value_kinds: frozenset[str]
    value: str


@lru_cache(maxsize=512)
def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences that ask for anything, without those that verify who somebody is, offer to do something, or ask for another.

    Of a long text both ends are read.
    """
    shown = text if len(text) <= 2 * READ else f"{text[:READ]}\n{text[-READ:]}"
    parts = [part.strip()[:LONGEST] for part in SENTENCE.split(QUOTED.sub(" ", shown.translate(QUOTES))) if WORD.search(part)]
    made = [_sentence(part) for part in parts]
    secure = [sentence.cues["security"] for sentence in made]
    other = [sentence.cues["another"] or sentence.cues["offering"] for sentence in made]
    # "I have to be sure it is you first. What is your e-mail?"
    open_ones = [sentence for at, sentence in enumerate(made) if sentence.asks and not other[at] and not any(secure[max(0, at - 1) : at + 1])]
    return tuple(open_ones[:MOST])


def _sentence(text: str) -> Sentence:
    forms = {name: bool(rule.search(text)) for name, rule in FORM_RULES.items()} | {"question": text.rstrip(" \"')").endswith("?")}
    cues = {name: bool(rule.search(text)) for name, rule in CUE_RULES.items()}
    kinds = frozenset(name for name, rule in ASKED_RULES.items() if rule.search(text))
    named = {code: found.span() for code, rule in NOUN_RULES.items() if (found := rule.search(text))}
    # "order number" is no number of another kind: of names that overlap the longest counts.
    outer = {code: at for code, at in named.items() if not any(other[0] <= at[0] and at[1] <= other[1] and other != at for other in named.values())}
    return Sentence(text, tuple(_stem(word) for word in WORD.findall(text.lower())), forms, cues, kinds, outer)


@lru_cache(maxsize=4096)
def known(name: str, value: str = "") -> Known:
    """What is to be known of a thing before it is looked for; `name` is a field's code or what somebody called it ("Booking_ID")."""
    readable = re.sub(r"[_\W]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)).strip().lower()
    code = name if name in BY_CODE else next((code for code, rule in NOUN_RULES.items() if rule.fullmatch(readable)), "")
    words = tuple(dict.fromkeys(_stem(word) for word in WORD.findall(readable) if word not in SMALL)) or tuple(WORD.findall(readable))
    kinds = {kind for kind, rule in KIND_RULES.items() if re.search(rf"\b(?:{rule.pattern})\b", readable)}
    if code:
        kinds |= {BY_FIELD_KIND.get(BY_CODE[code].kind, "text")}
    return Known(readable, code, words, frozenset(kinds), frozenset(kind for kind, rule in VALUE_RULES.items() if rule.search(value)), _folded(value))


def signs(sentence: Sentence, thing: Known) -> Floats:
    """(len(NAMES),): every number lies in 0..1."""
    forms, cues = sentence.forms, sentence.cues
    heard = set(sentence.words)
    exact = [word in heard for word in thing.words]
    near = [hit or any(family & heard for family in _families(word)) for hit, word in zip(exact, thing.words, strict=True)]
    noun = thing.code in sentence.named if thing.code else False
    way = bool(thing.code in WAY_RULES and WAY_RULES[thing.code].search(sentence.text))
    phrase = len(thing.words) > 0 and f" {' '.join(thing.words)} " in f" {' '.join(word for word in sentence.words if word not in SMALL)} "
    others = [code for code in sentence.named if code != thing.code]
    explained = {*thing.words, *(word for one in thing.words for family in _families(one) for word in family)} | SMALL
    left = [word for word in sentence.words if word not in explained]
    return np.array([
        forms["question"], forms["wh"], forms["wh_inside"], forms["aux"], forms["imperative"], forms["need"], forms["please"],
        forms["yes_no"], forms["again"], forms["your"],
        noun, way, phrase, np.mean(exact), exact[-1], np.mean(near), near[-1], all(near),
        bool(sentence.kinds & thing.kinds), bool(sentence.kinds - {"yes"}) and not sentence.kinds & thing.kinds, bool(sentence.kinds & thing.value_kinds),
        "yes" in sentence.kinds and "yes" in thing.value_kinds, not sentence.kinds,
        cues["confirm"], cues["security"], cues["statement"], cues["offer"], cues["refused"], cues["past"], cues["condition"], cues["finding"], cues["own"],
        bool(NUMBER.search(sentence.text)), bool(others) and not noun, len(others) > 0 and noun,
        min(len(left), MANY) / MANY, min(len(sentence.words), LONG) / LONG, _alike(sentence.words, thing.words), bool(thing.code), _followed(sentence, thing),
        forms["either"], forms["wish"], _opposite(sentence, thing), _compound(sentence, thing),
        bool(sentence.kinds - {"yes"}) and bool(thing.value_kinds & COMPARABLE) and not sentence.kinds & thing.value_kinds,
    ], np.float32)


SIGNS = """
question wh wh_inside aux imperative need please yes_no again your noun way phrase exact head_exact near head_near all_near kind_fits kind_differs
value_kind_fits yes_fits no_kind confirm security statement offer refused past condition finding own digits other_named more_named left length alike
is_field followed either wish opposite compound value_kind_differs
"""
NAMES = tuple(SIGNS.split())


def crossed(rows: Floats) -> Floats:
    """(rows, n): the signs, and the product of each two of them."""
    first, second = np.triu_indices(rows.shape[1], 1)
    return np.hstack([rows, rows[:, first] * rows[:, second]])


def _followed(sentence: Sentence, thing: Known) -> bool:
    """Whether the name goes on to be somebody else's: "the name of the lock"."""
    at = sentence.named.get(thing.code)
    return bool(at and ANOTHERS.match(sentence.text, at[1]))


def _said(text: str, thing: Known) -> bool:
    """Whether the value itself is said: then it is put before the customer, not asked for."""
    return len(thing.value) > 1 and f" {thing.value} " in f" {_folded(text)} "


def _opposite(sentence: Sentence, thing: Known) -> bool:
    """Whether it speaks of the other end: the start is known, and when it ends is asked for."""
    name, said = set(thing.name.split()), set(re.findall(r"[\w-]+", sentence.text.lower()))
    return any(mine & name and not other & name and other & said and not mine & said for one, two in OPPOSITE for mine, other in ((one, two), (two, one)))


def _compound(sentence: Sentence, thing: Known) -> bool:
    """Whether the last word of the name goes on to another noun: the code is known, and the code type is asked for."""
    at = max((place for place, word in enumerate(sentence.words) if thing.words and word == thing.words[-1]), default=-1)
    after = sentence.words[at + 1 : at + 2] if at >= 0 else ()
    return bool(after) and after[0] not in SMALL


def _families(word: str) -> list[set[str]]:
    return STEMMED.get(word, [])


def _stem(word: str) -> str:
    """Without the ending of a plural, so that "numbers" are a number."""
    word = word.removesuffix("'s")
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


STEMMED = {_stem(word): [{_stem(other) for other in family} for family in families] for word, families in FAMILY.items()}


def _folded(text: str) -> str:
    return " ".join(WORD.findall(text[:READ].lower()))


def _alike(said: tuple[str, ...], name: tuple[str, ...]) -> float:
    """How near the meaning of a sentence's words is to that of a name, 0..1; 0 without the shipped vectors."""
    words = tuple(word for word in said if word not in SMALL)
    if (made := vectors.encode([" ".join(words), " ".join(name)])) is None:
        return 0.0
    return max(0.0, float(made[0] @ made[1]))


def asking_signs(text: str, name: str, value: str = "") -> Floats | None:
    """The signs of the sentence of a text that most looks like asking for the thing.

    None when no sentence asks, when the value is said anywhere in the text, and for what only verifies who somebody is.
    """
    thing = known(name, value)
    if (thing.code and BY_CODE[thing.code].sensitive) or _said(text, thing):
        return None
    rows = [signs(sentence, thing) for sentence in sentences(text)]
    return max(rows, key=_looks, default=None)


def _looks(row: Floats) -> float:
    """How much a sentence speaks of the thing, by its name and kind."""
    return float(row[NAMES.index("noun") : NAMES.index("kind_differs")].sum())
