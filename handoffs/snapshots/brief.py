"""What a person must know, as it is stored with a handoff."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from handoffs.snapshots.said import Mood, Outcome


class Trend(StrEnum):
    RISING = "rising"  # tension goes up
    STEADY = "steady"
    EASING = "easing"


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
