"""How long conversations take: the team's own times, each agent's pace, and how much is left of what is under way."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from handoffs.waiting.snapshot import Numbers

# Handoffs an agent must have finished until their own pace counts for half.
PRIOR = 20
# Conversations of busy hours that must have been seen until how they differ from others counts for half.
BUSY = 150
# Nothing in the past took as long as this one: it takes about so much of what it took already.
MORE = 0.25
NEVER = np.array([np.inf])
# Longer than any conversation (s).
FAR = 1e9


def busier(logs: Numbers, queued: Numbers) -> float:
    """How many times as long conversations of those who had to queue take: from log(seconds / usual seconds of their kind), shapes (n,), (n,) of booleans.

    A few long ones say little of handle times, so the difference is shrunk, and the times themselves are those of all.
    """
    waited = logs[queued.astype(bool)]
    return float(np.exp(waited.sum() / (len(waited) + BUSY)))


def paces(rows: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Each agent's pace from log(seconds / usual seconds) of what they finished: the geometric mean, shrunk to 1 by PRIOR ordinary ones."""
    return {agent: float(np.exp(sum(logs) / (len(logs) + PRIOR))) for agent, logs in rows.items()}


class Times:
    """The handle times of all kinds (sorted, s) one behind the other, so that whole crowds are drawn from at once. A kind without a past takes for ever."""

    def __init__(self, kinds: Sequence[Numbers]) -> None:
        known = [times if len(times) else NEVER for times in kinds]
        self._ends = np.cumsum([len(times) for times in known])
        self._count = np.diff(self._ends, prepend=0)
        self._times = np.concatenate(known) if known else NEVER
        # Each kind on a stretch of its own: one search finds the place of all.
        self._stretches = np.minimum(self._times, FAR / 2) + np.repeat(np.arange(len(known)) * FAR, self._count)

    def draw(self, kind: NDArray[np.intp], chance: Numbers) -> Numbers:
        """Whole handle times. Shapes that go together."""
        return np.asarray(self._times.take((self._ends - self._count)[kind] + (chance * self._count[kind]).astype(int)))

    def left(self, kind: NDArray[np.intp], elapsed: Numbers, pace: Numbers, chance: Numbers) -> Numbers:
        """Seconds still to go of conversations that have lasted `elapsed` at `pace`: (n, 1) each, and chances (n, paths), give (n, paths).

        A draw from the times that lasted longer; beyond them all, an exponential share of what it took already.
        """
        begun, end = elapsed / pace, self._ends[kind]
        first = np.searchsorted(self._stretches, np.minimum(begun, FAR / 4) + kind * FAR, side="right")
        known = self._times.take(np.minimum(first + (chance * (end - first)).astype(int), end - 1))
        beyond = np.flatnonzero(first == end)
        known[beyond] = begun[beyond] - np.log(np.maximum(chance[beyond], 1e-12)) * MORE * np.maximum(begun[beyond], 1.0)
        return np.asarray(np.maximum(known * pace - elapsed, 0.0))
