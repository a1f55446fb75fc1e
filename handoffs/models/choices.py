"""An enumeration of the domain as the choices of a column."""

from typing import Any


def choices(values: type[Any]) -> list[tuple[str, str]]:
    return [(value.value, value.value.replace("_", " ")) for value in values]
