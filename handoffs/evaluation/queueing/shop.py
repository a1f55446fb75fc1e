"""A day of such a team, event by event, by the product's own choice; whoever watches sees what the product's store would hold."""

from dataclasses import replace
from datetime import datetime
from heapq import heappush
from math import inf
from typing import Protocol

from handoffs import dispatch
from handoffs.evaluation.call_centre import Scenario
from handoffs.evaluation.floor import Floor, Rule
from handoffs.evaluation.queueing.days import ALONE, FULL, Crew, ShopDay

COMES, LOOK = 3, 4
MINUTE = 60.0


class Seen(Protocol):
    """A team as it stands: who waits, what each agent has in hand since when, who is on duty, and each tier's arrivals so far (s)."""

    day: ShopDay
    crew: Crew
    capacity: dict[str, float]
    line: dict[int, dispatch.Waiting]
    held: dict[str, dict[int, float]]
    on_duty: set[str]
    arrivals: list[list[float]]


class Watcher(Protocol):
    """Is told of who has to wait, who is served or leaves, what is finished, and each minute in which somebody waits."""

    def joined(self, shop: Seen, number: int, second: float) -> None: ...
    def started(self, shop: Seen, number: int, agent: str, second: float) -> None: ...
    def left(self, shop: Seen, number: int, second: float) -> None: ...
    def finished(self, shop: Seen, number: int, agent: str, second: float) -> None: ...
    def minute(self, shop: Seen, second: float) -> None: ...


class Shop(Floor):
    """The floor with skills, breaks and paces; `watcher` sees it as `Seen`."""

    day: ShopDay

    def __init__(self, day: ShopDay, scenario: Scenario, rule: Rule, crew: Crew, watcher: Watcher) -> None:
        super().__init__(day, scenario, rule)
        self.crew, self.watcher = crew, watcher
        self.agents = {name: replace(agent, skills={str(kind): 3 for kind, knows in enumerate(crew.knows[int(name)]) if knows})
                       for name, agent in self.agents.items()}
        self.held: dict[str, dict[int, float]] = {name: {} for name in self.agents}
        self.on_duty: set[str] = set()
        self.arrivals: list[list[float]] = [[], [], []]
        self.capacity = {name: float(agent.capacity) for name, agent in self.agents.items()}
        self.watched, self.came, self.has_room = False, -1, ""
        self.able = [{name for name in self.agents if crew.knows[int(name), kind]} for kind in range(crew.knows.shape[1])]
        for name, spans in zip(self.agents, day.true, strict=True):
            for number, edge in enumerate(edge for span in spans for edge in span):
                heappush(self.events, (edge, COMES, number % 2, name))

    def _happens(self, kind: int, number: int, agent: str, second: float) -> None:
        if kind == LOOK:
            self.watched = False
            if self.line:
                self.watcher.minute(self, second)
                self._watch(second)
        elif kind == COMES:
            (self.on_duty.discard if number else self.on_duty.add)(agent)
            self.has_room = agent
        else:
            super()._happens(kind, number, agent, second)

    def _arrives(self, number: int, second: float) -> None:
        super()._arrives(number, second)
        self.came = number
        self.arrivals[int(self.day.tier[number])].append(second)
        self._serve(second)
        if number in self.line:
            self.watcher.joined(self, number, second)
            self._watch(second)

    def _watch(self, second: float) -> None:
        """Look again in a minute, unless nothing happens any more: who never leaves may be left in line when all who may take them are gone."""
        if not self.watched and self.events[0][0] < inf:
            self.watched = True
            heappush(self.events, (second + MINUTE, LOOK, 0, ""))

    def _leaves(self, number: int) -> None:
        super()._leaves(number)
        if self.left[number]:
            self.watcher.left(self, number, float(self.day.arrived[number] + self.waits[number]))

    def _frees(self, number: int, agent: str, second: float) -> None:
        super()._frees(number, agent, second)
        self.watcher.finished(self, number, agent, second)
        del self.held[agent][number]
        self.has_room = agent

    def _start(self, number: int, agent: str, second: float) -> None:
        super()._start(number, agent, second)
        self.held[agent][number] = second
        self.watcher.started(self, number, agent, second)

    def _handoff(self, number: int, rank: datetime, now: datetime) -> dispatch.Waiting:
        return replace(super()._handoff(number, rank, now), skills={str(int(self.day.kind[number])): 1})

    def _serve(self, second: float) -> None:
        """Who waited fits nobody who had room before: only who came just now, or an agent with new room, makes a pair."""
        if self.came >= 0:
            self._pair([self.line[self.came]], self._least_loaded(int(self.day.kind[self.came])), second)
        elif self.has_room in self.on_duty and self.line:
            agent = self.agents[self.has_room]
            self._pair(self.line.values(), [agent] if agent.load < agent.capacity else [], second)
        self.came, self.has_room = -1, ""

    def _least_loaded(self, kind: int) -> list[dispatch.Free]:
        """Of those who may take it; the others would not be chosen."""
        free = [agent for agent in map(self.agents.__getitem__, self.on_duty & self.able[kind]) if agent.load < agent.capacity]
        least = min((agent.load for agent in free), default=0.0)
        return [agent for agent in free if agent.load == least]

    def _seconds(self, number: int, agent: str) -> float:
        load, room = self.agents[agent].load, self.agents[agent].capacity
        beside = ALONE + (FULL - ALONE) * (load - 1) / (room - 1) if room > 1 else 1.0
        return float(self.day.service[number] * self.crew.pace[int(agent)]) * beside


