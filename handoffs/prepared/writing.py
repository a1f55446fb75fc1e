"""Rows put in and changed by statements that are put together once; each says what came of it."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, Model, QuerySet
from django.db.models.sql import UpdateQuery

from handoffs.prepared.statements import Statement, settled
from handoffs.prepared.trips import Asked, together

Kind = TypeVar("Kind", bound=Model)


class Insert(Generic[Kind]):
    """Rows of a model, several with one statement. They must be filled in; afterwards they have their keys."""

    def __init__(self, model: type[Kind]) -> None:
        self._model = model

    def asked(self, *rows: Kind) -> Asked[Kind]:
        connection, fields = connections[DEFAULT_DB_ALIAS], _columns(self._model)
        values = tuple(field.get_db_prep_save(field.pre_save(row, True), connection) for row in rows for field in fields)

        def read(keys: Iterable[tuple[Any, ...]]) -> list[Kind]:
            for row, (key,) in zip(rows, keys, strict=True):
                row.pk = row.pk or key
                row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
            return list(rows)

        return Asked(_text(self._model, len(rows)), values, read)

    def all(self, *rows: Kind) -> list[Kind]:
        (put,) = together(self.asked(*rows))
        return put


class Update:
    """Changes to the rows of a query; the answer has the columns `returning` of each row that was changed, as tuples."""

    def __init__(self, compose: Callable[[], QuerySet[Any, Any]], returning: tuple[str, ...], **changes: Any) -> None:
        self._compose, self._returning, self._changes = compose, returning, changes
        self._statement: Statement | None = None

    def asked(self, **given: Any) -> Asked[tuple[Any, ...]]:
        statement = self._statement = self._statement or self._put_together()
        return Asked(statement.text, statement.filled(given, connections[DEFAULT_DB_ALIAS]), list)

    def first(self, **given: Any) -> tuple[Any, ...] | None:
        (rows,) = together(self.asked(**given))
        return rows[0] if rows else None

    def _put_together(self) -> Statement:
        query: UpdateQuery = self._compose().query.chain(UpdateQuery)  # type: ignore[assignment]
        query.add_update_values(self._changes)
        text, values = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        return settled(f"{text} RETURNING {', '.join(self._returning)}", values, connections[DEFAULT_DB_ALIAS])


@lru_cache
def _columns(model: type[Model]) -> "tuple[Field[Any, Any], ...]":
    """All but what the database fills in."""
    return tuple(field for field in model._meta.local_concrete_fields if field is not model._meta.auto_field and not field.generated)


@lru_cache
def _text(model: type[Model], count: int) -> str:
    quote, columns = connections[DEFAULT_DB_ALIAS].ops.quote_name, _columns(model)
    names, row = ", ".join(quote(str(field.column)) for field in columns), f"({', '.join(['%s'] * len(columns))})"
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    return f"INSERT INTO {table} ({names}) VALUES {', '.join([row] * count)} RETURNING {key}"  # noqa: S608
