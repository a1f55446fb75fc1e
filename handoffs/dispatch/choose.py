"""Pairs what waits with who is free."""

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate
from operator import attrgetter, or_
from typing import Any

NEVER = datetime.min.replace(tzinfo=UTC)
LEVELS = range(1, 6)
# Of 5: writes with customers without help, about B2 of the European framework of reference for languages. Below it lies understanding, above it ease.
FLUENT = 3
# So few are picked out faster than everybody is looked through.
FEW = 12
# A skill that nobody has.
NOBODY: tuple[list[int], list[int]] = ([], [0])


def levels(stored: Any) -> dict[str, int]:
    """Skills or languages with their levels, as far as they can be read: a broken row must never stop a handoff."""
    rows = stored.items() if isinstance(stored, dict) else ()
    return {name.lower(): level for name, level in rows if isinstance(name, str) and type(level) is int and level in LEVELS}


@dataclass(frozen=True)
class Waiting:
    """A handoff that waits. `language` "" is any; `skills` are names with the least level; `weight` is the room it takes; `tried` are the
    agents who had their chance of it, and get no second one."""

    id: str
    team: str
    rank_at: datetime
    arrived: datetime
    language: str = ""
    skills: Mapping[str, int] = field(default_factory=dict)
    weight: float = 1.0
    tried: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Free:
    """An agent who may get work. `languages` and `skills` are names with levels, no languages means any; `until` is when their presence ends."""

    id: str
    teams: frozenset[str]
    capacity: float = 4.0
    load: float = 0.0
    last: datetime = NEVER
    languages: Mapping[str, int] = field(default_factory=dict)
    skills: Mapping[str, int] = field(default_factory=dict)
    until: datetime | None = None

    def may_take(self, handoff: Waiting) -> bool:
        """Whether it waits with a team of theirs, they are able to, and did not have their chance."""
        return handoff.team in self.teams and self.id not in handoff.tried and self.is_able(handoff)

    def is_able(self, handoff: Waiting) -> bool:
        """Whether they speak its language and have its skills."""
        speaks = not handoff.language or not self.languages or self.languages.get(handoff.language, 0) >= FLUENT
        return speaks and all(self.skills.get(skill, 0) >= level for skill, level in handoff.skills.items())

    def has_room(self, weight: float) -> bool:
        """Whether so much fits. What is heavier than the whole room fills it: otherwise nobody could ever take it."""
        left = self.capacity - self.load
        return left > 0 and (left >= weight or left >= self.capacity)


class _Hands:
    """An agent while pairs are made: how much room is left, when it is their turn, and their bit."""

    __slots__ = ("agent", "bit", "room", "turn")

    def __init__(self, agent: Free) -> None:
        self.agent, self.bit = agent, 0
        self._stand(agent.capacity - agent.load, agent.last)

    def _stand(self, room: float, last: datetime) -> None:
        """The least loaded come first, then who got work longest ago."""
        self.room, self.turn = room, (1 - room / self.agent.capacity if self.agent.capacity else 1.0, last, self.agent.id)

    def has_room(self, weight: float) -> bool:
        return self.room >= weight or self.room >= self.agent.capacity

    def take(self, weight: float, now: datetime) -> None:
        self._stand(self.room - min(weight, self.agent.capacity), now)


_turn, _order = attrgetter("turn"), attrgetter("rank_at", "arrived", "id")


class _Turns:
    """Who is free, in their turn. Whoever was given something is put in their new place only when somebody looks."""

    def __init__(self, free: list[_Hands]) -> None:
        self._free, self._moved = free, set[_Hands]()

    def now(self) -> list[_Hands]:
        for each in self._moved:
            self._free.remove(each)
        for each in self._moved:
            if each.room > 0:
                insort(self._free, each, key=_turn)
        self._moved.clear()
        return self._free

    def give(self, who: _Hands, weight: float, now: datetime) -> int:
        """The bit of one without room left is returned, else 0."""
        who.take(weight, now)
        self._moved.add(who)
        return who.bit if who.room <= 0 else 0


class _Able:
    """Who may take what, as sets of bits: one number for each team, language and level of a skill, so that a need is a few ands."""

    def __init__(self, hands: list[_Hands]) -> None:
        self.hands, self._bits = hands, {each.agent.id: each.bit for each in hands}
        self._teams = _by_name((team, each.bit) for each in hands for team in each.agent.teams)
        self._fluent = _by_name((name, each.bit) for each in hands for name, level in each.agent.languages.items() if level >= FLUENT)
        self._any_language = sum(each.bit for each in hands if not each.agent.languages)
        skilled: dict[str, list[tuple[int, int]]] = {}
        for each in hands:
            for skill, level in each.agent.skills.items():
                skilled.setdefault(skill, []).append((-level, each.bit))
        self._ladders = {skill: _ladder(sorted(rungs)) for skill, rungs in skilled.items()}

    def of(self, handoff: Waiting) -> int:
        able = self._teams.get(handoff.team, 0)
        if handoff.language:
            able &= self._fluent.get(handoff.language, 0) | self._any_language
        for skill, level in handoff.skills.items():
            able &= self._skilled(skill, level)
        for tried in handoff.tried:
            able &= ~self._bits.get(tried, 0)
        return able

    def first(self, turns: _Turns, able: int, weight: float) -> _Hands | None:
        """Whose turn it is of those who are able and have room: by going through all who are free, unless the few who are able can be picked out faster."""
        if able.bit_count() > FEW:
            return next((each for each in turns.now() if each.bit & able and each.has_room(weight)), None)
        best = None
        while able:
            each = self.hands[able.bit_length() - 1]
            able ^= each.bit
            if each.has_room(weight) and (best is None or each.turn < best.turn):
                best = each
        return best

    def _skilled(self, skill: str, level: int) -> int:
        """Who has the skill at this level or a higher one."""
        falling, above = self._ladders.get(skill, NOBODY)
        return above[bisect_right(falling, -level)]


def choose(waiting: Iterable[Waiting], agents: Iterable[Free], now: datetime) -> tuple[tuple[str, str], ...]:
    """Who gets whom, as ids (handoff, agent), most urgent first. Pure and deterministic, whatever the order of what is given.

    Handoffs go in the order of the queue; each to the least loaded agent who may take it and has room, among equals to the one whose
    last assignment is longest ago. Afterwards no handoff waits that a free agent could take.
    """
    hands = sorted((_Hands(agent) for agent in agents if agent.until is None or agent.until > now), key=_turn)
    free = [each for each in hands if each.room > 0]
    for place, each in enumerate(free):
        each.bit = 1 << place
    able, turns, with_room, pairs = _Able(list(free)), _Turns(free), (1 << len(free)) - 1, []
    for handoff in sorted(waiting, key=_order):
        chosen = able.first(turns, able.of(handoff) & with_room, handoff.weight)
        if chosen is not None:
            pairs.append((handoff.id, chosen.agent.id))
            with_room &= ~turns.give(chosen, handoff.weight, now)
        if not with_room:
            break
    return tuple(pairs)


def _ladder(rungs: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """The levels as they fall, and who stands on so many of the first rungs together."""
    return [falling for falling, _ in rungs], list(accumulate((bit for _, bit in rungs), or_, initial=0))


def _by_name(rows: Iterable[tuple[Any, int]]) -> dict[Any, int]:
    found: dict[Any, int] = {}
    for name, bit in rows:
        found[name] = found.get(name, 0) | bit
    return found
