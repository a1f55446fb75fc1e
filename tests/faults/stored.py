"""The stored history as values, as the checks need it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class StoredTurn:
    conversation: str
    number: int
    author: str
    client_id: str
    words: str
    kind: str = "message"
    at: datetime = datetime.min


@dataclass(frozen=True)
class StoredStep:
    """A step of a handoff, in the order of its row; a move when it has a state to go to."""

    handoff: str
    conversation: str
    verb: str
    agent: str
    from_state: str
    to_state: str
    epoch: int
    due: str = ""  # of a check-in: when that was due


@dataclass(frozen=True)
class StoredHandoff:
    key: str
    conversation: str
    state: str
    agent: str
    due_at: datetime | None
    owner: str  # of its conversation
    weight: float = 1.0


@dataclass(frozen=True)
class Stored:
    """Everything the check needs of the database, read when the run has settled."""

    now: datetime
    conversations: dict[str, int]  # its last number
    turns: Sequence[StoredTurn] = ()
    begun: Sequence[tuple[str, str]] = ()  # conversations, each with what it is called outside
    proposals: dict[tuple[str, str], int] = field(default_factory=dict)  # rows per conversation and client id
    steps: Sequence[StoredStep] = ()
    handoffs: Sequence[StoredHandoff] = ()
    capacity: dict[str, float] = field(default_factory=dict)  # by username

    @property
    def moves(self) -> list[StoredStep]:
        return [step for step in self.steps if step.to_state]
