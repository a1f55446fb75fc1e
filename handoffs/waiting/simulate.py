"""What the wait ahead may be: the queue is played on from now, many paths at once, by the product's own rules.

Whenever a place comes free, its agent takes the first in the order of the queue whom they may take and who fits and is still there. Who
left by then is followed on as a shadow that takes no place, so that one pass tells for everybody how long they would wait if they stayed.
"""

from math import inf

import numpy as np
from numpy.typing import NDArray

from handoffs.waiting.drawing import PARTS, Crowd, Floor, Needs, crowd, floor
from handoffs.waiting.handling import Times
from handoffs.waiting.shifts import Shifts, shifts
from handoffs.waiting.snapshot import Numbers, Queue

PATHS = 128
# So many of the line are looked at first; the rest only when nobody is found among them.
WINDOW = 48


def waits(queue: Queue, paths: int = PATHS, seed: int = 0) -> Numbers:
    """Seconds from now until each waiter of the snapshot would be served: (paths, waiters), inf in paths that never come to them.

    The same snapshot and seed give the same numbers.
    """
    if not queue.waiters or not queue.servers:
        return np.full((paths, len(queue.waiters)), inf)
    rng, times, plan = np.random.default_rng(seed), Times(queue.habits.handling), shifts(queue.servers)
    needs = Needs([*(each.able for each in queue.waiters), *(each.able for each in queue.overtakers)])
    weights = [each.weight for each in queue.waiters] + [each.weight for server in queue.servers for each in server.held]
    parts = 1 if all(weight == 1 for weight in weights) else PARTS
    line, places = crowd(queue, needs, parts, times, rng, paths), floor(queue, needs, parts, times, plan, rng, paths)
    found = np.full((len(queue.waiters), paths), inf)
    if places.free.size:
        found[line.column] = _play(line, places, plan).T[line.real.T].reshape(paths, -1).T
    return found.T


class _Play:
    """The state of all paths; `free` is when each place comes free, `next` the same until it found nobody to wait for (then inf); `need` is 0 for who was
    served, in the `turn`-th of the `moments`.

    All paths go forward together, one who is served a step. So whoever is served next stands near the first who still waits in any path,
    and most steps look at a window of the line alone.
    """

    def __init__(self, line: Crowd, places: Floor, plan: Shifts | None) -> None:
        self.line, self.places, self.plan = line, places, plan
        self.people, self.rows = np.arange(len(line.need))[:, None], np.arange(line.need.shape[1])
        self.need, self.turn, self.moments = line.need, np.full(line.need.shape, -1, np.int32), list[Numbers]()
        self.free, self.next = places.free, places.free.copy("F")
        self.some_come, self.heavy = not line.real.all(), bool((line.cells > 1).any())
        self.first, self.left = 0, int(line.real.sum())

    def step(self) -> bool:
        """The next place that comes free in every path; False when no path has any left."""
        cell = self.next.argmin(axis=0)
        now = self.next[cell, self.rows]
        seen = slice(self.first, self.first + WINDOW)
        able, here, stays = self._look(cell, now, seen)
        if seen.stop < len(self.people) and (self.need[seen.stop:].any(axis=0) > stays.any(axis=0)).any():
            seen = slice(self.first, len(self.people))
            able, here, stays = self._look(cell, now, seen)
        chosen = stays.argmax(axis=0)
        found = stays[chosen, self.rows]
        count = np.count_nonzero(found)
        if not count and now.min() == inf:
            return False
        gone = self._serve(seen, here, np.where(found, chosen, len(stays)), now)
        self._take(cell, now, chosen + seen.start, found)
        if self.some_come and count < len(found):
            # Whoever comes later and may go to a place that stands empty goes there.
            gone |= able & ~(self.line.real[seen] | found)
        self.need[seen] *= ~gone
        if seen.stop < len(self.people):
            self.first += int(np.append(self.need[seen].any(axis=1), True).argmax())
        return True

    def _look(self, cell: NDArray[np.intp], now: Numbers, seen: slice) -> tuple[NDArray[np.bool_], ...]:
        """Of some of the line: who waits whom the server may take, who of them has come and fits, and who of those is still there."""
        able = (self.need[seen] & self.places.may[cell]) != 0
        here = able & (self.line.comes[seen] <= now) if self.some_come else able
        if self.heavy:
            here = here & self._fits(cell, now, seen)
        return able, here, here & (self.line.leaves[seen] > now)

    def _serve(self, seen: slice, here: NDArray[np.bool_], last: NDArray[np.intp], now: Numbers) -> NDArray[np.bool_]:
        """The chosen, and all shadows ahead of them."""
        served = here & (self.people[:len(here)] <= last)
        np.putmask(self.turn[seen], served, len(self.moments))
        self.moments.append(now)
        self.left -= int(np.count_nonzero(served & self.line.real[seen]))
        return served

    def _take(self, cell: NDArray[np.intp], now: Numbers, chosen: NDArray[np.intp], found: NDArray[np.bool_]) -> None:
        until = now + self.line.takes[chosen, self.rows] * self.places.pace[cell]
        if self.plan:
            until = self.plan.move(self.places.owner[cell], until)
        if self.heavy:
            self._take_more(cell, now, until, np.where(found, self.line.cells[chosen, self.rows], 0))
            self.free[cell, self.rows] = np.where(found, until, self.free[cell, self.rows])
        self.next[cell, self.rows] = np.where(found, until, inf)

    def _fits(self, cell: NDArray[np.intp], now: Numbers, seen: slice) -> NDArray[np.bool_]:
        """Whether the server's room is enough; what is heavier than all of it takes all."""
        server = self.places.owner[cell]
        room = ((self.free <= now) & (self.places.owner[:, None] == server)).sum(axis=0)
        whole = (self.places.first[1:] - self.places.first[:-1])[server]
        return np.asarray(np.minimum(self.line.cells[seen], whole) <= room)

    def _take_more(self, cell: NDArray[np.intp], now: Numbers, until: Numbers, size: NDArray[np.intp]) -> None:
        """A heavy one takes more of its server's free places with the first."""
        spare = (self.free <= now) & (self.places.owner[:, None] == self.places.owner[cell])
        spare[cell, self.rows] = False
        spare &= spare.cumsum(axis=0) < size
        for times in (self.free, self.next):
            np.copyto(times, until, where=spare)

    def started(self) -> Numbers:
        """When each was served (people, paths); inf for those who never were."""
        return np.array([*self.moments, np.full(len(self.rows), inf)])[self.turn, self.rows]


def _play(line: Crowd, places: Floor, plan: Shifts | None) -> Numbers:
    play = _Play(line, places, plan)
    while play.left and play.step():
        pass
    return play.started()
