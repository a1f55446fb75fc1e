"""Plays a firm's own log before the same eyes as the simulation, so that the same figures come of it."""

from collections.abc import Sequence
from datetime import timedelta
from heapq import heapify, heappop, heappush

import numpy as np

from handoffs import dispatch
from handoffs.evaluation.floor import MORNING, TEAM
from handoffs.evaluation.queueing.days import Crew, ShopDay, Spans
from handoffs.evaluation.queueing.log import Span, TeamLog, Visit
from handoffs.evaluation.queueing.seer import Seer
from handoffs.evaluation.queueing.shop import MINUTE, Watcher

# In this order at the same second: who ends makes room, who leaves is gone, who starts was waiting, who comes finds it so.
ENDS, OFF, ON, LEAVES, STARTS, ARRIVES, LOOK = range(7)
# Waits shorter than that are not waits: somebody was free.
AT_ONCE = 1.0
# Habits are learned anew after so many finished.
LEARN_EVERY = 200
# A conversation that ended as it began ended just after.
INSTANT = 0.001
# Without intervals on duty an agent counts as there from the first to the last of each day's work, with so long a pause at most.
PAUSE = 2 * 3600.0


class Replay:
    """One team's log as `Seen`; seconds since its first row."""

    def __init__(self, log: TeamLog, watcher: Watcher) -> None:
        self.zero = min(visit.arrive for visit in log.visits)
        self.visits, self.watcher = log.visits, watcher
        names = sorted({visit.agent for visit in log.visits if visit.agent} | set(log.duty))
        self.name_of = {name: f"{number:03}" for number, name in enumerate(names)}
        plans = tuple(self._spans(log.duty.get(name) or worked(log.visits, name)) for name in names)
        self.kinds = {kind: number for number, kind in enumerate(sorted({visit.kind for visit in log.visits}))}
        count = len(log.visits)
        kind = np.array([self.kinds[visit.kind] for visit in log.visits])
        arrived, nothing = np.array([visit.arrive - self.zero for visit in log.visits]), np.zeros(count)
        self.day = ShopDay(arrived, nothing, nothing, np.zeros(count, int), kind, plans, plans)
        self.crew = Crew(np.ones(len(names)), self._knows(log.visits))
        self.capacity = {self.name_of[name]: float(at_once([visit for visit in log.visits if visit.agent == name])) for name in names}
        self.line: dict[int, dispatch.Waiting] = {}
        self.held: dict[str, dict[int, float]] = {number: {} for number in self.name_of.values()}
        self.on_duty: set[str] = set()
        self.arrivals: list[list[float]] = [[], [], []]

    def run(self) -> None:
        events = self._events()
        heapify(events)
        watched = False
        while events:
            second, kind, number, agent = heappop(events)
            if kind == LOOK:
                watched = False
                if self.line:
                    self.watcher.minute(self, second)
            else:
                self._happens(kind, number, agent, second)
            if self.line and not watched:
                watched = True
                heappush(events, (second + MINUTE, LOOK, 0, ""))

    def _events(self) -> list[tuple[float, int, int, str]]:
        found = [(edge, ON if number % 2 == 0 else OFF, 0, name) for name, spans in zip(self.name_of.values(), self.day.plan, strict=True)
                 for number, edge in enumerate(edge for span in spans for edge in span)]
        for number, visit in enumerate(self.visits):
            found.append((visit.arrive - self.zero, ARRIVES, number, ""))
            if visit.agent:
                name, end = self.name_of[visit.agent], max(visit.end, visit.start + INSTANT)
                found += [(visit.start - self.zero, STARTS, number, name), (end - self.zero, ENDS, number, name)]
            else:
                found.append((visit.leave - self.zero, LEAVES, number, ""))
        return found

    def _happens(self, kind: int, number: int, agent: str, second: float) -> None:
        if kind in (ON, OFF):
            (self.on_duty.add if kind == ON else self.on_duty.discard)(agent)
        elif kind == ARRIVES:
            self._arrives(number, second)
        elif kind == LEAVES:
            if self.line.pop(number, None):
                self.watcher.left(self, number, second)
        elif kind == STARTS:
            self.line.pop(number, None)
            self.held[agent][number] = second
            self.watcher.started(self, number, agent, second)
        elif number in self.held[agent]:
            self.watcher.finished(self, number, agent, second)
            del self.held[agent][number]

    def _arrives(self, number: int, second: float) -> None:
        visit = self.visits[number]
        if min(visit.start, visit.leave) - visit.arrive <= AT_ONCE:
            return
        now = MORNING + timedelta(seconds=second)
        self.line[number] = dispatch.Waiting(f"{number:06}", TEAM, now, now)
        self.watcher.joined(self, number, second)

    def _knows(self, visits: Sequence[Visit]) -> np.ndarray:
        """An agent takes the kinds they ever took; one who took none, all."""
        knows = np.zeros((len(self.name_of), len(self.kinds)), bool)
        for visit in visits:
            if visit.agent:
                knows[int(self.name_of[visit.agent]), self.kinds[visit.kind]] = True
        knows[~knows.any(axis=1)] = True
        return knows

    def _spans(self, spans: Sequence[Span]) -> Spans:
        return tuple((begin - self.zero, end - self.zero) for begin, end in sorted(spans))


def worked(visits: Sequence[Visit], agent: str) -> list[Span]:
    """When an agent seems to have been there: their conversations, joined over short pauses."""
    found: list[Span] = []
    for begin, end in sorted((visit.start, visit.end) for visit in visits if visit.agent == agent):
        if found and begin - found[-1][1] <= PAUSE:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def at_once(visits: Sequence[Visit]) -> int:
    """How many conversations somebody ever had at the same time."""
    edges = sorted([(visit.start, 1) for visit in visits] + [(visit.end, -1) for visit in visits])
    held = most = 0
    for _, change in edges:
        held += change
        most = max(most, held)
    return max(most, 1)


def play(log: TeamLog, seed: int) -> Seer:
    """Foretells every wait of the log, learning as it goes."""
    kinds = len({visit.kind for visit in log.visits})
    seer = Seer(1.0, False, np.random.default_rng(seed), kinds, everybody=True, learn_every=LEARN_EVERY)
    seer.begin_day(scoring=True)
    Replay(log, seer).run()
    return seer
