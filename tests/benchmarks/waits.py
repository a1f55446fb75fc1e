"""What it costs to foretell everybody's wait: 10 agents and 12 who wait, 30 and 40, 100 and 200. Run: python -m tests.benchmarks.waits [ROUNDS] [--json]

Time of the processor for one look at the whole queue, all who wait at once, as many paths as the product draws; three skills, breaks, customers still to
come who go ahead.
The baseline of the same run is the draw of as many random numbers as there are paths, people and agents, sorted.
"""

import time
from collections.abc import Callable
from math import inf

import numpy as np

from handoffs.waiting import conformal, simulate
from handoffs.waiting.snapshot import Habits, Held, Overtakers, Patience, Queue, Server, Waiter
from tests.benchmarks.measured import arguments, row, show

SIZES = ((10, 12), (30, 40), (100, 200))
CAPACITY, KINDS = 3, 3


def queue(agents: int, waiting: int, rng: np.random.Generator) -> Queue:
    """Everybody holds as much as they can."""
    times = tuple(np.sort(rng.lognormal(5.5, 1.0, 800)) for _ in range(KINDS))
    patience = Patience(np.linspace(10, 2000, 300), np.linspace(0.999, 0.2, 300))
    able = [(1 << agents) - 1, *(sum(1 << agent for agent in range(agents) if rng.random() < 0.6) | 3 for _ in range(KINDS - 1))]
    servers = tuple(Server(CAPACITY, tuple(Held(float(rng.uniform(0, 500)), int(rng.integers(KINDS))) for _ in range(CAPACITY)),
                           ((0.0, float(rng.uniform(600, 5000))), (6000.0, inf)), float(rng.lognormal(0, 0.2))) for _ in range(agents))
    waiters = tuple(Waiter(str(number), 600.0 - 10 * (waiting - number), 10.0 * (waiting - number), able[number % KINDS], number % KINDS)
                    for number in range(waiting))
    coming = tuple(Overtakers(0.0003 * agents, ahead, able[kind], kind) for ahead in (200.0, 400.0) for kind in range(KINDS))
    return Queue(waiters, servers, Habits(times, patience), coming)


def timed(work: Callable[[], object]) -> float:
    """Milliseconds of the processor."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def main(rounds: int) -> None:
    rng, rows = np.random.default_rng(1), []
    for agents, waiting in SIZES:
        queues = [queue(agents, waiting, rng) for _ in range(rounds)]
        plain = [timed(lambda: np.sort(rng.random((simulate.PATHS, waiting + agents * CAPACITY)), axis=0)) for _ in queues]  # noqa: B023
        ours = [timed(lambda each=each: conformal.spreads(simulate.waits(each))) for each in queues]
        rows.append(row(f"{agents} agents, {waiting} waiting", ours, plain))
    show("waits", rows)


if __name__ == "__main__":
    main(int(next(iter(arguments()), 30)))
