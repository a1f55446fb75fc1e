"""The customer's panel on a desk: what is known of them, grouped by who says so, and how the look-ups stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils import timezone

from handoffs import lookups
from handoffs.lookups import Piece
from handoffs.models import Customer, CustomerRecord

FIELDS_SHOWN, ROWS_SHOWN, MOST = 8, 5, 50
OURS = "Sent with the conversation"


@dataclass(frozen=True)
class Group:
    """Pieces that come from the same place; `origin` is empty where nothing needs telling apart."""

    origin: str
    pieces: list[Piece]


@dataclass(frozen=True)
class Block:
    """What stands in a block, what is folded under it, and how many more there are than a page should hold."""

    count: int
    first: list[Group]
    rest: list[Group]
    folded: int
    left_out: int


def shown(customer: Customer) -> dict[str, Any]:
    """What the panel needs, the same for whoever looks; one query."""
    rows = lookups.of(customer)
    fields, orders, tickets = lookups.pieces(customer, rows)
    origins = {"": OURS, **{row.source.name: _origin(row) for row in rows}} if any(row.body for row in rows) else {}
    resting = [row for row in rows if row.due_at is None]
    return {
        "account": _block(fields, FIELDS_SHOWN, origins),
        "orders": _block(orders, ROWS_SHOWN, origins, _unkept(rows, "orders")),
        "tickets": _block(tickets, ROWS_SHOWN, origins, _unkept(rows, "tickets")),
        "looking_up": [f"{row.source.name} again" if row.error else row.source.name for row in rows if row.due_at is not None],
        "not_loaded": [row for row in resting if row.error],
        "without_record": [row.source.name for row in resting if not row.error and not any(row.body.values())],
    }


def _block(pieces: Sequence[Piece], many: int, origins: dict[str, str], unkept: int = 0) -> Block:
    order = list(dict.fromkeys(piece.by for piece in pieces))
    pieces = sorted(pieces, key=lambda piece: order.index(piece.by))
    # A fold with a single line in it would save nothing.
    many = many + 1 if len(pieces) == many + 1 else many
    first, rest, whole = pieces[:many], pieces[many:MOST], len(pieces) + unkept
    return Block(whole, _groups(first, origins), _groups(rest, origins), whole - len(first), whole - len(first) - len(rest))


def _unkept(rows: list[CustomerRecord], kind: str) -> int:
    """How many rows the sources have that were not kept."""
    return sum(row.body.get("left_out", {}).get(kind, 0) for row in rows)


def _groups(pieces: Sequence[Piece], origins: dict[str, str]) -> list[Group]:
    return [Group(" and ".join(filter(None, (origins.get(name, "") for name in by))), list(group)) for by, group in groupby(pieces, lambda piece: piece.by)]


def _origin(row: CustomerRecord) -> str:
    if row.loaded_at is None:
        return row.source.name
    at, today = timezone.localtime(row.loaded_at), timezone.localdate()
    return f"{row.source.name}, {at:%H:%M}" if at.date() == today else f"{row.source.name}, {at.day} {at:%b, %H:%M}"
