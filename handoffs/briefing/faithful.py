"""Whether a text about a conversation says only what stands in it: its numbers, amounts, dates, times, names, ids, and what did not happen or was done."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from handoffs.briefing import claims, moments
from handoffs.briefing.claims import Tried
from handoffs.grounding import DAY_NAMES, MAY, SENTENCE, WORDS, missing, support
from handoffs.quantities import numbers
from handoffs.wording import FILLER, stem

# Characters; a brief's text has a few hundred, and of a longer one the rest would go unread.
LONGEST = 4000
BEGINNING = 5  # letters
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
MULTIPLES = {"twice": "two times", "thrice": "three times", "a dozen": "twelve", "a couple of": "two"}
MULTIPLE = re.compile(rf"\b(?:{'|'.join(MULTIPLES)})\b", re.I)
RELATIVE = re.compile(r"\b(?:today|tonight|tomorrow|yesterday|(?:next|last) (?:week(?:end)?|month|year))\b", re.I)
# Capitals that name nobody.
SIGNS = frozenset(re.findall(r"\w+", "ai id ok i a faq url pin sms usd eur gbp pm am dm it uk us tv pc app mr mrs ms dr"))
# How sentences about a conversation begin; any other first word must stand in it.
OPENERS = frozenset(re.findall(r"\w+",
    """customer customers assistant agent agents brand company user users support representative team he she his her both several some since because while
    although though however therefore hence thus instead meanwhile despite due after before during once until unless whether regarding concerning about
    according another other others each every many few most more less only even still yet soon later then next first second third finally lastly also moreover
    further furthermore additionally currently apparently unfortunately handed nothing nobody none neither either those these such here upon within without
    throughout wants needs asks says tells writes reports complains requests seeks hopes waiting trying open seems appears everything something anything someone
    anyone order orders refund account issue problem request reply answer help no yes result step steps all under over between against through per
    conversation message messages question questions reason topic goal complaint case
    tried tries attempt attempted failed fails refused worked person contact"""
))
# How goals begin.
VERBS = frozenset(re.findall(r"\w+",
    """get find know change cancel replace return recover receive fix stop update reset restore remove delete add book rebook move reschedule track pay claim
    report buy use open close unlock log check confirm understand learn connect install repair refund have make speak talk send resolve solve correct reverse
    transfer withdraw switch upgrade downgrade extend renew end start keep avoid see access order exchange schedule arrange locate retrieve file dispute"""
))
SUMMARIES = frozenset(map(stem, OPENERS))


def unsupported(text: str, said: Iterable[str], known: Iterable[str] = (), *, attempts: Iterable[Tried] | None = None,
                ours: Iterable[str] | None = None) -> tuple[str, ...]:
    """What of a text stands neither in what was said nor in what is known, as it is written in the text; empty when all of it does.

    `known` is the record and what was sent of it. With `attempts`, what the assistant is said to have tried or done must be one of them, with its outcome;
    with `ours`, the lines of the firm's side, favours (a refund approved) must stand there or among the attempts: a customer's words do not grant them.
    """
    tried, recorded = None if attempts is None else tuple(attempts), [*known]
    steps = (f"{attempt.step}: {attempt.detail}" for attempt in tried or ())
    text, sources = _plain(text[:LONGEST]), [_plain(source) for source in (*said, *recorded, *steps) if source]
    found = [*_details(text, sources), *claims.unproven(text, sources, tried, None if ours is None else [*ours, *recorded])]
    return tuple(dict.fromkeys(found))


def details(text: str, sources: Iterable[str]) -> tuple[str, ...]:
    """The numbers, amounts, dates, times, names, ids and addresses alone that stand in no source; what is claimed is not looked at."""
    return tuple(dict.fromkeys(_details(_plain(text[:LONGEST]), [_plain(source) for source in sources if source])))


def foreign(text: str, sources: list[str]) -> float:
    """The share of a text's words of content that no source has, and that are no words of summaries: 0.0 when all are known, and for none."""
    own = claims.content(text) - SUMMARIES
    known = frozenset[str]().union(*map(claims.content, sources))
    # Another form of a word counts as the word: "charge" and "charged".
    beginnings = {word[:BEGINNING] for source in sources for word in WORDS.findall(source.lower())}
    strange = [root for root in own - known if not any(word[:BEGINNING] in beginnings for word in WORDS.findall(text.lower()) if stem(word) == root)]
    return len(strange) / len(own) if own else 0.0


def _details(text: str, sources: list[str]) -> Iterator[str]:
    """Figures, names and addresses that stand in no source."""
    yield from (written for written, days in moments.dates(text) if not any(day.agrees(other) for day in days for other in _days(sources)))
    yield from (written for written, hour in moments.times(text) if not any(hour.agrees(other) for other in _hours(sources)))
    yield from (word for word in RELATIVE.findall(text) if not any(word.lower() in source.lower() for source in sources))
    rest = moments.without(text)
    names = set(WORD.findall(rest))
    figures = missing(rest, map(moments.without_times, sources)).details
    yield from (detail for detail in figures if detail not in names or detail.lower() in DAY_NAMES or numbers(detail))
    yield from _names(rest, sources)


def _names(text: str, sources: list[str]) -> Iterator[str]:
    """Words with a capital, and words all in capitals, that no source has."""
    words = frozenset[str]().union(*(support(source).words for source in sources))
    squeezed = [support(source).text for source in sources]
    for sentence in SENTENCE.findall(text):
        for place, raw in enumerate(WORD.findall(sentence)):
            word = re.sub(r"['’]s?$", "", raw)
            if word[:1].isupper() and not _is_plain(word, place) and not _stands(word, words, squeezed):
                yield word


def _is_plain(word: str, place: int) -> bool:
    low = word.lower().replace("’", "'")
    common = low in SIGNS or low in DAY_NAMES or low in FILLER or low.split("'")[0] in FILLER or (place == 0 and low in OPENERS | VERBS)
    return len(word) == 1 or common or bool(MAY.fullmatch(word))


def _stands(word: str, words: frozenset[str], squeezed: list[str]) -> bool:
    low = word.casefold()
    parts = WORDS.findall(low)
    whole = re.sub(r"[\s-]+", "", low)
    return all(part in words or stem(part) in words for part in parts) or (len(whole) >= 4 and any(whole in each for each in squeezed))


def _days(sources: list[str]) -> Iterator[moments.Day]:
    return (day for source in sources for day in _days_of(source))


def _hours(sources: list[str]) -> Iterator[moments.Hour]:
    return (hour for source in sources for hour in _hours_of(source))


@lru_cache(maxsize=1024)
def _days_of(source: str) -> tuple[moments.Day, ...]:
    return tuple(day for _, days in moments.dates(source) for day in days)


@lru_cache(maxsize=1024)
def _hours_of(source: str) -> tuple[moments.Hour, ...]:
    return tuple(hour for _, hour in moments.times(source))


def _plain(text: str) -> str:
    return MULTIPLE.sub(lambda found: MULTIPLES[found.group().lower()], text)
