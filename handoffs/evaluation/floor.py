"""A team at work, event by event: customers come, wait, leave or are served, by the same choice as in the product."""

from bisect import bisect, insort
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

import numpy as np

from handoffs import dispatch
from handoffs.evaluation.call_centre import Day, Numbers, Scenario

MORNING = datetime(2000, 1, 3, 8, tzinfo=UTC)
TEAM = "team"
ENDS, LEAVES, ARRIVES = range(3)


@dataclass(frozen=True)
class Rule:
    """An order of the queue: the rank of who arrives (when, tier, the line as it stands), and whether overtaking has a limit."""

    rank: Callable[[datetime, int, dispatch.Line], datetime]
    limited: bool = False


class Floor:
    """One day of one team under one rule. `waits` in seconds until the claim, or until they left; `overtaken` as often as each was."""

    def __init__(self, day: Day, scenario: Scenario, rule: Rule) -> None:
        self.day, self.rule = day, rule
        self.waits, self.left = np.zeros(len(day.arrived)), np.zeros(len(day.arrived), bool)
        self.overtaken = np.zeros(len(day.arrived), int)
        self.line: dict[int, dispatch.Waiting] = {}
        self.agents = {f"{number:03}": dispatch.Free(f"{number:03}", frozenset([TEAM]), scenario.capacity) for number in range(scenario.agents)}
        self.started: list[int] = []
        self.longest_line = 0
        self.events: list[tuple[float, int, int, str]] = [(at, ARRIVES, number, "") for number, at in enumerate(day.arrived.tolist())]

    def run(self) -> "Floor":
        while self.events:
            second, kind, number, agent = heappop(self.events)
            self._happens(kind, number, agent, second)
            self._serve(second)
        return self

    def _happens(self, kind: int, number: int, agent: str, second: float) -> None:
        if kind == ENDS:
            self._frees(number, agent, second)
        elif kind == LEAVES:
            self._leaves(number)
        else:
            self._arrives(number, second)

    def _arrives(self, number: int, second: float) -> None:
        now = moment(second)
        rank = self.rule.rank(now, int(self.day.tier[number]), self._line_for(number, now))
        self.line[number] = self._handoff(number, rank, now)
        self.longest_line = max(self.longest_line, len(self.line))
        heappush(self.events, (second + float(self.day.patience[number]), LEAVES, number, ""))

    def _handoff(self, number: int, rank: datetime, now: datetime) -> dispatch.Waiting:
        return dispatch.Waiting(f"{number:06}", TEAM, rank, now)

    def _line_for(self, number: int, now: datetime) -> dispatch.Line:
        oldest, tier = next(iter(self.line.values()), None), self.day.tier
        behind = max((handoff.rank_at for each, handoff in self.line.items() if tier[each] <= tier[number]), default=None)
        return dispatch.Line(len(self.line), now - oldest.arrived, behind) if oldest else dispatch.Line()

    def _leaves(self, number: int) -> None:
        if self.line.pop(number, None):
            self.left[number], self.waits[number] = True, self.day.patience[number]
            self.overtaken[number] = self._overtakings(number)

    def _frees(self, number: int, agent: str, second: float) -> None:
        self.agents[agent] = replace(self.agents[agent], load=self.agents[agent].load - 1)

    def _serve(self, second: float) -> None:
        if self.line:
            self._pair(self.line.values(), [agent for agent in self.agents.values() if agent.load < agent.capacity], second)

    def _pair(self, waiting: Iterable[dispatch.Waiting], free: Sequence[dispatch.Free], second: float) -> None:
        if not free:
            return
        for handoff, agent in dispatch.choose(waiting, free, moment(second)):
            self._start(int(handoff), agent, second)
        if self.rule.limited:
            self._let_through()

    def _seconds(self, number: int, agent: str) -> float:
        return float(self.day.service[number])

    def _start(self, number: int, agent: str, second: float) -> None:
        del self.line[number]
        self.waits[number] = second - self.day.arrived[number]
        self.overtaken[number] = self._overtakings(number)
        insort(self.started, number)
        self.agents[agent] = replace(self.agents[agent], load=self.agents[agent].load + 1, last=moment(second))
        heappush(self.events, (second + self._seconds(number, agent), ENDS, number, agent))

    def _let_through(self) -> None:
        """As `receiving` does after a claim. Who came first was overtaken most, so the first who may still wait ends the search."""
        limit = dispatch.limit(len(self.line))
        for number, handoff in self.line.items():
            rank = dispatch.passed(handoff.arrived)
            if handoff.rank_at == rank:
                continue
            if self._overtakings(number) < limit:
                return
            self.line[number] = replace(handoff, rank_at=rank)

    def _overtakings(self, number: int) -> int:
        return len(self.started) - bisect(self.started, number)


def breaches(floor: Floor, targets: Numbers, weights: Numbers) -> Numbers:
    """Each customer's weight if they left or waited longer than their tier's target, else 0."""
    tier = floor.day.tier
    return np.where(floor.left | (floor.waits > targets[tier]), weights[tier], 0.0)


def moment(second: float) -> datetime:
    return MORNING + timedelta(seconds=second)
