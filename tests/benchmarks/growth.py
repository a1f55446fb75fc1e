"""Whether pages and duties take as long with a million handoffs as with a thousand. Run: python -m tests.benchmarks.growth [LARGEST]

Ten customers wait, whatever is over, and a handoff came every ten minutes. Milliseconds are of the processor, ours and the database's for us, so that they
are the same on a busy machine; the baseline of each row is the median with a thousand handoffs. `queries` counts what one of them asks the database.
At the end 10,000 wait.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from console.streams.queue import Queue
from console.streams.tray import Tray
from console.streams.wall import Wall
from handoffs import claiming, duties, offers, routing, tasks, turns, waiting_room
from handoffs.models import Agent, Conversation, Handoff, Team
from handoffs.snapshots import Detection
from handoffs.states import State
from handoffs.waiting_room import forecasts
from tests.benchmarks import history, measured, worlds

SIZES = (1_000, 10_000, 100_000, 1_000_000)
LINE, LONG_LINE, ROUNDS = 10, 10_000, 20
ASKED = Detection("explicit_request", "Asked for a person")
Work = Callable[[], object]


def works(ann: Agent, handoff: Handoff, fresh: Iterator[Conversation]) -> dict[str, Work]:
    """What is timed, by name; each leaves the database as it was."""
    team = handoff.team
    return {
        "nothing asked (noise)": _nothing,
        "the queue page": lambda: Queue("billing+general+travel").parts(),
        "place in line": lambda: waiting_room.place(handoff),
        "next handoff, claimed": lambda: claiming.claim_next(ann),
        "what a newcomer is told": lambda: (forecasts.forget(), forecasts.usual(team)),
        "a handoff taken in": lambda: turns.begin(next(fresh), ASKED),
        "who was overtaken": lambda: routing.let_through(team),
        "what is due": lambda: [list(duty.due()[: duties.AT_ONCE]) for duty in tasks.SWEPT],
        "offers": lambda: offers.deal(frozenset({"billing"})),
        "what nobody takes": offers.forsaken,
        "an agent's tray": lambda: Tray(str(ann.pk)).parts(),
        "the wall": lambda: Wall("all").parts(),
    }


def main(largest: int) -> None:
    with worlds.world() as database:
        juniper, _ = worlds.assistant()
        ann = worlds.agents(20, capacity=100)[0]
        history.closed(SIZES[0] - LINE)
        history.lined_up(LINE)
        Team.objects.filter(code="billing").update(push=True)
        fresh = iter(worlds.conversations(juniper, 10 * (ROUNDS + 2)))
        first: dict[str, list[float]] = {}
        rows = []
        for size in (size for size in SIZES if size <= largest):
            history.closed(size - Handoff.objects.count())
            rows += _stage(f"{size:,}", ann, fresh, first)
        history.lined_up(LONG_LINE - LINE)
        rows += _stage(f"{size:,}, {LONG_LINE:,} wait", ann, fresh, first)
    measured.show("growth", [{"database": database, **row} for row in rows])


def _stage(size: str, ann: Agent, fresh: Iterator[Conversation], first: dict[str, list[float]]) -> list[measured.Row]:
    last = Handoff.objects.filter(state=State.WAITING).order_by("-rank_at")[0]
    found = {what: _timed(work) for what, work in works(ann, last, fresh).items()}
    for what, (times, _) in found.items():
        first.setdefault(what, times)
    return [measured.row(f"{what}, {size}", times, first[what], queries=queries) for what, (times, queries) in found.items()]


def _timed(work: Work) -> tuple[list[float], int]:
    """What ROUNDS of them take, and how many queries one asks."""
    times = []
    with _undone(), CaptureQueriesContext(connection) as asked:
        work()
    for _ in range(ROUNDS):
        with _undone():
            start = _spent()
            work()
            times.append((_spent() - start) / 1e6)
    return times, len(asked)


def _spent() -> int:
    """Nanoseconds on the processor so far: this process's, and those of the database's process that serves it."""
    served = 0
    if connection.vendor == "postgresql":
        served = int(Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text().split()[0])
    return time.process_time_ns() + served


@contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


if __name__ == "__main__":
    main(int(next(iter(measured.arguments()), SIZES[-1])))
