"""Questions: rows by an ordinary query that is put together once."""

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.models.query import ModelIterable, get_related_populators
from django.db.models.sql.compiler import SQLCompiler

from handoffs.prepared.statements import Statement, settled
from handoffs.prepared.trips import Asked, together

Row = TypeVar("Row")


class Prepared(Generic[Row]):
    """Rows by an ordinary query, models or `values_list`, with `Given` where a value differs from time to time."""

    def __init__(self, compose: Callable[[], QuerySet[Any, Row]]) -> None:
        self._compose = compose
        self._composed: tuple[Statement, Callable[[Iterable[tuple[Any, ...]]], list[Row]]] | None = None

    def asked(self, **given: Any) -> Asked[Row]:
        """The question with its values, for `together`."""
        statement, read = self._composed = self._composed or self._put_together()
        return Asked(statement.text, statement.filled(given, connections[DEFAULT_DB_ALIAS]), read)

    def all(self, **given: Any) -> list[Row]:
        (rows,) = together(self.asked(**given))
        return rows

    def first(self, **given: Any) -> Row | None:
        return next(iter(self.all(**given)), None)

    def one(self, **given: Any) -> Row:
        """Raises the model's DoesNotExist when there is none. For what can be there only once."""
        if rows := self.all(**given):
            return rows[0]
        model = self._compose().model
        raise model.DoesNotExist(f"no such {model._meta.verbose_name}")

    def _put_together(self) -> tuple[Statement, Callable[[Iterable[tuple[Any, ...]]], list[Row]]]:
        rows = self._compose()
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        text, values = compiler.as_sql()
        return settled(text, values, connections[DEFAULT_DB_ALIAS]), _reader(rows, compiler)


def _reader(rows: QuerySet[Any, Any], compiler: SQLCompiler) -> Callable[[Iterable[tuple[Any, ...]]], list[Any]]:
    """What makes Python values, then models, of the columns; worked out once."""
    make = _maker(compiler) if rows._iterable_class is ModelIterable else tuple
    converters = compiler.get_converters([column for column, *_ in compiler.select[: compiler.col_count]])
    if not converters:
        return lambda found: [make(row) for row in found]
    return lambda found: [make(row) for row in compiler.apply_converters(found, converters)]  # type: ignore[arg-type]


def _maker(compiler: SQLCompiler) -> Callable[[tuple[Any, ...]], Any]:
    """A row's model with what `select_related` and annotations add to it, as Django's own ModelIterable makes it."""
    shape: dict[str, Any] = compiler.klass_info or {}
    model, columns, added = shape["model"], shape["select_fields"], compiler.annotation_col_map or {}
    start, end = columns[0], columns[-1] + 1
    names = [column.target.attname for column, *_ in compiler.select[start:end]]
    related = get_related_populators(shape, compiler.select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]

    def make(row: tuple[Any, ...]) -> Any:
        made = model.from_db(DEFAULT_DB_ALIAS, names, row[start:end])
        for each in related:
            each.populate(row, made)
        for name, place in added.items():
            setattr(made, name, row[place])
        return made

    return make
