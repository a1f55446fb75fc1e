"""What time it is for everybody: by the database's clock, so that machines whose own clocks differ agree on what is due."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils import timezone

AGAIN_AFTER, SLEPT = 15.0, 1.0  # seconds


@dataclass(frozen=True)
class Reading:
    """What three clocks said at one moment, in seconds: the database's and this machine's since 1970, and the steady one nobody can set."""

    database: float
    machine: float
    steady: float


_last: Reading | None = None


def now() -> datetime:
    """The time by the database's clock, carried on by this process's steady one; this machine's until the database's has been read. Asks nobody."""
    if _last is None:
        return timezone.now()
    return datetime.fromtimestamp(_last.database + time.monotonic() - _last.steady, UTC)


def is_unset() -> bool:
    return _last is None


def is_stale() -> bool:
    """Whether the database should be asked: at first, now and then, and when this machine slept or its clock was set."""
    if _last is None:
        return True
    since, by_machine = time.monotonic() - _last.steady, time.time() - _last.machine
    return since > AGAIN_AFTER or abs(by_machine - since) > SLEPT


def apart() -> float:
    """By how many seconds this machine's clock is ahead of the database's; 0 until that has been read."""
    return _last.machine - _last.database if _last else 0.0


def set_by(reading: Reading | None) -> None:
    """Go by this reading from now on; None: by this machine's clock."""
    global _last
    _last = reading
