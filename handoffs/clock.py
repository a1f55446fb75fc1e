"""What time it is for everybody: by the database's clock, so that machines whose own clocks differ agree on what is due."""

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.utils import timezone

# Seconds. An answer that took no longer than PROMPT is believed; after a slower one the database is asked again SOON.
AGAIN_AFTER, SOON, SLEPT, PROMPT = 15.0, 1.0, 1.0, 0.25


@dataclass(frozen=True)
class Reading:
    """What three clocks said at one moment, in seconds: the database's and this machine's since 1970, and the steady one nobody can set.

    `took`: until the answer was here; the database's may be off by half of it.
    """

    database: float
    machine: float
    steady: float
    took: float = 0.0


_last: Reading | None = None
_again_at = 0.0  # by the steady clock


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
    return time.monotonic() > _again_at or abs(by_machine - since) > SLEPT


def apart() -> float:
    """By how many seconds this machine's clock is ahead of the database's; 0 until that has been read."""
    return _last.machine - _last.database if _last else 0.0


def set_by(reading: Reading | None) -> None:
    """Go by this reading from now on; None: by this machine's clock."""
    global _last, _again_at
    _last, _again_at = reading, reading.steady + AGAIN_AFTER if reading else 0.0


def learn(reading: Reading) -> None:
    """Go by this reading, or on by the one before where that is surer and the new one, slow as it was, does not belie it."""
    global _again_at
    believed = _last is None or reading.took <= max(PROMPT, _last.took) or _belies(reading, _last)
    set_by(reading if believed or _last is None else replace(_last, database=_carried(_last, reading.steady), machine=reading.machine, steady=reading.steady))
    if reading.took > PROMPT:
        _again_at = reading.steady + SOON


def _carried(last: Reading, steady: float) -> float:
    """The database's time at that moment of the steady clock, by a reading before."""
    return last.database + steady - last.steady


def _belies(reading: Reading, last: Reading) -> bool:
    """Whether the two cannot both be right: this machine slept, or the database's clock was set."""
    return abs(reading.database - _carried(last, reading.steady)) > (reading.took + last.took) / 2
