"""Draws the chance of every path beforehand: who is in line, when they leave, how long they would take, and when each place comes free."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handoffs.waiting import handling, patience
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
    """Everybody in line in every path, by rank: (paths, people). `column` is the waiter's place in the snapshot, -1 for somebody still to come."""

    need: NDArray[np.unsignedinteger[Any]]
    comes: Numbers
    leaves: Numbers
    takes: Numbers
    cells: NDArray[np.int16]
    column: NDArray[np.intp]


@dataclass(frozen=True)
class Floor:
    """The places of the servers, `owner` (cells,) and when each is free (paths, cells), what each server may take, and its places' bounds."""

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


def floor(queue: Queue, needs: Needs, parts: int, shifts: Shifts | None, rng: np.random.Generator, paths: int) -> Floor:
    """Every server's places, the held ones with what is left of them."""
    rooms = [cells(server.capacity, parts) if server.capacity > 0 else 0 for server in queue.servers]
    owner, first = np.repeat(np.arange(len(rooms)), rooms), np.append(0, np.cumsum(rooms))
    free, left = np.zeros((paths, len(owner))), _left(queue, rng, paths)
    places, held, over, seen = list[int](), list[int](), list[tuple[int, list[int]]](), 0
    for number, server in enumerate(queue.servers):
        taken = [seen + place for place, each in enumerate(server.held) for _ in range(cells(each.weight, parts))]
        seen += len(server.held)
        if len(taken) > rooms[number]:
            over.append((number, taken))
        else:
            places += range(first[number], first[number] + len(taken))
            held += taken
    free[:, places] = left[:, held]
    for number, taken in over:
        # What is held beyond the room ends without making any.
        free[:, first[number]:first[number + 1]] = np.sort(left[:, taken], axis=1)[:, len(taken) - rooms[number]:]
    pace = np.array([server.pace for server in queue.servers])
    return Floor(owner, shifts.set(owner, free) if shifts else free, needs.may(len(rooms)), first, pace)


def _left(queue: Queue, rng: np.random.Generator, paths: int) -> Numbers:
    """What is left of everything held, server by server: (paths, held)."""
    rows = [(each.kind, each.elapsed, server.pace) for server in queue.servers for each in server.held]
    kind, elapsed, pace = np.array(rows or np.zeros((0, 3)), float).T
    chance, found = rng.random((paths, len(rows))), np.zeros((paths, len(rows)))
    for number, times in enumerate(queue.habits.handling):
        of = np.flatnonzero(kind == number)
        if len(of):
            found[:, of] = handling.left(times, elapsed[of], pace[of], chance[:, of])
    return found


def crowd(queue: Queue, needs: Needs, parts: int, rng: np.random.Generator, paths: int) -> Crowd:
    """Those who wait, and where somebody may overtake them those who will, in the order of each path."""
    waiting, ranks = _waiting(queue, needs, parts, rng, paths)
    last = max((waiter.rank for waiter in queue.waiters), default=-inf)
    kinds = [each for each in queue.overtakers if each.rate > 0 and each.able and each.ahead < last]
    if not kinds:
        return waiting
    coming, theirs = _coming(kinds, queue, needs, last, rng, paths)
    order = np.argsort(np.concatenate([ranks, theirs], axis=1), axis=1, kind="stable")
    order += np.arange(paths)[:, None] * order.shape[1]
    return Crowd(*(np.concatenate([getattr(waiting, name), getattr(coming, name)], axis=1).take(order)
                   for name in ("need", "comes", "leaves", "takes", "cells", "column")))


def _waiting(queue: Queue, needs: Needs, parts: int, rng: np.random.Generator, paths: int) -> tuple[Crowd, Numbers]:
    column = np.array(sorted(range(len(queue.waiters)), key=lambda number: (queue.waiters[number].rank, number)), int)
    line: list[Waiter] = [queue.waiters[number] for number in column]
    shape = (paths, len(line))
    leaves = patience.draw(queue.habits.patience, np.array([each.waited for each in line]), rng.random(shape))
    leaves[:, [each.phantom for each in line]] = -1.0
    takes = _takes(queue, np.array([each.kind for each in line]), rng.random(shape))
    spread = (np.broadcast_to(np.array(each), shape) for each in (
        np.array([needs.bit(each.able) for each in line], needs.type), [cells(each.weight, parts) for each in line], column))
    bits, size, columns = spread
    ranks = np.broadcast_to(np.array([each.rank for each in line]), shape)
    return Crowd(bits, np.zeros(shape), leaves, takes, size.astype(np.int16), columns), ranks


def _coming(kinds: list[Overtakers], queue: Queue, needs: Needs, last: float, rng: np.random.Generator, paths: int) -> tuple[Crowd, Numbers]:
    """Each kind is a Poisson stream for as long as one who comes would still go ahead of the last in line."""
    rate, ahead, behind = np.array([(each.rate, each.ahead, each.behind) for each in kinds]).T
    expected = rate * (last - ahead)
    counts = np.minimum(MOST, expected + 3 * np.sqrt(expected) + 1).astype(int)
    of, begins = np.repeat(np.arange(len(kinds)), counts), np.cumsum(counts) - counts
    shape = (paths, len(of))
    between = rng.exponential(1 / rate[of], shape)
    comes = np.cumsum(between, axis=1)
    comes -= (comes - between)[:, begins[of]]
    leaves = comes + patience.draw(queue.habits.patience, np.zeros(len(of)), rng.random(shape))
    takes = _takes(queue, np.array([each.kind for each in kinds])[of], rng.random(shape))
    bits = np.array([needs.bit(each.able) for each in kinds], needs.type)[of]
    people = Crowd(np.broadcast_to(bits, shape), comes, leaves, takes, np.full(shape, 1, np.int16), np.full(shape, -1))
    return people, np.maximum(comes + ahead[of], behind[of])


def _takes(queue: Queue, kinds: NDArray[np.intp], chance: Numbers) -> Numbers:
    """Handle times of people of these kinds (n,) by their chances (paths, n)."""
    takes = np.empty(chance.shape)
    for kind, times in enumerate(queue.habits.handling):
        of = np.flatnonzero(kinds == kind)
        takes[:, of] = handling.draw(times, chance[:, of])
    return takes
