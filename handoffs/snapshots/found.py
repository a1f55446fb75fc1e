"""What was found in it, and what to do about it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


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
