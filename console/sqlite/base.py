"""Write transactions of one process wait for their turn in the process, not in SQLite.

SQLite lets one write at a time, and who finds it busy sleeps and looks again, longer each time: under load some sleep for seconds while newcomers are served.
"""

import threading
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base

PATIENCE = 20.0  # seconds, as SQLite's own

_turn = threading.Lock()


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that holds the process's turn from the beginning of a transaction to its end."""

    _has_turn = False

    def _start_transaction_under_autocommit(self) -> None:
        if not _turn.acquire(timeout=PATIENCE):
            raise OperationalError("database is locked")
        self._has_turn = True
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._pass_on()
            raise

    def _commit(self) -> Any:
        try:
            return super()._commit()  # type: ignore[misc]
        finally:
            self._pass_on()

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            self._pass_on()

    def _close(self) -> Any:
        try:
            return super()._close()  # type: ignore[misc]
        finally:
            self._pass_on()

    def _pass_on(self) -> None:
        if self._has_turn:
            self._has_turn = False
            _turn.release()
