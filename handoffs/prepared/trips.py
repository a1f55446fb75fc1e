"""One trip to the database for one statement or several."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections

Row = TypeVar("Row")


@dataclass(frozen=True)
class Asked(Generic[Row]):
    """A statement with its values, and what makes rows of what comes back."""

    text: str
    values: tuple[Any, ...]
    read: Callable[[Iterable[tuple[Any, ...]]], list[Row]]


def together(*asked: Asked[Any]) -> list[list[Any]]:
    """What each answers, in order. They are run one after the other, on PostgreSQL without waiting for each answer; if one fails, so do those after it."""
    connection = connections[DEFAULT_DB_ALIAS]
    if run := getattr(connection, "run_together", None):
        found = run([(each.text, each.values) for each in asked])
    else:
        found = [connection.cursor().execute(each.text, each.values).fetchall() for each in asked]
    return [each.read(rows) for each, rows in zip(asked, found, strict=True)]


def last(*asked: Asked[Any]) -> None:
    """Run them as the last of the surrounding transaction, on PostgreSQL in one trip with its COMMIT; what is asked before that is asked after them.

    What they put in has its keys only then, and what they break is told then.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if run := getattr(connection, "run_last", None):
        run([(each.text, each.values) for each in asked], lambda found: [each.read(rows) for each, rows in zip(asked, found, strict=True)])
    else:
        together(*asked)
