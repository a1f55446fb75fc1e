"""What callers were told: every act, with the answer it got or none. The history check holds it against what is stored."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

OVERTAKEN = (403, 409)


@dataclass
class Act:
    """One act of somebody. `number` is the turn's, `handoff` the handoff's id, as far as the answer names them."""

    kind: str  # begin, customer, assistant, agent, hand_off, claim, release, transfer, resolve, hand_back, pass_on, let_go
    conversation: str
    client_id: str = ""
    words: str = ""
    agent: str = ""
    handoff: str = ""
    number: int | None = None
    action: str = ""  # of a turn: what was decided
    status: int = 0
    tries: int = 0
    took: float = 0.0  # seconds, all tries together
    is_given_up: bool = False  # tried again and again, and never answered
    at: float = field(default_factory=time.monotonic)

    def decided(self, answer: dict[str, Any]) -> None:
        """Keep what the API's answer to a turn says of it."""
        decision = answer["decision"]
        self.number, self.action, self.handoff = answer["turn"]["number"], decision["action"], (decision["handoff"] or {}).get("id", "")

    @property
    def is_acknowledged(self) -> bool:
        return 200 <= self.status < 400

    @property
    def is_answered(self) -> bool:
        """Whether it was done, or refused for what others had done meanwhile."""
        return not self.is_given_up and (self.is_acknowledged or self.status in OVERTAKEN)


class Ledger:
    """Every act of a run, in the order in which they were answered."""

    def __init__(self) -> None:
        self.acts: list[Act] = []
        self.failures: Counter[str] = Counter()

    def note(self, act: Act) -> Act:
        self.acts.append(act)
        return act

    def failed(self, why: str) -> None:
        self.failures[why] += 1

    @property
    def acknowledged(self) -> list[Act]:
        return [act for act in self.acts if act.is_acknowledged]

    @property
    def unanswered(self) -> list[Act]:
        return [act for act in self.acts if not act.is_answered]

    def between(self, start: float, end: float) -> list[Act]:
        return [act for act in self.acts if start <= act.at <= end]
