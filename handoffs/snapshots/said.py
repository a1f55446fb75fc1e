"""What was said and tried, and what an assistant would like to say next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal

# In bytes of UTF-8: what one turn may have.
LONGEST_TEXT = 16 * 1024


class Author(StrEnum):
    CUSTOMER = "customer"
    ASSISTANT = "assistant"
    AGENT = "agent"
    WAITING_ROOM = "waiting_room"


class Outcome(StrEnum):
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Mood(StrEnum):
    ANGRY = "angry"
    FRUSTRATED = "frustrated"
    WORRIED = "worried"
    NEUTRAL = "neutral"
    CONTENT = "content"


@dataclass(frozen=True)
class Tried:
    """One step the assistant tried."""

    step: str
    outcome: Outcome = Outcome.UNKNOWN
    detail: str = ""
    shown: bool = False
    turn: int | None = None  # the last turn said before it
    at: datetime | None = None


@dataclass(frozen=True)
class Line:
    """One thing said, as the pure parts see it. `number` is its place in the conversation, from 1; without a mood it was not judged yet."""

    author: Author
    text: str
    number: int = 0
    intent: str = ""
    intent_confidence: float | None = None
    language: str = ""
    clarifying: bool = False
    mood: Mood | None = None
    tension: float = 0.0


@dataclass(frozen=True)
class Proposal:
    """What an assistant would like to say next, and what it says about it. Not yet said."""

    text: str = ""
    confidence: float | None = None
    intent: str = ""
    intent_confidence: float | None = None
    sources: tuple[dict[str, str], ...] = ()
    attempts: tuple[Tried, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    clarifying: bool = False
    failed: str = ""
    stated_confidence: float | None = None  # what the assistant said, where `confidence` is what that has turned out to be worth

    @property
    def named_sources(self) -> list[dict[str, str]]:
        """The sources as people see them, without their texts."""
        return [{name: value for name, value in source.items() if name != "text"} for source in self.sources]


@dataclass(frozen=True)
class Part:
    """One part of an assistant's plan for a wrap-up, so many seconds after the handback."""

    name: Literal["confirm", "articles", "survey", "callback", "remind"]
    after: int = 0


@dataclass(frozen=True)
class Meanwhile:
    """What an assistant would do about the words of a customer who waits for a person: nothing, answer in passing, or offer what may solve it."""

    kind: Literal["nothing", "answer", "solution"] = "nothing"
    proposal: Proposal = Proposal()


@dataclass(frozen=True)
class Transcript:
    """What was said since the assistant last took over, oldest first, and what is being judged now.

    Exactly one thing is new: the last line (a customer's), `proposal`, or `silent_for` seconds of owed silence.
    `facts` is what is known beside what was said: the customer's record and what the assistant has sent, which `told` is alone. `copilot` is the assistant's
    code when a person checks its answers first. `before` is what was said before the assistant last took over, and `sources` what its
    answers were made from: both are read for a brief alone.
    """

    lines: tuple[Line, ...] = ()
    tried: tuple[Tried, ...] = ()
    proposal: Proposal | None = None
    silent_for: float = 0.0
    facts: Mapping[str, Any] = field(default_factory=dict)
    copilot: str = ""
    before: tuple[Line, ...] = ()
    sources: tuple[dict[str, str], ...] = ()
    told: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def said(self) -> tuple[Line, ...]:
        """The customer's lines."""
        return tuple(line for line in self.lines if line.author is Author.CUSTOMER)

    @cached_property
    def newest(self) -> Line | None:
        """The customer's line under judgement, or None when something else is."""
        judging_words = self.proposal is None and not self.silent_for
        return self.said[-1] if judging_words and self.said else None
