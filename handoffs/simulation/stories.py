"""A conversation as a replay reads it: what happened, in order. Values only."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from handoffs.snapshots import Detection, Line, Proposal


@dataclass(frozen=True)
class Said:
    """Something the customer or the assistant said."""

    line: Line
    at: datetime | None = None


@dataclass(frozen=True)
class Proposed:
    """What the assistant wanted to say. `given` when the customer got it; `right` is a person's verdict, None without one.

    `chance` is how likely it was to be drafted for people to judge when it was held back: 0 when nobody could see it.
    """

    proposal: Proposal
    at: datetime | None = None
    given: bool = False
    right: bool | None = None
    shadow: bool = False
    chance: float = 0.0


@dataclass(frozen=True)
class HandedOff:
    """A person took over. `found` when somebody pressed the button or the assistant decided; `silent_for`: the seconds of owed silence."""

    at: datetime | None = None
    found: Detection | None = None
    silent_for: float = 0.0


@dataclass(frozen=True)
class HandedBack:
    """The assistant has it again, and a new stretch begins."""

    at: datetime | None = None


Event = Said | Proposed | HandedOff | HandedBack


@dataclass(frozen=True)
class Story:
    """One conversation. `name` is its id, `customer` whoever it was with; `known` is the customer's record."""

    name: str
    customer: str
    events: tuple[Event, ...]
    at: datetime | None = None
    stored: bool = False
    tier: str = ""
    known: dict[str, Any] = field(default_factory=dict)
    calibrated_by: str = ""  # the assistant's code
    language: str = ""
    copilot: str = ""  # the assistant's code when a person checks its answers first
