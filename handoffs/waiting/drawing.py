"""Draws the chance of every path beforehand: who is in line, when they leave, how long they would take, and when each place comes free."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handoffs.waiting import patience
from handoffs.waiting.handling import Times
from handoffs.waiting.shifts import Shifts
from handoffs.waiting.snapshot import Numbers, Overtakers, Queue, Waiter

# Weights are rounded to so many parts of an ordinary handoff, where they are not all whole.
PARTS = 2
# Of each kind of overtakers no path sees more than so many.
MOST = 40
# Needs are told apart by bits of one number; so many at most, the rest share the last.
NEEDS = 64


@dataclass
class Crowd:
    """Everybody in line in every path, by rank: (people, paths). `real` are the waiters, in the order of `column`, their places in the snapshot; the others
    are still to come."""

    need: NDArray[np.unsignedinteger[Any]]
    comes: Numbers
    leaves: Numbers
    takes: Numbers
    cells: NDArray[np.int16]
    real: NDArray[np.bool_]
    column: NDArray[np.intp]


@dataclass(frozen=True)
class Floor:
    """The places of the servers: of each its `owner`, what it `may` take and its `pace` (cells,), and when it is free (cells, paths). A server's places lie
    from `first` on to those of the next."""

    owner: NDArray[np.intp]
    free: Numbers
    may: NDArray[np.unsignedinteger[Any]]
    first: NDArray[np.intp]
    pace: Numbers


class Needs:
    """Which servers each kind of need may go to, as one bit a need."""

    def __init__(self, able: Sequence[int]) -> None:
        self._bits = {mask: min(number, NEEDS - 1) for number, mask in enumerate(dict.fromkeys(able))}
        self.type = np.min_scalar_type((1 << min(len(self._bits), NEEDS)) - 1)

    def bit(self, able: int) -> int:
        return 1 << self._bits[able]

    def may(self, servers: int) -> NDArray[np.unsignedinteger[Any]]:
        """For each server the bits of the needs it may take."""
        return np.array([reduce(lambda bits, each: bits | (1 << each[1]) * (each[0] >> number & 1), self._bits.items(), 0) for number in range(servers)],
                        self.type)


def cells(weight: float, parts: int) -> int:
    return max(1, round(weight * parts))


def floor(queue: Queue, needs: Needs, parts: int, times: Times, shifts: Shifts | None, rng: np.random.Generator, paths: int) -> Floor:
    """Every server's places, the held ones with what is left of them."""
    rooms = [cells(server.capacity, parts) if server.capacity > 0 else 0 for server in queue.servers]
    owner, first = np.repeat(np.arange(len(rooms)), rooms), np.append(0, np.cumsum(rooms))
    free, left = np.zeros((len(owner), paths)), _left(queue, times, rng, paths)
    places, held, over, seen = list[int](), list[int](), list[tuple[int, list[int]]](), 0
    for number, server in enumerate(queue.servers):
        taken = [seen + place for place, each in enumerate(server.held) for _ in range(cells(each.weight, parts))]
        seen += len(server.held)
        if len(taken) > rooms[number]:
            over.append((number, taken))
        else:
            places += range(first[number], first[number] + len(taken))
            held += taken
    free[places] = left[held]
    for number, taken in over:
        # What is held beyond the room ends without making any.
        free[first[number]:first[number + 1]] = np.sort(left[taken], axis=0)[len(taken) - rooms[number]:]
    pace = np.array([server.pace for server in queue.servers])
    return Floor(owner, shifts.set(owner, free) if shifts else free, needs.may(len(rooms))[owner], first, pace[owner])


def _left(queue: Queue, times: Times, rng: np.random.Generator, paths: int) -> Numbers:
    """What is left of everything held, server by server: (held, paths)."""
    rows = [(each.kind, each.elapsed, server.pace) for server in queue.servers for each in server.held]
    kind, elapsed, pace = np.array(rows or np.zeros((0, 3)), float).T[:, :, None]
    return times.left(kind.astype(int), elapsed, pace, rng.random((len(rows), paths)))


def crowd(queue: Queue, needs: Needs, parts: int, times: Times, rng: np.random.Generator, paths: int) -> Crowd:
    """Those who wait, and where somebody may overtake them those who will, in the order of each path."""
    column = np.array(sorted(range(len(queue.waiters)), key=lambda number: (queue.waiters[number].rank, number)), int)
    line: list[Waiter] = [queue.waiters[number] for number in column]
    kinds, of = _kinds(queue, line[-1].rank)
    everybody: list[Waiter | Overtakers] = [*line, *kinds]
    size, chance = len(line), rng.random((2, len(line) + len(of), paths))
    who = np.append(np.arange(size), size + of)
    waited = np.append([each.waited for each in line], np.zeros(len(of)))
    comes = np.zeros(chance[0].shape)
    comes[size:] = _comes(kinds, of, rng, paths)
    leaves = comes + patience.draw(queue.habits.patience, waited[:, None], chance[0])
    leaves[[number for number, each in enumerate(line) if each.phantom]] = -1.0
    takes = times.draw(np.array([each.kind for each in everybody])[who][:, None], chance[1])
    need = np.array([needs.bit(each.able) for each in everybody], needs.type)[who]
    heavy = np.array([*(cells(each.weight, parts) for each in line), *([1] * len(of))], np.int16)
    order = _order(np.array([each.rank for each in line]), kinds, of, comes[size:])
    at = order * paths + np.arange(paths)
    return Crowd(need[order], comes.take(at), leaves.take(at), takes.take(at), heavy[order], order < size, column)


def _kinds(queue: Queue, last: float) -> tuple[list[Overtakers], NDArray[np.intp]]:
    """Who may still come and go ahead of the last in line, and of which of these kinds each is of those who are drawn."""
    kinds = [each for each in queue.overtakers if each.rate > 0 and each.able and each.ahead < last]
    expected = np.array([each.rate * (last - each.ahead) for each in kinds])
    return kinds, np.repeat(np.arange(len(kinds)), np.minimum(MOST, expected + 3 * np.sqrt(expected) + 1).astype(int))


def _comes(kinds: list[Overtakers], of: NDArray[np.intp], rng: np.random.Generator, paths: int) -> Numbers:
    """When each of those comes (of, paths): a Poisson stream of every kind."""
    between = rng.standard_exponential((len(of), paths)) / np.array([each.rate for each in kinds])[of][:, None]
    comes = np.cumsum(between, axis=0)
    return np.asarray(comes - (comes - between)[np.searchsorted(of, of)])


def _order(ranks: Numbers, kinds: list[Overtakers], of: NDArray[np.intp], comes: Numbers) -> NDArray[np.intp]:
    """Everybody by rank in every path, as far as the last who waits stands in any: (people, paths), who waits first where ranks are alike."""
    ahead, behind = (np.array([getattr(each, name) for each in kinds])[of][:, None] for name in ("ahead", "behind"))
    theirs = np.maximum(comes + ahead, behind)
    both = np.concatenate([np.broadcast_to(ranks[:, None], (len(ranks), comes.shape[1])), theirs])
    return both.argsort(axis=0, kind="stable")[:len(ranks) + int((theirs < ranks[-1]).sum(axis=0).max())]
