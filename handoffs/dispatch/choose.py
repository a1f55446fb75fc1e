"""Pairs what waits with who is free."""

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

NEVER = datetime.min.replace(tzinfo=UTC)
Skill = tuple[str, int]


@dataclass(frozen=True)
class Waiting:
    """A handoff that waits. `language` "" is any; `skills` are names with the least level; `weight` is the room it takes."""

    id: str
    team: str
    rank_at: datetime
    arrived: datetime
    language: str = ""
    skills: frozenset[Skill] = frozenset()
    weight: float = 1.0

    @property
    def needs(self) -> tuple[str, str, frozenset[Skill], float]:
        return self.team, self.language, self.skills, self.weight


@dataclass(frozen=True)
class Free:
    """An agent who may get work. No `languages` means any; `skills` are names with levels; `until` is when their presence ends."""

    id: str
    teams: frozenset[str]
    capacity: float = 4.0
    load: float = 0.0
    last: datetime = NEVER
    languages: frozenset[str] = frozenset()
    skills: tuple[Skill, ...] = ()
    until: datetime | None = None

    def may_take(self, handoff: Waiting) -> bool:
        if handoff.team not in self.teams or (handoff.language and self.languages and handoff.language not in self.languages):
            return False
        return not handoff.skills or self._has(handoff.skills)

    def _has(self, skills: frozenset[Skill]) -> bool:
        levels = dict(self.skills)
        return all(levels.get(skill, 0) >= level for skill, level in skills)


@dataclass(eq=False)
class _Hands:
    """An agent while pairs are made: the share of the room that is taken, when they last got work, and how much room is left."""

    agent: Free
    taken: float
    last: datetime
    room: float

    @property
    def turn(self) -> tuple[float, datetime, str]:
        return self.taken, self.last, self.agent.id

    def take(self, weight: float, now: datetime) -> None:
        self.room -= weight
        self.taken = 1 - self.room / self.agent.capacity
        self.last = now


def choose(waiting: Iterable[Waiting], agents: Iterable[Free], now: datetime) -> tuple[tuple[str, str], ...]:
    """Who gets whom, as ids (handoff, agent), most urgent first. Pure and deterministic, whatever the order of what is given.

    Handoffs go in the order of the queue; each to the least loaded agent who may take it and has room, among equals to the one whose
    last assignment is longest ago. Afterwards no handoff waits that a free agent could take.
    """
    hands = sorted((_hands(agent) for agent in agents if agent.until is None or agent.until > now), key=lambda each: each.turn)
    free = [each for each in hands if each.room > 0]
    able: dict[object, dict[str, bool]] = {}
    pairs, hopeless = [], set()
    for handoff in sorted(waiting, key=lambda each: (each.rank_at, each.arrived, each.id)):
        if not free:
            break
        needs = handoff.needs
        if needs in hopeless:
            continue
        chosen = _first(free, handoff, able.setdefault(needs, {}))
        if chosen is None:
            hopeless.add(needs)
            continue
        pairs.append((handoff.id, chosen.agent.id))
        _put_back(free, chosen, handoff.weight, now)
    return tuple(pairs)


def _hands(agent: Free) -> _Hands:
    return _Hands(agent, agent.load / agent.capacity if agent.capacity else 1.0, agent.last, agent.capacity - agent.load)


def _first(free: list[_Hands], handoff: Waiting, able: dict[str, bool]) -> _Hands | None:
    """The first who may take it; `able` remembers who may, for all with the same needs."""
    for hands in free:
        if hands.room < handoff.weight:
            continue
        if hands.agent.id not in able:
            able[hands.agent.id] = hands.agent.may_take(handoff)
        if able[hands.agent.id]:
            return hands
    return None


def _put_back(free: list[_Hands], chosen: _Hands, weight: float, now: datetime) -> None:
    free.remove(chosen)
    chosen.take(weight, now)
    if chosen.room > 0:
        insort(free, chosen, key=lambda each: each.turn)
