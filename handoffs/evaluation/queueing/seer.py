"""Watches a team at work, says what each wait will be, and writes down what became of it: beside what others would have said."""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from handoffs import dispatch
from handoffs.evaluation.dispatch import PRIORITIES, PROMISE
from handoffs.evaluation.floor import MORNING, moment
from handoffs.evaluation.queueing.days import Spans
from handoffs.evaluation.queueing.shop import Seen
from handoffs.waiting import patience, refresh, simulate
from handoffs.waiting.ahead import ahead
from handoffs.waiting.conformal import Spread, Stretch, spreads
from handoffs.waiting.past import Finished, Known, Waited, learn
from handoffs.waiting.snapshot import Held, Overtakers, Queue, Server, Waiter
from handoffs.waiting.words import promise

REMEMBERED = 20000
# Nothing is foretold from fewer finished handoffs.
ENOUGH = 200
# Who never leaves is one in five, and by those it is scored; of the others so much smaller a share is foretold. The stretch learns from both alike.
OTHERS = 0.25
HALF_HOUR = 1800.0
# Seconds in which recent arrivals and recent starts are counted.
RECENT = 1800.0
# Who should be back by the plan and is not, comes within about so long; who should be gone and is not, goes.
SOON = 60.0


@dataclass
class Told:
    """One wait: what was drawn and told at its beginning, what other ways would have said, and how it ended."""

    spread: Spread
    told: Spread
    last: float
    last_alike: float
    by_rate: float
    since: float
    first: float
    promised: float
    scored: bool
    followed: bool = True
    teaches: bool = True
    by_truth: float = np.nan
    broken: bool = False
    later: int = 0
    earlier: int = 0
    waited: float = np.nan
    left: bool = False


@dataclass
class Seer:
    """Foretells the waits of a `share` of those who have to wait and never leave, in a line by due date or by arrival, for so many kinds of needs.

    Scored are those who never leave, on the days that count (`scoring`); or `everybody` who was served. Habits are learned anew each day, or
    after so many finished handoffs (`learn_every`). One in `followed` half hours their promises are looked at each minute. By the `truth`, where
    it is given, the same is foretold as a floor.
    """

    share: float
    due: bool
    rng: np.random.Generator
    kinds: int
    everybody: bool = False
    learn_every: int = 0
    followed: int = 1
    truth: Known | None = None
    stretch: Stretch = field(default_factory=Stretch)
    known: Known | None = None
    scoring: bool = False
    seen: int = 0
    told: list[Told] = field(default_factory=list)
    finished_rows: deque[Finished] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    waits: deque[Waited] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def begin_day(self, scoring: bool) -> None:
        self.scoring, self.open = scoring, dict[int, Told]()
        self.last, self.last_alike, self.starts = dict.fromkeys(range(self.kinds), 0.0), defaultdict[int, float](float), deque[float]()
        self._learn()

    def _learn(self) -> None:
        if len(self.finished_rows) >= ENOUGH:
            self.known = learn(list(self.finished_rows), list(self.waits), self.kinds)
            self.of = [sum(row.kind == kind for row in self.finished_rows) / len(self.finished_rows) for kind in range(self.kinds)]

    def joined(self, shop: Seen, number: int, second: float) -> None:
        stays = self.everybody or bool(np.isinf(shop.day.patience[number]))
        if self.known is None or self.rng.random() >= self.share * (1.0 if stays else OTHERS):
            return
        line, scored = list(shop.line), stays and self.scoring
        spread = self._spread(shop, number, second, self.known)
        told = self.stretch.over(spread)
        if told.high == np.inf:
            return
        starts = max(len(self._recent(second)), 1) / min(RECENT, max(second, 60.0))
        kind = int(shop.day.kind[number])
        promised = _seconds(promise(moment(second), told.high))
        each = Told(spread, told, self.last[kind], self.last_alike[int(shop.day.tier[number])], len(line) / starts, second, promised, promised, scored,
                    scored and second // HALF_HOUR % self.followed == 0, self.everybody or not stays or self.rng.random() < OTHERS)
        if scored and self.truth:
            each.by_truth = self._spread(shop, number, second, self.truth).mean
        self.open[number] = each

    def _spread(self, shop: Seen, number: int, second: float, known: Known) -> Spread:
        column = list(shop.line).index(number)
        return spreads(simulate.waits(self.queue(shop, second, known))[:, column:column + 1])[0]

    def started(self, shop: Seen, number: int, agent: str, second: float) -> None:
        waited = second - float(shop.day.arrived[number])
        self.last[int(shop.day.kind[number])] = self.last_alike[int(shop.day.tier[number])] = waited
        self.starts.append(second)
        if waited > 0:
            self.waits.append(Waited(waited, False))
        each = self.open.pop(number, None)
        if each and self.known:
            if each.teaches:
                self.stretch = self.stretch.learn(each.spread, waited, patience.weight(self.known.habits.patience, waited))
            each.waited, each.broken = waited, each.broken or second > each.promised
            self.told.append(each)

    def left(self, shop: Seen, number: int, second: float) -> None:
        waited = second - float(shop.day.arrived[number])
        if np.isfinite(waited):
            self.waits.append(Waited(waited, True))
        self.open.pop(number, None)

    def finished(self, shop: Seen, number: int, agent: str, second: float) -> None:
        began = shop.held[agent][number]
        self.finished_rows.append(Finished(int(shop.day.kind[number]), agent, second - began, began > shop.day.arrived[number]))
        self.seen += 1
        if self.learn_every and self.seen % self.learn_every == 0:
            self._learn()

    def minute(self, shop: Seen, second: float) -> None:
        watched = [number for number, each in self.open.items() if each.followed]
        if not watched or self.known is None:
            return
        line = list(shop.line)
        draws = simulate.waits(self.queue(shop, second, self.known))
        for number in watched:
            self._refresh(self.open[number], draws[:, line.index(number)], second)

    def _refresh(self, each: Told, draws: np.ndarray, second: float) -> None:
        each.broken = each.broken or second > each.promised
        left = each.promised - second
        new = refresh.moved(left, ahead(draws, self.stretch, left))
        if new is None or new == np.inf:
            return
        promised = _seconds(promise(moment(second), new))
        each.later += promised > each.promised
        each.earlier += promised < each.promised
        each.promised = promised

    def _recent(self, second: float) -> deque[float]:
        while self.starts and self.starts[0] < second - RECENT:
            self.starts.popleft()
        return self.starts

    def queue(self, shop: Seen, second: float, known: Known) -> Queue:
        """What the store would show at this second."""
        able = [sum(1 << agent for agent, knows in enumerate(shop.crew.knows[:, kind]) if knows) for kind in range(self.kinds)]
        waiters = tuple(Waiter(str(number), _seconds(handoff.rank_at) - second, second - float(shop.day.arrived[number]), able[shop.day.kind[number]],
                               int(shop.day.kind[number])) for number, handoff in shop.line.items())
        servers = tuple(Server(shop.capacity[name], tuple(Held(second - began, int(shop.day.kind[each])) for each, began in shop.held[name].items()),
                               spans(shop.day.plan[int(name)], second, name in shop.on_duty), known.paces.get(name, 1.0)) for name in shop.capacity)
        return Queue(waiters, servers, known.habits, self._overtakers(shop, second, able) if self.due else ())

    def _overtakers(self, shop: Seen, second: float, able: list[int]) -> tuple[Overtakers, ...]:
        oldest = max((second - float(shop.day.arrived[number]) for number in shop.line), default=0.0)
        line, found = dispatch.Line(len(shop.line), timedelta(seconds=oldest)), []
        span = min(RECENT, max(second, 60.0))
        for tier, priority in enumerate(PRIORITIES[:-1]):
            rate = sum(at > second - span for at in shop.arrivals[tier][-400:]) / span
            ahead_of = PROMISE - dispatch.head_start(priority, line).total_seconds()
            behind = max((_seconds(handoff.rank_at) - second for number, handoff in shop.line.items() if shop.day.tier[number] <= tier), default=-np.inf)
            found += [Overtakers(rate * part, ahead_of, able[kind], kind, behind) for kind, part in enumerate(self.of)]
        return tuple(found)


def spans(plan: Spans, second: float, here: bool) -> Spans:
    """The plan from now on, set right by who is here."""
    ahead_of = [(max(begin - second, 0.0), end - second) for begin, end in plan if end > second]
    if here and (not ahead_of or ahead_of[0][0] > 0):
        return ((0.0, SOON), *ahead_of)
    if not here and ahead_of and ahead_of[0][0] == 0:
        return ((SOON, max(ahead_of[0][1], SOON)), *ahead_of[1:])
    return tuple(ahead_of)


def _seconds(at: datetime) -> float:
    return (at - MORNING).total_seconds()
