"""What the assistant's side and the sources say of one customer, put together: a brief keeps the values, the desk also shows who says so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from handoffs.models import Customer, CustomerRecord
from handoffs.snapshots import Record

# What tells one order or ticket from another, whatever it is called.
REFERENCES = ("id", "external_id", "number", "order_number", "order_id", "reference", "order", "ticket_id")
MOST_ORDERS = 200


@dataclass(frozen=True)
class Piece:
    """One field of the account, or one order or ticket, and who says so: sources by name; "" is the assistant's side."""

    value: Any
    by: tuple[str, ...]
    name: str = ""


def pieces(customer: Customer, rows: Iterable[CustomerRecord]) -> tuple[list[Piece], list[Piece], list[Piece]]:
    """The account's fields, the orders and the tickets. What the assistant's side sent comes first and stays; sources add to it in their order.

    A field that two name with different values stands there twice, the believed one first; an order that two name is one.
    """
    layers = [("", {"account": customer.account, "orders": customer.orders, "tickets": customer.tickets}), *((row.source.name, row.body) for row in rows)]
    return _fields(layers), _rows(layers, "orders"), _rows(layers, "tickets")


def filled(record: Record, customer: Customer, rows: Iterable[CustomerRecord]) -> Record:
    """The record of a brief with what the sources say: values of the assistant's side stay, then the first source that names a field counts."""
    fields, orders, _ = pieces(customer, rows)
    account: dict[str, tuple[str, Any]] = {}
    for name, value in [*((field.name, field.value) for field in fields), *record.account.items()]:
        account.setdefault(_folded(name), (name, value))
    known = [order.value for order in orders]
    known += [order for order in record.orders if not any(_same(order, other) for other in known)]
    return record.model_copy(update={"account": dict(account.values()), "orders": tuple(known[:MOST_ORDERS])})


def _fields(layers: list[tuple[str, Any]]) -> list[Piece]:
    found: dict[tuple[str, str], Piece] = {}
    for by, layer in layers:
        account = layer.get("account")
        for name, value in account.items() if isinstance(account, Mapping) else ():
            found.setdefault((_folded(name), str(value).strip().casefold()), Piece(value, (by,), str(name)))
    return list(found.values())


def _rows(layers: list[tuple[str, Any]], kind: str) -> list[Piece]:
    found: list[Piece] = []
    places: dict[str, int] = {}
    for by, layer in layers:
        for row in layer[kind] if isinstance(layer.get(kind), list) else ():
            fields = row if isinstance(row, Mapping) else {"title": row}
            place = places.get(_reference(fields)) if _reference(fields) else None
            if place is None or by in found[place].by:
                places.setdefault(_reference(fields), len(found))
                found.append(Piece(dict(fields), (by,)))
            else:
                added = {name: value for name, value in fields.items() if name not in REFERENCES}
                found[place] = Piece({**added, **found[place].value}, (*found[place].by, by))
    return found


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return one == other or (_reference(one) != "" and _reference(one) == _reference(other))


def _reference(row: Mapping[str, Any]) -> str:
    return next((str(row[name]).strip().casefold() for name in REFERENCES if row.get(name) not in (None, "")), "")


def _folded(name: object) -> str:
    return str(name).replace("_", " ").replace("-", " ").strip().casefold()
