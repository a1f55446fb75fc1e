"""A stage for the duties of workers: a throw-away database, processes that are killed at random, beats, and a clock that skips idle time.

Time that is worked passes as it does; only stretches in which nobody works and nothing is due are left out. So a duty that is slow is late here, too.
"""

import os
import random
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from multiprocessing import Pipe, Process, Value
from multiprocessing.connection import Connection, wait
from typing import Any

from django.db import connection, connections

from handoffs import clock, timekeeping
from handoffs.clock import Reading
from handoffs.signals import handoff_changed

Duty = Callable[[], None]


class Clock:
    """The same simulated time in each process: the machine's, and what was skipped."""

    def __init__(self) -> None:
        self._skipped = Value("d", 0.0)

    def set(self) -> None:
        """Let this process go by it."""
        clock.set_by(Reading(time.time() + self._skipped.value, time.time(), time.monotonic()))

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time() + self._skipped.value, UTC)

    def skip_to(self, moment: datetime) -> None:
        self._skipped.value += max(0.0, (moment - self.now()).total_seconds())


class Worker:
    """A process that does one duty after the other, until it is killed."""

    def __init__(self, time_is: Clock, duties: dict[str, Duty]) -> None:
        connections.close_all()
        if hasattr(connection, "close_pool"):
            connection.close_pool()
        self.pipe, theirs = Pipe()
        self.busy = False
        self._process = Process(target=_work, args=(theirs, time_is, duties), daemon=True)
        self._process.start()
        theirs.close()

    def give(self, duty: str) -> None:
        self.busy = True
        self.pipe.send(duty)

    def look(self) -> None:
        """Note that it is done with its duty."""
        while self.pipe.poll():
            self.pipe.recv()
            self.busy = False

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._process.pid or 0, signal.SIGKILL)
        self._process.join()
        self.pipe.close()


def wait_for(workers: Iterable[Worker], seconds: float) -> None:
    """Until one of them says that it is done, or for so long."""
    wait([worker.pipe for worker in workers], seconds)


@contextmanager
def stage() -> Iterator[None]:
    """A database of its own, and nobody who watches."""
    handoff_changed.disconnect(dispatch_uid="console.live")
    timekeeping.disconnect()
    name = str(connection.settings_dict["NAME"])
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connections.close_all()
        clock.set_by(None)
        connection.creation.destroy_test_db(name, verbosity=0)


def chance_of_death(chance: random.Random) -> float | None:
    """After how many seconds of its duty a worker is killed; most are not."""
    return chance.uniform(0, 0.04) if chance.random() < 0.02 else None


def _work(pipe: Connection, time_is: Clock, duties: dict[str, Duty]) -> None:
    connections.close_all()
    # Who is told "stop" from outside stops; only the stage decides who dies.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError):
        while True:
            duty: Any = pipe.recv()
            time_is.set()
            duties[duty]()
            pipe.send("done")
