"""Frozen values for the pure parts: what was said, what was found, what a person must know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

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


class Action(StrEnum):
    """What a judged turn leads to."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    HAND_OFF = "hand_off"
    DRAFT = "draft"  # kept for a person to use, change or reject
    NONE = "none"


class Question(StrEnum):
    """What a trigger asks. CAN (is the assistant able?) and SHOULD (is it allowed?) stay apart."""

    ASKED = "asked"  # did the customer ask for a person?
    SHOULD = "should"  # should an assistant answer this at all?
    CAN = "can"  # can this assistant answer it well?


class Mood(StrEnum):
    ANGRY = "angry"
    FRUSTRATED = "frustrated"
    WORRIED = "worried"
    NEUTRAL = "neutral"
    CONTENT = "content"


class Trend(StrEnum):
    RISING = "rising"  # tension goes up
    STEADY = "steady"
    EASING = "easing"


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
class Transcript:
    """What was said since the assistant last took over, oldest first, and what is being judged now.

    Exactly one thing is new: the last line (a customer's), `proposal`, or `silent_for` seconds of owed silence.
    `facts` is what is known beside what was said: the customer's record and what the assistant has sent. `copilot` is the assistant's
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

    @cached_property
    def said(self) -> tuple[Line, ...]:
        """The customer's lines."""
        return tuple(line for line in self.lines if line.author is Author.CUSTOMER)

    @cached_property
    def newest(self) -> Line | None:
        """The customer's line under judgement, or None when something else is."""
        judging_words = self.proposal is None and not self.silent_for
        return self.said[-1] if judging_words and self.said else None


@dataclass(frozen=True)
class Detection:
    """A trigger that fired. `reason` is for agents, in a few words; `evidence` is what made it fire: its `words` are the customer's own."""

    trigger: str
    reason: str
    evidence: dict[str, Any] = field(default_factory=dict)
    team: str = ""
    clarify: bool = False
    urgent: bool = False


@dataclass(frozen=True)
class Judgement:
    """What to do with what is new, and every detection behind it, the one that counts first."""

    action: Action
    detections: tuple[Detection, ...] = ()

    @property
    def detection(self) -> Detection | None:
        return self.detections[0] if self.detections else None


class Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Feeling(Value):
    """How the customer feels; `tension` has one value in 0..1 per recent customer turn, oldest first; `read` is false for a language not known."""

    mood: Mood = Mood.NEUTRAL
    read: bool = True
    trend: Trend = Trend.STEADY
    tension: tuple[float, ...] = ()
    moods: tuple[Mood, ...] = ()
    how_to_open: str = ""


class BriefAttempt(Value):
    """One step the assistant tried; repeats of it are merged into the latest and counted in `times`."""

    step: str
    detail: str = ""
    outcome: Outcome = Outcome.UNKNOWN
    shown: bool = False
    turn: int | None = None  # the last turn said before it
    at: datetime | None = None
    times: int = 1


class Was(Value):
    """A value that no longer holds, and the turn that said it."""

    value: str
    turn: int | None = None


class Fact(Value):
    """One thing known. `name` is a field's code (`handoffs.briefing.fields`) or what the sender called it; `was` holds what was said before, oldest first."""

    name: str
    value: str
    turn: int | None = None
    by: Literal["customer", "assistant", "agent", "record"] = "customer"
    was: tuple[Was, ...] = ()


class Sentence(Value):
    """A sentence of the summary, what it is about, and the turns it was made from."""

    text: str
    about: Literal["issue", "obstacle", "open_to"] = "issue"
    turns: tuple[int, ...] = ()


class Source(Value):
    """What the assistant read; `out_of_date` when an agent says so."""

    title: str = ""
    url: str = ""
    out_of_date: bool = False


class Earlier(Value):
    """An earlier handoff or conversation of the same customer."""

    goal: str
    at: datetime
    team: str = ""
    outcome: str = ""


class Record(Value):
    """What the firm knew of the customer when the brief was made."""

    account: dict[str, Any] = {}
    orders: tuple[dict[str, Any], ...] = ()
    earlier: tuple[Earlier, ...] = ()


class Brief(Value):
    """What a person must know, made from facts alone; a language model may have worded it better since (`written_by`).

    `goal` is one line, `summary` two to three sentences of at most 60 words together. `corrected` names what a person has put right
    (goal, feeling, summary): nothing automatic changes that again.
    """

    version: Literal[2] = 2
    feeling: Feeling = Feeling()
    goal: str = ""
    goal_turns: tuple[int, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    attempts: tuple[BriefAttempt, ...] = ()
    facts: tuple[Fact, ...] = ()
    sources: tuple[Source, ...] = ()
    reason: str = ""
    evidence: dict[str, Any] = {}
    record: Record = Record()
    next_step: str = ""
    next_step_why: str = ""
    draft: str = ""
    written_by: Literal["facts", "model"] = "facts"
    corrected: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        return " ".join(sentence.text for sentence in self.sentences)

    @model_validator(mode="before")
    @classmethod
    def _upgrade(cls, stored: Any) -> Any:
        """A brief stored by version 1 had its summary as one text without traces."""
        if not isinstance(stored, dict) or stored.get("version", 2) != 1:
            return stored
        summary = stored.get("summary")
        sentences = [{"text": summary}] if summary else []
        return {**{name: value for name, value in stored.items() if name != "summary"}, "version": 2, "sentences": sentences}


@dataclass(frozen=True)
class TeamView:
    """A team as routing sees it."""

    code: str
    general: bool = False
    intents: frozenset[str] = frozenset()
    keywords: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()  # empty: any


@dataclass(frozen=True)
class Route:
    """Where a handoff waits: the team's code, the priority (1 is most urgent, 4 the least), why, and the intent it goes by."""

    team: str
    priority: int
    why: str
    intent: str = ""
