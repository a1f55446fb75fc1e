"""Does what is due, the eldest first, and lets duties take turns, so that a backlog of one holds up none of the others."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import Error
from django.db.models import Q, QuerySet

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
SWEEP, MAIL, BEGAN = "sweep", "read_mail", "began"
# What people miss when nothing does it, and the process that should. Look-ups, wordings and webhooks say by their own rows that they wait.
WATCHED = {
    SWEEP: "check-ins, undos and agents who are gone (sweep)",
    "offer": "offers to agents (sweep)",
    "overflow": "what waits where nobody may take it (worker)",
    "answer": "the built-in assistant's answers (worker)",
    "deliver": "letters and messages to customers (worker)",
    MAIL: "customers' mails (outside)",
    "foretell": "how long customers will wait (outside)",
}
LATE = timedelta(minutes=2)
# What is done each second shows it less often: each mark is a write.
MARKED = timedelta(seconds=10)
# After so long without a sweep nothing was woken either, and has its time anew.
PAUSED = timedelta(seconds=15)


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


def ran(name: str) -> None:
    """Let it be known that this was done to its end."""
    now = clock.now()
    if not Heartbeat.objects.filter(name=name, at__range=(now - MARKED, now + MARKED)).exists():
        Heartbeat.beat(name)


def swept() -> None:
    """The same for the sweep; when it begins, or begins again, nothing else is late yet."""
    if Heartbeat.objects.filter(Q(name=SWEEP, at__gt=clock.now() - PAUSED) | Q(name=BEGAN)).count() < 2:
        Heartbeat.beat(BEGAN)
    Heartbeat.beat(SWEEP)


def problems() -> tuple[str, ...]:
    """What people who run this should know, in words; nothing is good."""
    last, now = dict(Heartbeat.objects.order_by("name").values_list("name", "at")), clock.now()
    failed = ", ".join(name.removeprefix(FAILED) for name, at in last.items() if name.startswith(FAILED) and at > now - KNOWN_FOR)
    not_done = ", ".join(_not_done(last, now - LATE))
    return tuple(filter(None, (
        failed and f"What is due failed within the last minute and is tried again; the worker's log says why: {failed}.",
        not_done and f"Not done for more than {LATE.seconds // 60} minutes, so look whether these processes run: {not_done}.",
    )))


def _not_done(last: dict[str, datetime], since: datetime) -> list[str]:
    """What nobody has done since then, though the sweep had begun before; without a beat and a sweep that is everything."""
    if (began := last.get(BEGAN, since)) >= since:
        return []
    return [what for name, what in WATCHED.items() if last.get(name, began) < since and (name != MAIL or settings.IMAP_HOST)]


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
