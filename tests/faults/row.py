"""A row and its world: `python -m tests.faults.row DATABASE FAULT FIRST_SEED SEEDS OPERATIONS THINK` prints it as JSON, a line after each seed."""

import asyncio
import gc
import json
import logging
import os
import random
import signal
import sys
import time
from dataclasses import asdict, dataclass, field
from statistics import median

DATABASE = sys.argv[1]
os.environ.update(DJANGO_SETTINGS_MODULE="tests.settings", BATON_TEST_DATABASE=DATABASE)

import django  # noqa: E402

django.setup()

from console.threads import in_thread  # noqa: E402
from tests import settings  # noqa: E402
from tests.faults import answers, leaving, reading  # noqa: E402
from tests.faults.every import FAULTS  # noqa: E402
from tests.faults.history import Verdict, check  # noqa: E402
from tests.faults.rightness import until_right  # noqa: E402
from tests.faults.table import RIGHT_WITHIN, Fault, Scene  # noqa: E402
from tests.faults.workload import Workload  # noqa: E402
from tests.faults.world import World  # noqa: E402

SETTLED_WITHIN = 60.0
AFTERWARDS = 16


@dataclass
class Row:
    """What `make faults` reports of a fault on a database; `problems` are broken promises in words, each with its seed."""

    fault: str
    what: str
    database: str
    seeds: int = 0
    operations: int = 0
    acknowledged: int = 0
    retries: int = 0
    lost: int = 0
    doubled: int = 0
    gaps: int = 0
    pages: int = 0
    right_after: float = 0.0  # seconds from the end of fault and work until every page is right, the longest
    seconds: float = 0.0
    measures: dict[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    has_failed: bool = False  # the run itself, not a promise

    @property
    def result(self) -> str:
        return "ok" if self.seeds and not self.problems else "broken"

    def add(self, seed: int, scene: Scene, verdict: Verdict) -> None:
        ledger = scene.load.ledger
        self.seeds += 1
        self.operations += len(ledger.acts)
        self.acknowledged += len(ledger.acknowledged)
        self.retries += sum(ledger.failures.values())
        self.lost, self.doubled, self.gaps = self.lost + len(verdict.lost), self.doubled + len(verdict.doubled), self.gaps + len(verdict.gaps)
        self.pages += len(scene.load.pages)
        self.right_after = max(self.right_after, scene.measures.pop("right_after", 0.0))
        for name, value in scene.measures.items():
            self.measures[name] = max(self.measures.get(name, 0.0), round(value, 2))
        self.problems += [f"seed {seed}: {words}" for words in (*scene.problems, *([] if verdict.is_good else [str(verdict)]))]


@dataclass(frozen=True)
class Measure:
    """How much is asked of a row: its seeds, the acknowledged operations of each at least, and how long everybody thinks between two acts."""

    seeds: range
    operations: int
    think: float


async def run(fault: Fault, measure: Measure) -> None:
    """Every seed of a fault, in one world, which is always ended."""
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asyncio.current_task().cancel)  # type: ignore[union-attr]
    world = World(DATABASE, settings, fault.environment)
    try:
        await world.start(*fault.processes, clocks=fault.clocks)
        # Once beforehand: the first look at the wall loads every trained model, and that is no page's delay.
        await in_thread(reading.wanted, [(["wall:all"], "")])
        # Looking for garbage in what was loaded takes a quarter of the time that pages take here.
        gc.freeze()
        await one_row(fault, world, measure)
    finally:
        await world.stop()


async def one_row(fault: Fault, world: World, measure: Measure) -> None:
    """When the run itself breaks that is reported, and ends the row."""
    began, row = time.monotonic(), Row(fault.name, fault.what, DATABASE)

    def tell() -> None:
        row.seconds = round(time.monotonic() - began, 1)
        print(json.dumps({**asdict(row), "result": row.result}), flush=True)

    try:
        for seed in measure.seeds:
            if row.seeds:
                await in_thread(leaving.everybody)
            scene, verdict = await one_seed(fault, world, seed, measure)
            row.add(seed, scene, verdict)
            tell()
            if scene.problems or not verdict.is_good:
                logging.error("seed %s of %s; the logs end with\n%s", seed, fault.name, world.last_words())
    except Exception as error:
        logging.exception("the run itself failed; the logs end with\n%s", world.last_words())
        row.has_failed = True
        row.problems.append(f"the run failed: {type(error).__name__}: {error}"[:400])
        tell()


async def one_seed(fault: Fault, world: World, seed: int, measure: Measure) -> tuple[Scene, Verdict]:
    chance = random.Random(f"{fault.name}-{seed}")
    scene = Scene(world, Workload(world, f"{fault.name}-{seed}", chance, think=measure.think), chance, operations=measure.operations)
    try:
        await _work(fault, scene)
        scene.measures["right_after"] = await scene.right_within(fault.right_within)
        await _settle(scene)
        unknown = {words for page in scene.load.pages for words in page.unknown}
        scene.must(not unknown, f"pages were sent what they do not know: {unknown}")
        return scene, check(scene.load.ledger.acts, await in_thread(reading.stored))
    finally:
        await scene.load.close()


async def _work(fault: Fault, scene: Scene) -> None:
    """People work until the fault is over and enough has been done."""
    await scene.load.open_pages()
    began, hurting = time.monotonic(), asyncio.create_task(_hurt(fault, scene))
    await asyncio.gather(hurting, scene.load.run(lambda: hurting.done() and scene.has_enough))
    scene.measures["work"] = time.monotonic() - began
    scene.problems += answers.wrong(scene.load.ledger, scene.operations, unnoticed=fault.unnoticed)
    scene.must(any(page.path.startswith(("/c/", "/handoffs/")) for page in scene.load.pages), "no page of a customer or desk could be opened")
    if fault.unnoticed:
        # Everybody sends the next act as soon as the last is answered, so an act takes as long as the web is slow.
        took = [act.took for act in scene.load.ledger.acts] or [0.0]
        scene.measures |= {"slowest_act": max(took), "middle_act": median(took)}


async def _hurt(fault: Fault, scene: Scene) -> None:
    """The fault, once enough has been done: work that goes on long after it would hide how long pages take. Some must, unless it had everybody rest."""
    while not scene.has_enough:
        await asyncio.sleep(0.1)
    await fault.hurt(scene)
    if not scene.load.over:
        scene.ask(AFTERWARDS)


async def _settle(scene: Scene) -> None:
    """Wait until nothing is due any more, then look at the pages once more."""
    began = time.monotonic()
    while await in_thread(reading.unsettled) and time.monotonic() - began < SETTLED_WITHIN:
        await asyncio.sleep(0.3)
    _, wrong = await until_right(scene.load.pages, RIGHT_WITHIN)
    scene.must(not wrong, f"not right when all had settled: {'; '.join(wrong[:3])}")


def main() -> None:
    first, seeds, operations = map(int, sys.argv[3:6])
    asyncio.run(run(FAULTS[sys.argv[2]], Measure(range(first, first + seeds), operations, float(sys.argv[6]))))


if __name__ == "__main__":
    main()
