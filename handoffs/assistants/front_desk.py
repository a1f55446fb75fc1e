"""The built-in assistant: answers from the help articles beside it, and says how sure it is."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from handoffs.assistants import small_talk
from handoffs.snapshots import Author, Brief, Meanwhile, Outcome, Part, Proposal, Transcript, Tried

ARTICLES = Path(__file__).parent / "articles"
LONGEST_READ = 600
SURE_OF_SMALL_TALK = 0.97
FOR_A_PERSON = 0.1
# Who waits for a person is offered an answer only when it is all but sure, and to more than a few words.
SURE_MEANWHILE, LEAST_ASKED = 0.85, 3
WORTH_READING = 0.5
# The similarity at which an answer is as likely right as wrong, and how quickly doubt goes away above it.
EVEN, SLOPE = 0.42, 15.0
# Two sections this close to each other, or a single word, are a question back, not an answer.
CLEAR_MARGIN, UNSURE_AT_MOST = 0.07, 0.84
WORD_SHARE = 0.7

FILLER = frozenset(
    re.findall(
        r"\S+",
        """
        a about actually all also am an and any anything anyway are as at be been but by can could did do does for from get getting go
        had has have hello help hey hi how i if in into is it its just kindly know let like may me mean might must my need now of oh ok on
        one or our please really right s should so some still t tell thanks that the their them then there these they thing this those to
        too try trying up us want was we well were what when which will with would yes you your
        """,
    )
)
SAME = {
    word: group[0]
    for group in (
        ("plan", "subscription", "membership"), ("cancel", "terminate", "quit", "unsubscribe"), ("parcel", "package", "shipment"),
        ("delivery", "shipping", "deliver", "delivered", "ship", "shipped"), ("clip", "video", "recording", "footage", "videos", "recordings"),
        ("alert", "notification", "notify", "notified"), ("wifi", "wi-fi", "internet", "network"), ("email", "e-mail", "mail"),
        ("login", "signin"), ("invoice", "receipt"), ("broken", "faulty", "defective", "damaged"),
        ("home", "house", "apartment", "flat"), ("camera", "cam"), ("payment", "pay", "paid"), ("move", "relocate"), ("arrive", "come", "came"),
        ("upgrade", "switch"), ("long", "quickly", "fast"), ("cost", "price", "expensive"), ("device", "product"),
    )
    for word in group
}
JOINED = ((r"\blog(?:ged|ging)? ?in\b|\bsign(?:ed|ing)? ?in\b", "login"), (r"\bmoney back\b", "refund"), (r"\bwi fi\b", "wifi"))


@dataclass(frozen=True)
class Section:
    """One question the articles answer; without a text, one that needs a person."""

    article: str
    title: str
    text: str
    asked: tuple[str, ...]

    @property
    def slug(self) -> str:
        return re.sub(r"[^a-z0-9]+", "_", self.title.lower()).strip("_")


@dataclass(frozen=True)
class Found:
    """The section that fits best, the runner-up, and how sure that is (0..1)."""

    section: Section
    runner_up: Section
    confidence: float


class FrontDesk:
    """Looks the question up in the help articles and answers with what they say, never with more."""

    code = "front_desk"
    name = "Juniper"
    plan = (Part("confirm"), Part("articles"), Part("survey"), Part("callback"), Part("remind", after=3600))

    def reply(self, transcript: Transcript) -> Proposal:
        asked = _asked(transcript)
        if small := small_talk.answer(asked, transcript):
            return Proposal(small, confidence=SURE_OF_SMALL_TALK, intent="small_talk", intent_confidence=SURE_OF_SMALL_TALK)
        found = look_up(asked)
        fits = found.confidence >= 0.5
        tried = Tried(f"Searched the help articles for “{_short(asked)}”", Outcome.DONE if fits else Outcome.FAILED,
                      found.section.title if fits else "nothing fits" if found.section.text else "needs a person")
        return Proposal(
            found.section.text if fits else "I found nothing about this in our help articles.",
            confidence=found.confidence, intent=found.section.slug if fits else "", intent_confidence=found.confidence if fits else None,
            sources=({"title": found.section.title},) if fits else (), attempts=(tried,),
        )

    def clarify(self, transcript: Transcript) -> Proposal:
        found = look_up(_asked(transcript))
        first, second = found.section, found.runner_up
        text = f"I want to be sure I understand. Is this about “{first.title}”, or about “{second.title}”?"
        return Proposal(text, confidence=found.confidence, clarifying=True)

    def meanwhile(self, transcript: Transcript) -> Meanwhile:
        """What it would offer a customer who waits: a section it is sure about, for their newest words alone."""
        asked = transcript.said[-1].text if transcript.said else ""
        if len(asked.split()) < LEAST_ASKED or small_talk.answer(asked, transcript):
            return Meanwhile()
        found = look_up(asked)
        if found.confidence < SURE_MEANWHILE or not found.section.text:
            return Meanwhile()
        source = {"title": found.section.title, "text": found.section.text}
        return Meanwhile("solution", Proposal(found.section.text, confidence=found.confidence, intent=found.section.slug, sources=(source,)))

    def wrap_up(self, brief: Brief, resolution: str) -> Proposal:
        """One question: what was done stands right above it, in the agent's own lines."""
        return Proposal("Is there anything else I can help you with?", confidence=SURE_OF_SMALL_TALK, intent="wrap_up")


    def helpful(self, brief: Brief, resolution: str) -> tuple[dict[str, str], ...]:
        """The section about what the customer needed, when there is one."""
        found = look_up(brief.goal)
        fits = found.confidence >= WORTH_READING and found.section.text
        return ({"title": found.section.title, "text": found.section.text},) if fits else ()


class Index:
    """The sections and the ways people ask for them, as vectors: words and word pairs, and pieces of words for slips of the pen."""

    def __init__(self, sections: tuple[Section, ...]) -> None:
        self.sections = sections
        texts = [(number, text) for number, section in enumerate(sections) for text in (section.title, *section.asked)]
        self.owner = np.array([number for number, _ in texts])
        self.words = TfidfVectorizer(analyzer=_words_and_pairs, sublinear_tf=True)
        self.pieces = TfidfVectorizer(analyzer="char_wb", preprocessor=lambda text: " ".join(_words(text)), ngram_range=(3, 5), sublinear_tf=True)
        self.word_rows = self.words.fit_transform(text for _, text in texts)
        self.piece_rows = self.pieces.fit_transform(text for _, text in texts)
        self.rarest = float(self.words.idf_.max())

    def scores(self, text: str) -> np.ndarray:
        """How well each section fits, 0..1: its best way of asking counts."""
        known = self._known(text)
        by_word = (self.word_rows @ self.words.transform([text]).T).toarray().ravel()
        by_piece = (self.piece_rows @ self.pieces.transform([text]).T).toarray().ravel()
        each = WORD_SHARE * by_word * known + (1 - WORD_SHARE) * by_piece * (1 + known) / 2
        best = np.zeros(len(self.sections))
        np.maximum.at(best, self.owner, each)
        return best

    def _known(self, text: str) -> float:
        """The share of the question's vector that the articles know; words they never use count like their rarest."""
        known = [float(self.words.idf_[place]) for word in set(_words(text)) if (place := self.words.vocabulary_.get(word)) is not None]
        strange = sum(word not in self.words.vocabulary_ for word in set(_words(text)))
        weight = sum(value**2 for value in known)
        return math.sqrt(weight / (weight + strange * self.rarest**2)) if known else 0.0


def look_up(text: str) -> Found:
    scores = index().scores(text[:LONGEST_READ])
    order = np.argsort(-scores)
    first, second = (index().sections[number] for number in order[:2])
    if not first.text:
        return Found(first, second, FOR_A_PERSON)
    clear = scores[order[0]] - scores[order[1]] >= CLEAR_MARGIN and len(set(_words(text))) > 1
    return Found(first, second, confidence(float(scores[order[0]]), clear))


def confidence(similarity: float, clear: bool) -> float:
    """How likely the best section is the right one: its similarity decides; when that is not clear, it stays below an answer."""
    sure = 1 / (1 + math.exp(-SLOPE * (similarity - EVEN)))
    return round(min(sure, 0.98 if clear else UNSURE_AT_MOST), 3)


@cache
def index() -> Index:
    """Read and indexed once per process."""
    return Index(tuple(section for path in sorted(ARTICLES.glob("*.md")) for section in _sections(path.read_text(encoding="utf-8"))))


def _sections(markdown: str) -> Iterator[Section]:
    head, *parts = re.split(r"^## ", markdown, flags=re.MULTILINE)
    for part in parts:
        title, _, body = part.partition("\n")
        asked = tuple(line[2:].strip() for line in body.splitlines() if line.startswith("- "))
        text = " ".join(line.strip() for line in body.splitlines() if line.strip() and not line.startswith("- "))
        yield Section(head.removeprefix("# ").strip(), title.strip(), text, asked)


def _words(text: str) -> list[str]:
    plain = text.lower().replace("’", "'")
    for pattern, word in JOINED:
        plain = re.sub(pattern, word, plain)
    found = re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.sub(r"'(s|m|re|ve|d|ll|t)\b", " ", plain.replace("n't", " not")))
    return [SAME.get(word) or SAME.get(_stem(word)) or _stem(word) for word in found if word not in FILLER]


def _words_and_pairs(text: str) -> list[str]:
    words = _words(text)
    return [*words, *(f"{one} {other}" for one, other in pairwise(words))]


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _asked(transcript: Transcript) -> str:
    """What is to be answered: everything since the assistant's last answer; its clarifying question does not count as one."""
    words: list[str] = []
    for line in reversed(transcript.lines):
        if line.author is Author.CUSTOMER:
            words.append(line.text)
        elif not line.clarifying:
            break
    return "\n".join(reversed(words))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79].rstrip() + "…"
