"""From what was finished and how long people waited to a team's habits: the same for the store, a simulation and a firm's own log."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from handoffs.waiting import handling, patience
from handoffs.waiting.snapshot import Habits, Numbers


class Finished(NamedTuple):
    """A handoff that is over: what kind, by whom, seconds from the claim to the end, and whether it had to wait for it."""

    kind: int
    agent: str
    seconds: float
    queued: bool


class Waited(NamedTuple):
    """A wait that is over, in seconds, and whether the customer left."""

    seconds: float
    left: bool


@dataclass(frozen=True)
class Known:
    """A team's habits, and each agent's pace (unknown ones work at 1). `finished` is from how many this was learned."""

    habits: Habits
    paces: dict[str, float]
    finished: int


def learn(finished: Sequence[Finished], waits: Sequence[Waited], kinds: int) -> Known:
    """Times of a kind with none of its own are those of all kinds."""
    took, queued, kind = (np.array([row[place] for row in finished], float) for place in (2, 3, 0))
    logs = np.log(np.maximum(took, 1.0))
    factor = handling.busier(_beside(logs, kind), queued)
    times = tuple(np.sort(took[kind == each] if np.any(kind == each) else took) * factor for each in range(kinds))
    waited, left = (np.array([row[place] for row in waits], float) for place in (0, 1))
    habits = Habits(times, patience.fit(waited, left > 0))
    # Of busy hours and quiet ones apart: else who works when it is quiet would seem quick.
    of_agents = _by_agent(finished, _beside(logs, kind * 2 + queued))
    return Known(habits, handling.paces(of_agents), len(finished))


def _beside(logs: Numbers, group: Numbers) -> Numbers:
    """Each beside the mean of its group. Shapes (n,), (n,)."""
    _, of = np.unique(group, return_inverse=True)
    return np.asarray(logs - (np.bincount(of, logs) / np.maximum(np.bincount(of), 1))[of]) if len(logs) else logs


def _by_agent(finished: Sequence[Finished], logs: Numbers) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for row, log in zip(finished, logs.tolist(), strict=True):
        found[row.agent].append(log)
    return found
