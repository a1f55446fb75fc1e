"""An import as stories: gzipped JSON lines, a conversation each; docs/replay.md has the fields."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any, Literal

from django.utils import timezone
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from handoffs.simulation.stories import Event, HandedBack, HandedOff, Proposed, Said, Story
from handoffs.snapshots import LONGEST_TEXT, Author, Detection, Line, Outcome, Proposal, Tried

LONGEST_LINE = 4 * 2**20
LARGEST_UNPACKED = 2 * 2**30
REASONS_KEPT = 100
# At either end of the calendar a moment of one time zone is none of another's.
YEARS = range(1970, 2200)


class Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AttemptGiven(Strict):
    step: str = Field(max_length=200)
    outcome: Outcome = Outcome.UNKNOWN
    detail: str = ""
    shown: bool = False


class EventGiven(Strict):
    """What happened; which fields count depends on `type`."""

    type: Literal["customer", "assistant", "proposal", "handed_off", "handed_back"]
    at: datetime | None = None
    text: str = Field("", max_length=LONGEST_TEXT)
    language: str = Field("", max_length=20)
    intent: str = Field("", max_length=100)
    intent_confidence: float | None = Field(None, ge=0, le=1)
    confidence: float | None = Field(None, ge=0, le=1)
    clarifying: bool = False
    failed: str = ""
    sources: list[dict[str, str]] = []
    attempts: list[AttemptGiven] = []
    facts: dict[str, Any] = {}
    given: bool = True
    right: bool | None = None
    shadow: bool = False
    asked_for: bool = False

    @field_validator("at")
    @classmethod
    def of_our_time(cls, at: datetime | None) -> datetime | None:
        if at and at.year not in YEARS:
            raise ValueError(f"not a year from {YEARS[0]} to {YEARS[-1]}")
        return at


class ConversationGiven(Strict):
    id: str = Field(min_length=1, max_length=200)
    customer: str = Field("", max_length=200)
    tier: str = Field("", max_length=40)
    known: dict[str, Any] = {}
    shadow_share: float = Field(0.0, ge=0, le=1)
    events: list[EventGiven] = Field(max_length=100_000)


@dataclass
class Broken:
    """Lines that could not be read: how many, and the first with their reasons."""

    count: int = 0
    first: list[dict[str, Any]] = field(default_factory=list)

    def add(self, line: int, reason: str) -> None:
        self.count += 1
        if len(self.first) < REASONS_KEPT:
            self.first.append({"line": line, "reason": reason})


class Unfit(ValueError):
    """An import that cannot be run; the words say why."""


def lines(body: bytes) -> Iterator[bytes]:
    """The lines of a gzip, one at a time, cut where they are too long. Raises Unfit where it is broken, or a giant when unpacked."""
    try:
        with gzip.open(BytesIO(body)) as file:
            while line := _line(file):
                yield line
                while len(line) > LONGEST_LINE and not line.endswith(b"\n"):
                    line = _line(file)
    except (OSError, EOFError, zlib.error) as error:
        raise Unfit(f"The file is no whole gzip: {error}. Pack JSON lines with gzip.") from None


def _line(file: gzip.GzipFile) -> bytes:
    if file.tell() > LARGEST_UNPACKED:
        raise Unfit(f"The file unpacks to more than {LARGEST_UNPACKED // 2**20} MB.")
    return file.readline(LONGEST_LINE + 1)


def stories(body: bytes, broken: Broken, heard: Callable[[Line], Line] = lambda line: line) -> Iterator[Story | None]:
    """Each conversation of the import; None for a line that is broken, which `broken` then knows. Empty lines are passed over.

    `heard` adds to a customer's words what is found in them when they are said live.
    """
    for number, line in enumerate(lines(body), 1):
        if not line.strip():
            continue
        try:
            yield _story(line, heard)
        except ValidationError as error:
            first = error.errors()[0]
            broken.add(number, f"{'.'.join(map(str, first['loc']))}: {first['msg']}".strip(": ")[:200])
            yield None
        except (ValueError, RecursionError) as error:
            broken.add(number, str(error)[:200] or "not JSON")
            yield None


def _story(line: bytes, heard: Callable[[Line], Line]) -> Story:
    if len(line) > LONGEST_LINE:
        raise ValueError(f"longer than {LONGEST_LINE} bytes")
    given = ConversationGiven.model_validate(_storable(json.loads(line)))
    events = tuple(_event(event, number, given.shadow_share, heard) for number, event in enumerate(given.events, 1))
    at = next((event.at for event in events if event.at), None)
    return Story(given.id, given.customer or given.id, events, at, tier=given.tier, known=given.known)


def _storable(value: Any) -> Any:
    """The value without what no database keeps in a text: NUL, and halves of surrogate pairs."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_storable(key): _storable(each) for key, each in value.items()}
    return [_storable(each) for each in value] if isinstance(value, list) else value


def _event(event: EventGiven, number: int, share: float, heard: Callable[[Line], Line]) -> Event:
    at = timezone.make_aware(event.at) if event.at and event.at.tzinfo is None else event.at
    match event.type:
        case "proposal":
            attempts = tuple(Tried(each.step, each.outcome, each.detail, each.shown) for each in event.attempts)
            proposal = Proposal(event.text, event.confidence, event.intent, event.intent_confidence, tuple(event.sources), attempts, event.facts,
                                event.clarifying, event.failed)
            return Proposed(proposal, at, event.given, event.right, event.shadow, 0.0 if event.given else share)
        case "handed_off":
            return HandedOff(at, Detection("explicit_request", "Asked for a person", {"button": True}) if event.asked_for else None)
        case "handed_back":
            return HandedBack(at)
    line = Line(Author(event.type), event.text, number, event.intent, event.intent_confidence, event.language, event.clarifying)
    return Said(heard(line) if line.author is Author.CUSTOMER else line, at)
