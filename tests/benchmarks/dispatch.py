"""How long choosing takes for 200 agents and 1,000 who wait, against sorting alone. Run: python -m tests.benchmarks.dispatch [ROUNDS]

Both are timed in one run, in turn, as time of the processor; read the ratio. Three kinds of load: everybody has room, a few have, and
every handoff needs something else.
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median, quantiles

from handoffs import dispatch
from handoffs.dispatch import Free, Waiting

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TEAMS, TONGUES, SKILLS = [f"team{number}" for number in range(8)], ["", "", "", "es", "pt"], ["photos", "law", "cards"]
AGENTS, LINE = 200, 1000


def line(chance: Random, *, own_needs: bool) -> list[Waiting]:
    """Who waits; with `own_needs` each asks for a level of its own, so that nothing learned of one helps with another."""
    return [Waiting(f"{number:04}", chance.choice(TEAMS), NOON - timedelta(seconds=chance.randrange(3600)), NOON, chance.choice(TONGUES),
                    {chance.choice(SKILLS): number if own_needs else 1} if own_needs or chance.random() < 0.3 else {}) for number in range(LINE)]


def agents(chance: Random, *, with_room: float) -> list[Free]:
    return [Free(f"{number:03}", frozenset(chance.sample(TEAMS, 2)), 4, chance.randrange(4) if chance.random() < with_room else 4,
                 NOON - timedelta(seconds=chance.randrange(600)), dict.fromkeys(chance.sample(["de", "es", "pt"], 2), 4),
                 {skill: chance.randrange(LINE) for skill in SKILLS}) for number in range(AGENTS)]


def timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def show(name: str, times: list[float], baseline: list[float]) -> None:
    print(f"{name:38} median {median(times):7.3f} ms   p99 {quantiles(times, n=100)[98]:7.3f} ms   {median(times) / median(baseline):5.1f} × baseline")


def main(rounds: int) -> None:
    chance = Random(1)
    kinds = {"everybody has room": (1.0, False), "one in ten has room": (0.1, False), "every handoff has needs of its own": (1.0, True)}
    times: dict[str, list[float]] = {name: [] for name in kinds}
    baseline = []
    for _ in range(rounds):
        for name, (with_room, own_needs) in kinds.items():
            waiting, team = line(chance, own_needs=own_needs), agents(chance, with_room=with_room)
            baseline.append(timed(lambda waiting=waiting: sorted(waiting, key=lambda each: (each.rank_at, each.arrived, each.id))))
            times[name].append(timed(lambda waiting=waiting, team=team: dispatch.choose(waiting, team, NOON)))
    show(f"baseline: the {LINE} who wait, sorted", baseline, baseline)
    for name, found in times.items():
        show(name, found, baseline)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
