"""What the wait ahead may be: the queue is played on from now, many paths at once, by the product's own rules.

Whenever a place comes free, its agent takes the first in the order of the queue whom they may take and who fits and is still there. Who
left by then is followed on as a shadow that takes no place, so that one pass tells for everybody how long they would wait if they stayed.
"""

from math import inf

import numpy as np
from numpy.typing import NDArray

from handoffs.waiting.drawing import PARTS, Crowd, Floor, Needs, crowd, floor
from handoffs.waiting.shifts import Shifts, shifts
from handoffs.waiting.snapshot import Numbers, Queue

PATHS = 128
# So many of the line are looked at first; the rest only when nobody is found among them.
WINDOW = 48


def waits(queue: Queue, paths: int = PATHS, seed: int = 0) -> Numbers:
    """Seconds from now until each waiter of the snapshot would be served: (paths, waiters), inf in paths that never come to them.

    The same snapshot and seed give the same numbers.
    """
    rng = np.random.default_rng(seed)
    needs = Needs([*(each.able for each in queue.waiters), *(each.able for each in queue.overtakers)])
    weights = [each.weight for each in queue.waiters] + [each.weight for server in queue.servers for each in server.held]
    parts = 1 if all(weight == 1 for weight in weights) else PARTS
    plan = shifts(queue.servers)
    if not queue.waiters or not queue.servers:
        return np.full((paths, len(queue.waiters)), inf)
    line, places = crowd(queue, needs, parts, rng, paths), floor(queue, needs, parts, plan, rng, paths)
    started = _play(line, places, plan) if places.free.size else np.full(line.comes.shape, inf)
    found = np.empty((paths, len(queue.waiters)))
    row, place = np.nonzero(line.column >= 0)
    found[row, line.column[row, place]] = started[row, place]
    return found


class _Play:
    """The state of all paths; `free` is when each place comes free, `next` the same until it found nobody to wait for (then inf).

    All paths go forward together, one who is served a step. So whoever is served next stands near the first who still waits in any path,
    and most steps look at a window of the line alone.
    """

    def __init__(self, line: Crowd, places: Floor, plan: Shifts | None) -> None:
        self.line, self.places, self.plan = line, places, plan
        self.rows, self.people = np.arange(len(line.comes)), np.arange(line.comes.shape[1])
        self.waits, self.started = np.ones(line.comes.shape, bool), np.full(line.comes.shape, inf)
        self.free, self.next = places.free, places.free.copy()
        self.real, self.heavy = line.column >= 0, bool((line.cells > 1).any())
        self.some_come, self.first = not self.real.all(), 0

    def step(self) -> bool:
        """The next place that comes free in every path; False when no path has any left."""
        cell = self.next.argmin(axis=1)
        now = self.next[self.rows, cell]
        if now.min() == inf:
            return False
        server, seen = self.places.owner[cell], slice(self.first, self.first + WINDOW)
        able, here, stays = self._look(server, now, seen)
        if seen.stop < len(self.people) and (self.waits[:, seen.stop:].any(axis=1) > stays.any(axis=1)).any():
            seen = slice(self.first, len(self.people))
            able, here, stays = self._look(server, now, seen)
        chosen = stays.argmax(axis=1)
        found = stays[self.rows, chosen]
        self._serve(seen, here, np.where(found, chosen, stays.shape[1]), now)
        self._take(server, cell, now, chosen + seen.start, found)
        if self.some_come and not found.all():
            # Whoever comes later and may go to a place that stands empty goes there.
            self.waits[:, seen] &= self.real[:, seen] | found[:, None] | ~able
        return True

    def _look(self, server: NDArray[np.intp], now: Numbers, seen: slice) -> tuple[NDArray[np.bool_], ...]:
        """Of some of the line: who waits whom the server may take, who of them has come and fits, and who of those is still there."""
        able = (self.line.need[:, seen] & self.places.may[server][:, None]) != 0
        able &= self.waits[:, seen]
        here = able & (self.line.comes[:, seen] <= now[:, None]) if self.some_come else able
        if self.heavy:
            here = here & self._fits(server, now, seen)
        return able, here, here & (self.line.leaves[:, seen] > now[:, None])

    def _serve(self, seen: slice, here: NDArray[np.bool_], last: NDArray[np.intp], now: Numbers) -> None:
        """The chosen, and all shadows ahead of them."""
        served = here & (self.people[:here.shape[1]] <= last[:, None])
        np.copyto(self.started[:, seen], now[:, None], where=served)
        self.waits[:, seen] ^= served
        if seen.stop < len(self.people):
            self.first += int(np.append(self.waits[:, seen].any(axis=0), True).argmax())

    def _take(self, server: NDArray[np.intp], cell: NDArray[np.intp], now: Numbers, chosen: NDArray[np.intp], found: NDArray[np.bool_]) -> None:
        until = now + self.line.takes[self.rows, chosen] * self.places.pace[server]
        if self.plan:
            until = self.plan.set(server, until)
        if self.heavy:
            self._take_more(server, cell, now, until, np.where(found, self.line.cells[self.rows, chosen], 0))
            self.free[self.rows, cell] = np.where(found, until, self.free[self.rows, cell])
        self.next[self.rows, cell] = np.where(found, until, inf)

    def _fits(self, server: NDArray[np.intp], now: Numbers, seen: slice) -> NDArray[np.bool_]:
        """Whether the server's room is enough; what is heavier than all of it takes all."""
        room = ((self.free <= now[:, None]) & (self.places.owner == server[:, None])).sum(axis=1)
        whole = (self.places.first[1:] - self.places.first[:-1])[server]
        return np.asarray(np.minimum(self.line.cells[:, seen], whole[:, None]) <= room[:, None])

    def _take_more(self, server: NDArray[np.intp], cell: NDArray[np.intp], now: Numbers, until: Numbers, size: NDArray[np.intp]) -> None:
        """A heavy one takes more of its server's free places with the first."""
        spare = (self.free <= now[:, None]) & (self.places.owner == server[:, None])
        spare[self.rows, cell] = False
        spare &= spare.cumsum(axis=1) < size[:, None]
        for times in (self.free, self.next):
            np.copyto(times, until[:, None], where=spare)

    def over(self) -> bool:
        return not (self.waits[:, self.first:] & self.real[:, self.first:]).any()


def _play(line: Crowd, places: Floor, plan: Shifts | None) -> Numbers:
    play = _Play(line, places, plan)
    while not play.over() and play.step():
        pass
    return play.started
