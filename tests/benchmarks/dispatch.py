"""How long choosing takes for 200 agents and 1,000 who wait, against sorting alone. Run: python -m tests.benchmarks.dispatch [ROUNDS] [--json]

Both are timed in one run, in turn, as time of the processor; read the ratio. Four kinds of load: everybody has room, a few have, every
handoff asks for a level nobody else asks for, and each asks for what one agent has.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

from handoffs import dispatch
from handoffs.dispatch import Free, Waiting
from tests.benchmarks.measured import arguments, row, show

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TEAMS, TONGUES, SKILLS = [f"team{number}" for number in range(8)], ["", "", "", "es", "pt"], ["photos", "law", "cards"]
AGENTS, LINE = 200, 1000
Load = tuple[list[Waiting], list[Free]]


def usual(chance: Random, *, with_room: float = 1.0, own_needs: bool = False) -> Load:
    """With `own_needs` each handoff asks for a level of its own, so that nothing learned of one helps with another."""
    line = [Waiting(f"{number:04}", chance.choice(TEAMS), NOON - timedelta(seconds=chance.randrange(3600)), NOON, chance.choice(TONGUES),
                    {chance.choice(SKILLS): number if own_needs else 1} if own_needs or chance.random() < 0.3 else {}) for number in range(LINE)]
    agents = [Free(f"{number:03}", frozenset(chance.sample(TEAMS, 2)), 4, chance.randrange(4) if chance.random() < with_room else 4,
                   NOON - timedelta(seconds=chance.randrange(600)), dict.fromkeys(chance.sample(["de", "es", "pt"], 2), 4),
                   {skill: chance.randrange(LINE) for skill in SKILLS}) for number in range(AGENTS)]
    return line, agents


def one_able(chance: Random) -> Load:
    """Each handoff asks for the skill of one agent, who may stand anywhere in the line of those who are free."""
    line = [Waiting(f"{number:04}", "team", NOON - timedelta(seconds=chance.randrange(3600)), NOON, skills={f"skill{chance.randrange(AGENTS)}": 1})
            for number in range(LINE)]
    agents = [Free(f"{number:03}", frozenset(["team"]), 6, chance.randrange(4), NOON - timedelta(seconds=chance.randrange(600)),
                   skills={f"skill{number}": 2}) for number in range(AGENTS)]
    return line, agents


KINDS: dict[str, Callable[[Random], Load]] = {
    "everybody has room": usual,
    "one in ten has room": lambda chance: usual(chance, with_room=0.1),
    "every handoff has needs of its own": lambda chance: usual(chance, own_needs=True),
    "one agent is able for each": one_able,
}


def timed(work: Callable[[], object]) -> float:
    """Milliseconds of the processor."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def main(rounds: int) -> None:
    chance = Random(1)
    times: dict[str, list[float]] = {name: [] for name in KINDS}
    baseline = []
    for _ in range(rounds):
        for name, load in KINDS.items():
            waiting, agents = load(chance)
            baseline.append(timed(lambda waiting=waiting: sorted(waiting, key=lambda each: (each.rank_at, each.arrived, each.id))))
            times[name].append(timed(lambda waiting=waiting, agents=agents: dispatch.choose(waiting, agents, NOON)))
    show("dispatch", [row(f"baseline: the {LINE} who wait, sorted", baseline), *(row(name, found, baseline) for name, found in times.items())])


if __name__ == "__main__":
    main(int(next(iter(arguments()), 200)))
