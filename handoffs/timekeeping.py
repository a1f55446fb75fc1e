"""Reads the database's clock with a connection that was just made, when that is due: no request pays more than that, and none waits in a transaction."""

import logging
import time
from datetime import timedelta
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from handoffs import clock
from handoffs.models import Heartbeat

logger = logging.getLogger(__name__)

# Seconds since 1970.
THEIRS = {"postgresql": "SELECT extract(epoch FROM clock_timestamp())", "sqlite": "SELECT (julianday('now') - 2440587.5) * 86400"}
# Seconds; what is sent between machines by their own clocks (Celery's wake-up calls) is good for three.
TOLERATED = 2.0
KNOWN_FOR = timedelta(minutes=1)


def connect() -> None:
    connection_created.connect(keep, dispatch_uid="clock")


def disconnect() -> None:
    """Go by this machine's clock, as tests do that turn it."""
    connection_created.disconnect(dispatch_uid="clock")
    clock.set_by(None)


def keep(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if clock.is_stale():
        clock.learn(read(connection))
        if is_apart():
            logger.warning("this machine's clock is %.1f s ahead of the database's", clock.apart())


def read(connection: BaseDatabaseWrapper) -> clock.Reading:
    """The database's time belongs to the middle of asking for it. Raises django.db.DatabaseError."""
    machine, steady = time.time(), time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute(THEIRS[connection.vendor])
        (theirs,) = cursor.fetchone()
    took = time.monotonic() - steady
    return clock.Reading(float(theirs), machine + took / 2, steady + took / 2, took)


def is_apart() -> bool:
    return abs(clock.apart()) > TOLERATED


def note() -> None:
    """Let the others know when this machine's clock is off."""
    if is_apart():
        Heartbeat.beat("clock")


def problems() -> tuple[str, ...]:
    """What people who run this should know, in words; nothing is good."""
    mine = f"this machine's clock is {clock.apart():.0f} s ahead of the database's" if is_apart() else ""
    theirs = "a worker's clock is not the database's" if Heartbeat.objects.filter(name="clock", at__gt=clock.now() - KNOWN_FOR).exists() else ""
    return tuple(filter(None, (mine, theirs)))
