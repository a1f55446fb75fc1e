"""Topics: what a policy lists by intents and phrases, and where a text raises one of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict

from handoffs.snapshots import Line, Transcript
from handoffs.wording import BREAKS, FILLER, STOPS, Reading, read

GAP = "*"
# What customers' words are read without, in a phrase: signs, but not | and *, nor those within a number or a word.
SIGNS = re.compile(r"[^\w|*'.,]|_|(?<!\d)[.,]|[.,](?!\d)|(?<!\w)'|'(?!\w)")
LONGEST_GAP = 3
LONGEST_SUPPOSING = 20
# A flood of the same words says no more than its beginning, and the last of each topic.
MOST_HITS = 20
# From here on a learned intent raises a topic like one the caller named.
SURE = 0.9
NEVER = frozenset(re.findall(r"\S+", "not don't dont never no without isn't wasn't aren't won't wouldn't haven't hasn't didn't doesn't"))
# What may stand between a "not" and what it denies: "I do NOT really want to FILE A COMPLAINT".
BETWEEN = frozenset(
    re.findall(
        r"\S+",
        """
        a an the any my your our to want wanna need needs wish going gonna planning plan intend trying try threatening about really actually even be is it
        this that like would will asking ask looking for of say saying said file make report here i i'm i'll i'd have been currently yet
        """,
    )
)
SUPPOSING = tuple(
    tuple(words.split()) for words in ("what if", "what happens", "what would", "suppose", "supposing", "hypothetically", "let's say", "imagine", "in theory")
)
RULES = frozenset(["policy", "policies", "terms", "conditions", "fee", "fees", "rules"])


class Topic(BaseModel):
    """Something the policy names: recognised by an intent's code or by a phrase in the words.

    A phrase is words in a row. `|` parts words that may stand in one place, `*` stands for up to three words: "close|delete * account".
    Denied and supposed phrases do not count ("I don't want to …", "what happens if …"), unless `mention` says that any mention does.
    A word of `unless` in the same sentence says that something else is meant. With `above_amount` it counts only when more money is at
    stake than the policy's `refund_above`; with `asked`, "how do I …?" counts like the wish. `urgent` puts the customer first in line.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    label: str
    intents: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    team: str = ""
    urgent: bool = True
    mention: bool = False
    above_amount: bool = False
    asked: bool = False

    def __hash__(self) -> int:
        # Lists of topics are looked up at every turn; equal ones share a code.
        return hash(self.code)


@dataclass(frozen=True)
class Hit:
    """A topic and the words, or the intent, that raised it; `start` and `end` are places in the reading, -1 for an intent."""

    topic: Topic
    words: str
    start: int = -1
    end: int = -1

    @property
    def evidence(self) -> dict[str, Any]:
        return {"topic": self.topic.code, "intent" if self.start < 0 else "words": self.words}


Phrase = tuple[frozenset[str] | None, ...]
Index = dict[str, tuple[tuple[Phrase, Topic], ...]]


@lru_cache(maxsize=64)
def index(topics: tuple[Topic, ...]) -> Index:
    """The phrases of some topics by their rarest word, so that most texts are done with at a glance."""
    by_word: Index = {}
    for topic in topics:
        for phrase in filter(None, map(_parsed, topic.phrases)):
            for word in _rarest(phrase):
                by_word[word] = (*by_word.get(word, ()), (phrase, topic))
    return by_word


@lru_cache(maxsize=4096)
def raised(text: str, topics: tuple[Topic, ...]) -> tuple[Hit, ...]:
    """The topics a text raises, in the order of its words."""
    found = tuple(_hits(read(text), index(topics)))
    return found if len(found) <= MOST_HITS else (*found[:MOST_HITS], *{hit.topic: hit for hit in found[MOST_HITS:]}.values())


def _hits(reading: Reading, among: Index) -> Iterator[Hit]:
    seen = reading.vocabulary
    possible = [pair for word in dict.fromkeys(reading.words) if word in among for pair in among[word] if _may_stand(pair[0], seen)]
    for start in range(len(reading.words)) if possible else ():
        for phrase, topic in possible:
            end = _end(phrase, reading.words, start)
            if end and (topic.mention or not _unmeant(reading, start, end, topic)):
                yield Hit(topic, reading.quote(start, end), start, end)


def found(transcript: Transcript, topics: tuple[Topic, ...]) -> Hit | None:
    """The topic that is new in a transcript: by the customer's newest words, else by the intent of what is judged."""
    newest = transcript.newest
    return (next(iter(raised(newest.text, topics)), None) if newest else None) or of_intent(transcript, topics)


def of_intent(transcript: Transcript, topics: tuple[Topic, ...]) -> Hit | None:
    judged = transcript.proposal or transcript.newest
    if judged is None or not judged.intent or (judged is transcript.newest and _is_guessed(judged)):
        return None
    intent = judged.intent.lower()
    topic = _by_intent(topics).get(intent)
    return Hit(topic, intent) if topic else None


def _is_guessed(line: Line) -> bool:
    """Whether a line's intent is a learned model's, and one it is not very sure of."""
    return line.intent_confidence is not None and line.intent_confidence < SURE


@lru_cache(maxsize=64)
def _by_intent(topics: tuple[Topic, ...]) -> dict[str, Topic]:
    return {intent.lower(): topic for topic in reversed(topics) for intent in topic.intents}


def denied(words: tuple[str, ...], start: int) -> bool:
    """Whether a "not" stands before, with nothing but small words between. A "no" that begins a sentence is an answer, not a denial."""
    for at in range(start - 1, max(start - 8, -1), -1):
        word = words[at]
        if word in NEVER:
            return not (word == "no" and (at == 0 or words[at - 1] in STOPS))
        if word not in BETWEEN:
            return False
    return False


def supposed(reading: Reading, start: int) -> bool:
    """Whether it is only imagined: "what happens if …"."""
    before = reading.words[max(reading.sentence(start)[0], start - LONGEST_SUPPOSING) : start]
    return any(before[at : at + len(words)] == words for words in SUPPOSING for at in range(len(before)))


def _unmeant(reading: Reading, start: int, end: int, topic: Topic) -> bool:
    if topic.unless and not reading.vocabulary.isdisjoint(topic.unless):
        begins, ends = reading.sentence(start)
        if not set(topic.unless).isdisjoint(reading.words[begins:ends]):
            return True
    about_rules = end < len(reading.words) and reading.words[end] in RULES
    return about_rules or denied(reading.words, start) or supposed(reading, start)


def _parsed(phrase: str) -> Phrase:
    """The phrase's places: the words that fit each, or None for a gap. Empty when it has no word to begin with."""
    plain = SIGNS.sub(" ", phrase.lower().replace("’", "'"))
    places = [None if place == GAP else frozenset(place.split("|")) - {""} for place in plain.split()]
    is_whole = places and places[0] and places[-1] and all(place is None or place for place in places)
    return tuple(places) if is_whole else ()


def is_phrase(text: str) -> bool:
    """Whether the text of a phrase can ever be found: it begins and ends with a word."""
    return bool(_parsed(text))


def _may_stand(phrase: Phrase, seen: frozenset[str]) -> bool:
    """Whether each place of the phrase has one of its words somewhere in the text. A plain loop: this is where judging spends its time."""
    for place in phrase:  # noqa: SIM110
        if place is not None and place.isdisjoint(seen):
            return False
    return True


def _rarest(phrase: Phrase) -> frozenset[str]:
    """Of the phrase's places the one with the fewest everyday words, then the fewest words."""
    return min((place for place in phrase if place), key=lambda place: (len(place & FILLER), len(place)))


def _end(phrase: Phrase, words: tuple[str, ...], at: int) -> int:
    """Where the phrase that begins at a word ends at the soonest, or 0. All ways through its gaps are walked at once."""
    if words[at] not in (phrase[0] or ()):
        return 0
    ends = {at}
    for fits in phrase:
        ends = {end for start in ends for end in _ends(fits, words, start)}
    return min(ends, default=0)


def _ends(fits: frozenset[str] | None, words: tuple[str, ...], at: int) -> range:
    """Where one place of a phrase may end: behind a word that fits, or, for a gap, within the clause and before any denial."""
    if fits is not None:
        return range(at + 1, at + 1 + (at < len(words) and words[at] in fits))
    closed = (skip for skip, word in enumerate(words[at : at + LONGEST_GAP]) if word in BREAKS or word in NEVER)
    return range(at, at + next(closed, LONGEST_GAP) + 1)
