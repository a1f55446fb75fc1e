"""Does what is due, the eldest first, and lets duties take turns, so that a backlog of one holds up none of the others."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import Error
from django.db.models import QuerySet

from handoffs import clock
from handoffs.models import Heartbeat
from handoffs.transitions import Stale

logger = logging.getLogger(__name__)

# Rows read for one turn of a duty.
AT_ONCE = 50
# Seconds after which it is another duty's turn, and after which no further round begins: beat asks for the next sweep each second.
SLICE, ROUNDS = 0.2, 0.8
POSTPONE = timedelta(seconds=10)
# What fails each time is tried more often than that.
KNOWN_FOR = timedelta(minutes=1)
FAILED = "failed "


@dataclass(frozen=True)
class Duty:
    """What is due, most urgent first, and what is done with each row; `column` says when to look again at one that failed."""

    due: Callable[[], "QuerySet[Any] | Sequence[Any]"]
    act: Callable[[Any], object]
    column: str = ""


def take_turns(duties: Iterable[Duty], *, steady: Callable[[], float] = time.monotonic) -> None:
    """Work on each duty for a moment, and while there is time again on those that have more to do. `steady` counts seconds."""
    end, left = steady() + ROUNDS, list(duties)
    while left and steady() < end:
        left = [duty for duty in left if _is_behind(duty, steady)]


def each(rows: Iterable[Any], act: Callable[[Any], object], *, due: str = "") -> None:
    """Do `act` for each row; one that fails is logged and does not stop the others. `due` names the column that says when to look again."""
    for row in rows:
        # Read before the act: what it changed on the row is undone in the database, not here.
        was_due = getattr(row, due) if due else None
        try:
            act(row)
        except SoftTimeLimitExceeded:
            raise
        except Stale:
            # Another worker was first, or a person.
            continue
        except Exception:
            logger.exception("%s failed for %s %s", act.__name__, type(row).__name__, row.pk)
            _put_off(row, act, due, was_due)


def problems() -> tuple[str, ...]:
    """What people who run this should know, in words; nothing is good."""
    failed = Heartbeat.objects.filter(name__startswith=FAILED, at__gt=clock.now() - KNOWN_FOR).order_by("name").values_list("name", flat=True)
    names = ", ".join(name.removeprefix(FAILED) for name in failed)
    return (f"What is due failed within the last minute and is tried again; the worker's log says why: {names}.",) if names else ()


def _put_off(row: Any, act: Callable[[Any], object], due: str, was_due: Any) -> None:
    """Look at it again later, and let it be known. When that cannot be written down, it is due at once."""
    try:
        if due:
            type(row).objects.filter(pk=row.pk, **{due: was_due}).update(**{due: clock.now() + POSTPONE})
        Heartbeat.beat(f"{FAILED}{act.__module__.rpartition('.')[2]}"[:20])
    except Error:
        logger.exception("%s %s cannot be put off", type(row).__name__, row.pk)


def _is_behind(duty: Duty, steady: Callable[[], float]) -> bool:
    """Work on it for its slice, on one row at least; whether more may be due."""
    until, rows = steady() + SLICE, list(duty.due()[:AT_ONCE])
    for done, row in enumerate(rows):
        if done and steady() >= until:
            return True
        each([row], duty.act, due=duty.column)
    return len(rows) == AT_ONCE
