"""First requests that still run say so every few seconds, in a thread of their own: a repeat need not wait long for a process that died."""

import logging
import time
from functools import cache
from threading import Thread
from typing import Protocol

from django.db import close_old_connections

logger = logging.getLogger(__name__)

EVERY = 4.0


class Running(Protocol):
    """What runs; most of it is done before it is ever renewed."""

    def renew(self) -> bool:
        """Say that it still runs; False when there is no use in that any more."""


_running: set[Running] = set()


def add(one: Running) -> None:
    _running.add(one)
    _begin()


def drop(one: Running) -> None:
    _running.discard(one)


def renew() -> None:
    """One round, over everything that runs."""
    for one in list(_running):
        if not one.renew():
            drop(one)


@cache
def _begin() -> None:
    Thread(target=_renew_forever, name="first-requests", daemon=True).start()


def _renew_forever() -> None:
    while True:
        time.sleep(EVERY)
        try:
            renew()
        except Exception as error:
            logger.warning("what runs could not be renewed: %s", type(error).__name__)
        finally:
            close_old_connections()
