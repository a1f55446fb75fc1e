"""What a fault is, and the table of all of them: `hurt` does the harm and mends it again while people work."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.faults.rightness import until_right
from tests.faults.workload import Talk, Workload
from tests.faults.world import World

BOTH = ("sqlite", "postgresql")
RIGHT_WITHIN = 20.0
# A page that hears nothing takes its line for dead after 25 s, and looks every 5.
NOTICED_WITHIN = 35.0
LONGEST_WORK = 300.0
EVERYTHING = ("web", "sweep", "worker", "beat")


@dataclass
class Scene:
    """One seed of a fault: where it happens, who works meanwhile, and what came of it."""

    world: World
    load: Workload
    chance: random.Random
    problems: list[str] = field(default_factory=list)  # a broken promise, in words
    measures: dict[str, float] = field(default_factory=dict)  # seconds and counts worth reporting
    operations: int = 0  # acknowledged ones, at least
    asked_at: float = field(default_factory=time.monotonic)

    def ask(self, more: int) -> None:
        """For so many operations from now on."""
        self.operations, self.asked_at = max(self.operations, len(self.load.ledger.acknowledged) + more), time.monotonic()

    @property
    def has_enough(self) -> bool:
        """Whether as much was acknowledged as is asked for, or that has taken too long."""
        return len(self.load.ledger.acknowledged) >= self.operations or time.monotonic() > self.asked_at + LONGEST_WORK

    async def pause(self, least: float, most: float) -> None:
        await asyncio.sleep(self.chance.uniform(least, most))

    async def rest(self) -> None:
        """Let everybody finish what they began."""
        self.load.over = True
        await self.load.rested.wait()

    async def a_talk(self) -> Talk:
        """A conversation of the workload, once there is one with a handoff that waits or was claimed."""
        while not (begun := [talk for talk in self.load.talks if talk.handed_off]):
            await asyncio.sleep(0.2)
        return self.chance.choice(begun)

    async def right_within(self, seconds: float) -> float:
        """The seconds until every page shows what the server has; a problem when it takes longer."""
        took, wrong = await until_right(self.load.pages, seconds)
        self.must(not wrong, f"not right after {took:.0f} s: {'; '.join(wrong[:3])} ({len(wrong)} of {len(self.load.pages)} pages)")
        return round(took, 1)

    def must(self, holds: bool, words: str) -> None:
        if not holds:
            self.problems.append(words)


Hurt = Callable[[Scene], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    """A row of the table. `seconds`: about how long one seed takes on a free machine, with its recovery."""

    name: str
    what: str
    hurt: Hurt
    seconds: int
    databases: tuple[str, ...] = BOTH
    processes: tuple[str, ...] = EVERYTHING
    environment: dict[str, str] = field(default_factory=dict)
    clocks: dict[str, float] = field(default_factory=dict)
    unnoticed: bool = False  # whoever writes is answered at the first try, until the work is over
    right_within: float = RIGHT_WITHIN  # seconds from the end of fault and work until every page shows what the server has


FAULTS: dict[str, Fault] = {}


def fault(name: str, what: str, seconds: int, **more: object) -> Callable[[Hurt], Hurt]:
    """Puts a function into the table."""

    def add(hurt: Hurt) -> Hurt:
        FAULTS[name] = Fault(name, what, hurt, seconds, **more)  # type: ignore[arg-type]
        return hurt

    return add
