"""Emptying the database beside a running product."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import OperationalError
from django.db.backends.base.operations import BaseDatabaseOperations

RETRIES = 20


def patient(flush: Callable[[BaseDatabaseOperations, Sequence[str]], None]) -> Callable[[BaseDatabaseOperations, Sequence[str]], None]:
    """TRUNCATE and the product lock tables in different orders: at a deadlock PostgreSQL ends whichever has waited for long, and that may be the test's."""

    def again(operations: Any, statements: Sequence[str], retries: int = RETRIES) -> None:
        try:
            flush(operations, statements)
        except OperationalError as error:
            if not retries or "deadlock" not in str(error):
                raise
            again(operations, statements, retries - 1)

    return again
