"""How long conversations take: the team's own times, each agent's pace, and how much is left of what is under way."""

from collections.abc import Mapping, Sequence

import numpy as np

from handoffs.waiting.snapshot import Numbers

# Handoffs an agent must have finished until their own pace counts for half.
PRIOR = 20
# Conversations of busy hours that must have been seen until how they differ from others counts for half.
BUSY = 150
# Nothing in the past took as long as this one: it takes about so much of what it took already.
MORE = 0.25


def busier(logs: Numbers, queued: Numbers) -> float:
    """How many times as long conversations of those who had to queue take: from log(seconds / usual seconds of their kind), shapes (n,), (n,) of booleans.

    A few long ones say little of handle times, so the difference is shrunk, and the times themselves are those of all.
    """
    waited = logs[queued.astype(bool)]
    return float(np.exp(waited.sum() / (len(waited) + BUSY)))


def paces(rows: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Each agent's pace from log(seconds / usual seconds) of what they finished: the geometric mean, shrunk to 1 by PRIOR ordinary ones."""
    return {agent: float(np.exp(sum(logs) / (len(logs) + PRIOR))) for agent, logs in rows.items()}


def left(times: Numbers, elapsed: Numbers, pace: Numbers, chance: Numbers) -> Numbers:
    """Seconds still to go of conversations that have lasted `elapsed` (n,) at `pace` (n,); chances (paths, n) give (paths, n).

    A draw from the times that lasted longer; beyond them all, an exponential share of what it took already.
    """
    if not len(times):
        return np.full(chance.shape, np.inf)
    begun = elapsed / pace
    first = np.searchsorted(times, begun, side="right")
    place = first + (chance * (len(times) - first)).astype(int)
    known = times[np.minimum(place, len(times) - 1)]
    unknown = begun - np.log(np.maximum(chance, 1e-12)) * MORE * np.maximum(begun, 1.0)
    return np.asarray(np.maximum(np.where(first < len(times), known, unknown) * pace - elapsed, 0.0))


def draw(times: Numbers, chance: Numbers) -> Numbers:
    """Whole handle times by chances of any shape; inf when the past knows none."""
    return times[(chance * len(times)).astype(int)] if len(times) else np.full(chance.shape, np.inf)
