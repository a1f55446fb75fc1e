"""The text of a statement, with a place for each value that is named when it is run."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field
from django.db.models.sql.compiler import SQLCompiler


class Given(Expression):
    """A value that is named when the statement is run; `kind` says how the database wants it."""

    def __init__(self, name: str, kind: "Field[Any, Any]") -> None:
        super().__init__(output_field=kind)
        self.name, self.kind = name, kind

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        return "%s", [self]


@dataclass(frozen=True)
class Statement:
    """`places` are the values of the text's %s in order: what is always the same, or Given."""

    text: str
    places: tuple[Any, ...]

    def filled(self, given: Mapping[str, Any], connection: BaseDatabaseWrapper) -> tuple[Any, ...]:
        """The values to run it with. Raises KeyError for one that was not named."""
        return tuple(each.kind.get_db_prep_value(given[each.name], connection) if isinstance(each, Given) else each for each in self.places)


def settled(text: str, values: Iterable[Any], connection: BaseDatabaseWrapper) -> Statement:
    """What is always the same stands in the text, where the database can write it there: it plans once, and must see that a partial index fits."""
    write: Callable[[Any], str] | None = getattr(connection, "written", None)
    if write is None:
        return Statement(text, tuple(values))
    first, *rest = text.split("%s")
    places, words = [], [first]
    for value, after in zip(values, rest, strict=True):
        words += ["%s" if isinstance(value, Given) else write(value).replace("%", "%%"), after]
        places += [value] if isinstance(value, Given) else []
    return Statement("".join(words), tuple(places))
