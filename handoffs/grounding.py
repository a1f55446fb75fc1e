"""Whether what an answer claims stands in what it was made from: its figures, dates, names and addresses, and its words."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from handoffs.quantities import Number, numbers
from handoffs.wording import FILLER, stem

LONGEST_ANSWER = 4000
# Measured in docs/judgement.md on people's summaries of a conversation, against those of another one.
# A sentence of at least so many content words, of which less than this share stands in the sources, is a claim of its own.
CLAIM_WORDS, CLAIM_SHARE = 5, 0.25
EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"”)\]]{1,300}|\b(?:[a-z0-9-]{1,40}\.){1,3}(?:com|org|net|io|eu|de|co\.uk)\b(?:/[^\s<>\"”)\]]{0,200})?", re.I)
REFERENCE = re.compile(r"\b(?=[\w-]{0,30}\d)(?=[\w-]{0,30}[A-Za-z])[A-Za-z0-9]{1,20}(?:-[A-Za-z0-9]{1,20}){0,4}\b")
# Each with the sign without which there is none.
PLACES = ((EMAIL, re.compile("@")), (ADDRESS, re.compile(r"\w\.\w|://")), (REFERENCE, re.compile(r"\d")))
DATE = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b|\b(\d{1,2})[./](\d{1,2})[./](\d{2,4})\b")
MONTHS = re.findall(r"\w+", "january february march april may june july august september october november december")
DAYS = re.findall(r"\w+", "monday tuesday wednesday thursday friday saturday sunday")
DAY_NAMES = frozenset([*DAYS, *MONTHS, *(month[:3] for month in MONTHS)]) - {"may"}
MAY = re.compile(r"\bMay\b(?=\s\d)|(?<=\d\s)\bMay\b")
UNITS = {"minute": 1, "min": 1, "hour": 60, "hr": 60, "day": 1440, "week": 10080, "month": 43200, "year": 525600}
UNIT = re.compile(rf"\s?(?:-\s?)?(?:(?:business|working|calendar)\s)?({'|'.join(UNITS)})s?\b|\s?(%|percent|per cent)", re.I)
NAME = re.compile(r"(?<![.!?:\n“\"(]\s)(?<!^)(?<![\w’'-])([A-Z][a-zà-ÿ]{2,30})(?![\w-])", re.MULTILINE)
OWN_NAME = re.compile(r"\b(?:I’m|I'm|I am|this is|my name is)\s+[A-Z]\w+", re.I)
LISTED = re.compile(r"^\s{0,8}\d{1,2}[.)]\s|\bsteps?\s\d{1,2}\b", re.MULTILINE | re.I)
SENTENCE = re.compile(r"[^.!?\n]+(?:\.(?=\S)[^.!?\n]*)*[.!?]?")
COURTESY = re.compile(
    r"\b(sorry|apologi[sz]e|thank|glad|happy to|welcome|anything else|let me know|feel free|hope (?:this|that)"
    r"|please (?:tell|let|share|send|give|confirm|provide)"
    r"|would you like|can i help|i can help|good (?:morning|day|afternoon|evening)|understand)\b",
    re.I,
)
WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


@dataclass(frozen=True)
class Support:
    """What a text can vouch for."""

    numbers: frozenset[tuple[str, Decimal]]
    words: frozenset[str]
    days: frozenset[str]
    text: str  # without blanks and hyphens: "iOS 11" is "iOS11"


@dataclass(frozen=True)
class Missing:
    """What stands in an answer and nowhere in its sources: figures, names and addresses, and whole sentences."""

    details: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()


def missing(answer: str, sources: Iterable[str]) -> Missing:
    """What of an answer its sources do not vouch for; several texts vouch together."""
    answer, known = answer[:LONGEST_ANSWER], [support(source) for source in sources if source]
    figures = frozenset[tuple[str, Decimal]]().union(*(each.numbers for each in known))
    words = frozenset[str]().union(*(each.words for each in known))
    days = frozenset[str]().union(*(each.days for each in known))
    places, rest = _places(answer)
    found = [place for place in places if not any(_squeezed(place) in each.text for each in known)]
    found += [number.words for kinds, number in _figures(LISTED.sub(" ", rest)) if not _vouched(kinds, number, figures)]
    found += [word for day, word in _days(rest).items() if day not in days]
    found += [name for name in _names(rest) if stem(name.lower()) not in words and name.lower() not in words]
    return Missing(tuple(dict.fromkeys(found)), tuple(_claims(rest, words)))


@lru_cache(maxsize=1024)
def support(text: str) -> Support:
    """What a source can vouch for. Cached: an article is a source again and again."""
    plain = text.casefold()
    found = {(kind, number.value) for kinds, number in _figures(text) for kind in kinds}
    words = {word for raw in WORDS.findall(plain) for word in (raw, stem(raw.replace("’", "'")))}
    return Support(frozenset(found), frozenset(words), frozenset(_days(text)), _squeezed(text))


def _squeezed(text: str) -> str:
    return re.sub(r"[\s-]+|https?://(?:www\.)?", "", text.casefold())


def _places(answer: str) -> tuple[list[str], str]:
    """E-mail and web addresses and references, and the answer without them."""
    found: list[str] = []
    for pattern, sign in PLACES:
        for match in pattern.findall(answer) if sign.search(answer) else ():
            if pattern is not REFERENCE or not re.fullmatch(r"\d+(?:st|nd|rd|th|k|x|h|am|pm|min|kg|gb|mb|cm|mm|m|s)", match, re.I):
                found.append(match.rstrip(".,;:!?"))
                answer = answer.replace(match, " ")
    return found, answer


def _figures(text: str) -> Iterator[tuple[frozenset[str], Number]]:
    """The numbers of a text with all they may count as: money, a share, minutes, or only a number."""
    for number in numbers(text):
        at = text.find(number.words)
        unit = UNIT.match(text, at + len(number.words)) if at >= 0 else None
        if number.words.endswith("%") or (unit and unit[2]):
            yield frozenset(["%"]), number
        elif unit and unit[1]:
            minutes = number.value * UNITS[unit[1].lower()]
            yield frozenset(["minutes"]), Number(minutes, None, f"{number.words}{unit.group()}")
        else:
            yield frozenset([f"money {number.currency}", "money", ""] if number.is_money else [""]), number
    for year, month, day, *other in _dates(text):
        for value in filter(None, (year, month, day, *other)):
            yield frozenset([""]), Number(Decimal(value), None, value)


def _dates(text: str) -> list[tuple[str, ...]]:
    return DATE.findall(text) if any(character.isdigit() for character in text) else []


def _vouched(kinds: frozenset[str], number: Number, known: frozenset[tuple[str, Decimal]]) -> bool:
    """Whether the same number stands there as the same thing; money without its currency vouches for money with it."""
    if number.currency:
        other = any(value == number.value and kind.startswith("money ") and kind not in (f"money {number.currency}", "money ") for kind, value in known)
        return (f"money {number.currency}", number.value) in known or (("", number.value) in known and not other)
    return any((kind, number.value) in known for kind in kinds) or ("minutes" in kinds and ("minutes", number.value) in known)


def _days(text: str) -> dict[str, str]:
    """Months and days of the week by their first three letters, as they are written; those of dates in figures among them."""
    found = {word[:3].lower(): word for word in WORDS.findall(text) if word.lower() in DAY_NAMES}
    if "May" in text and MAY.search(text):
        found["may"] = "May"
    for _, iso, _, first, second, _ in _dates(text):
        found |= {MONTHS[int(month) - 1][:3]: month for month in (iso, first, second) if month and 1 <= int(month) <= 12}
    return found


def _names(text: str) -> list[str]:
    plain = OWN_NAME.sub(" ", text)
    return [name for name in NAME.findall(plain) if name.lower() not in DAY_NAMES | FILLER and name != "May"]


def _claims(text: str, words: frozenset[str]) -> Iterator[str]:
    for sentence in SENTENCE.findall(text):
        content = {word for raw in WORDS.findall(sentence.casefold().replace("’", "'")) if raw not in FILLER and (word := stem(raw))}
        if len(content) >= CLAIM_WORDS and not sentence.rstrip().endswith("?") and not COURTESY.search(sentence):
            claims = len(content & words) / len(content) < CLAIM_SHARE
            yield from [sentence.strip()] if claims else []
