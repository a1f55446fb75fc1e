"""Cuts what a source says to a size that a page, a brief and both databases can hold."""

from collections.abc import Mapping
from typing import Any

from handoffs.records import Found

LONGEST_TEXT, LONGEST_NAME = 500, 80
MOST_FIELDS, MOST_ROWS, DEEPEST = 60, 200, 3
DIGITS = 10**30


def fitted(found: Found) -> dict[str, Any]:
    """As it is stored: `account` an object, `orders` and `tickets` lists of objects, and `left_out`, how many of a list were too many."""
    left_out = {kind: len(rows) - MOST_ROWS for kind, rows in (("orders", found.orders), ("tickets", found.tickets)) if len(rows) > MOST_ROWS}
    kept = {"account": _fields(found.account, 0), "orders": _rows(found.orders), "tickets": _rows(found.tickets)}
    return kept | ({"left_out": left_out} if left_out else {})


def _rows(rows: tuple[Any, ...]) -> list[dict[str, Any]]:
    named = (row if isinstance(row, Mapping) else {"title": row} for row in rows[:MOST_ROWS])
    return [fields for row in named if (fields := _fields(row, 0))]


def _fields(fields: Mapping[str, Any], depth: int) -> dict[str, Any]:
    given = [(str(name), value) for name, value in fields.items() if value not in (None, "", [], {})]
    return {_text(name, LONGEST_NAME): _fit(value, depth + 1) for name, value in given[:MOST_FIELDS]}


def _fit(value: Any, depth: int) -> Any:
    if isinstance(value, bool) or (isinstance(value, int | float) and abs(value) < DIGITS):
        return value
    if depth < DEEPEST and isinstance(value, Mapping):
        return _fields(value, depth)
    if depth < DEEPEST and isinstance(value, list | tuple):
        return [_fit(each, depth + 1) for each in value[:MOST_FIELDS]]
    return _text("…" if isinstance(value, Mapping | list | tuple) else str(value), LONGEST_TEXT)


def _text(text: str, longest: int) -> str:
    """Without what no database keeps in a text: NUL, and halves of surrogate pairs."""
    text = text.replace("\0", "").encode("utf-8", "replace").decode().strip()
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
