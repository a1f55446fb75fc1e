"""When agents begin something new: moments are moved to the next span in which their agent is at work."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from handoffs.waiting.snapshot import ALWAYS, Numbers, Server

# Longer than anybody looks ahead (s). Each agent's day lies on a stretch of its own, so that one search finds the spans of all.
FAR = 4e6


@dataclass(frozen=True)
class Shifts:
    """The edges of all spans in order (two a span, on each agent's stretch), before which nothing begins up to each edge, and when who is here goes first."""

    edges: Numbers
    goes_on: Numbers
    ends: Numbers

    def set(self, server: NDArray[np.intp], moment: Numbers) -> Numbers:
        """`move` in place for many, (places,) and (places, paths): only what reaches beyond its agent's first span is looked up."""
        place, path = np.nonzero(moment >= self.ends[server][:, None])
        moment[place, path] = self.move(server[place], moment[place, path])
        return moment

    def move(self, server: NDArray[np.intp], moment: Numbers) -> Numbers:
        """The same moments, those outside a span moved to the next one's beginning; inf without one. Shapes alike."""
        base = server * FAR
        at = self.edges.searchsorted(base + np.minimum(moment, FAR / 2), side="right")
        return np.asarray(np.maximum(self.goes_on[at] - base, moment))


def shifts(servers: Sequence[Server]) -> Shifts | None:
    """None when everybody is here all the time."""
    if all(server.shifts == ALWAYS for server in servers):
        return None
    edges, goes_on, ends = [], [], []
    for number, server in enumerate(servers):
        spans = _merged(server.shifts)
        ends.append(spans[0][1] if spans and spans[0][0] == 0 else 0.0)
        for begin, end in spans:
            edges += [number * FAR + begin, number * FAR + end]
            goes_on += [number * FAR + begin, -inf]
        # Behind the last span: a span of no length, so that the next agent's beginning is not taken for this one's.
        edges += [number * FAR + FAR * 0.75] * 2
        goes_on += [inf, inf]
    return Shifts(np.array(edges), np.array([*goes_on, inf]), np.array(ends))


def _merged(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """In order, without those that are over, empty or beyond all, and without overlaps."""
    found: list[tuple[float, float]] = []
    for begin, end in sorted((max(begin, 0.0), min(end, FAR * 0.7)) for begin, end in spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif end > begin:
            found.append((begin, end))
    return found
