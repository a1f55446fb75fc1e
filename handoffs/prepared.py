"""Questions to the database that are put together once and asked many times: for a row found by its key, Django's composing costs more than the answer.

    _by_code = Prepared(lambda: Team.objects.filter(code=Given("code", CharField())))
    team = _by_code.one(code="billing")
"""

from collections.abc import Callable
from copy import copy
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Field, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")


class Given(Expression):
    """A value that is named when the question is asked; `kind` says how the database wants it."""

    def __init__(self, name: str, kind: "Field[Any, Any]") -> None:
        super().__init__(output_field=kind)
        self.name, self.kind = name, kind

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        return "%s", [self]


class Prepared(Generic[Row]):
    """Rows by an ordinary query, with `Given` where a value differs from time to time."""

    def __init__(self, compose: Callable[[], QuerySet[Any, Row]]) -> None:
        self._compose = compose
        self._composed: tuple[QuerySet[Any, Row], SQLCompiler, str, tuple[Any, ...]] | None = None

    def all(self, **given: Any) -> list[Row]:
        rows, compiler, statement, values = self._composed = self._composed or self._put_together()
        asked = copy(compiler)
        asked.connection = connection = connections[DEFAULT_DB_ALIAS]
        filled = tuple(each.kind.get_db_prep_value(given[each.name], connection) if isinstance(each, Given) else each for each in values)
        asked.as_sql = lambda *_, **__: (statement, filled)  # type: ignore[method-assign]
        return list(rows._iterable_class(_Asked(rows, asked)))  # type: ignore[arg-type, call-overload, no-any-return]

    def first(self, **given: Any) -> Row | None:
        return next(iter(self.all(**given)), None)

    def one(self, **given: Any) -> Row:
        """Raises the model's DoesNotExist when there is none. For what can be there only once."""
        rows, model = self.all(**given), (self._composed or self._put_together())[0].model
        if not rows:
            raise model.DoesNotExist(f"no such {model._meta.verbose_name}")
        return rows[0]

    def _put_together(self) -> tuple[QuerySet[Any, Row], SQLCompiler, str, tuple[Any, ...]]:
        rows = self._compose()
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        statement, values = compiler.as_sql()
        return rows, compiler, statement, tuple(values)


class _Asked:
    """What Django needs to know of a query to make rows of what comes back."""

    def __init__(self, rows: QuerySet[Any, Any], compiler: SQLCompiler) -> None:
        self.db, self.query, self.model, self._compiler = DEFAULT_DB_ALIAS, self, rows.model, compiler
        self._known_related_objects: dict[Any, Any] = {}

    def get_compiler(self, using: str) -> SQLCompiler:
        return self._compiler
