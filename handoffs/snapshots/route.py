"""Where a handoff waits, and the teams it may wait with."""

from dataclasses import dataclass


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
