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
    everything = handling.busy(took, queued)
    times = tuple(handling.busy(took[kind == each], queued[kind == each]) if np.any(kind == each) else everything for each in range(kinds))
    waited, left = (np.array([row[place] for row in waits], float) for place in (0, 1))
    habits = Habits(times, patience.fit(waited, left > 0))
    return Known(habits, handling.paces(_logs(finished, times)), len(finished))


def _logs(finished: Sequence[Finished], times: Sequence[Numbers]) -> dict[str, list[float]]:
    usual = [float(np.log(np.maximum(each, 1.0)).mean()) if len(each) else 0.0 for each in times]
    logs: dict[str, list[float]] = defaultdict(list)
    for row in finished:
        logs[row.agent].append(float(np.log(max(row.seconds, 1.0))) - usual[row.kind])
    return logs
