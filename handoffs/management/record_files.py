"""Customers' records from files: CSV with a header, or JSON lines, packed with gzip or not. A row that cannot be used is named with its line and left out."""

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from handoffs.records import Found
from handoffs.records.fitting import fitted

LONGEST_KEY = 254
DELIMITERS = ",;\t|"
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
WIDE = (b"\xff\xfe", b"\xfe\xff")


class Unreadable(ValueError):
    """No row of the file can be trusted; the words say what to do."""


class Row(NamedTuple):
    """A usable row: the customer's id or, without one, their e-mail; their e-mail beside an id; and what is kept."""

    line: int
    key: str
    email: str
    body: dict[str, Any]


class Refused(NamedTuple):
    line: int
    reason: str


class Columns(NamedTuple):
    """What the columns of the customer's id and e-mail are called."""

    id: str = "external_id"
    email: str = "email"


def read(path: Path, columns: Columns, encoding: str) -> Iterator[Row | Refused]:
    """Each row of the file, in order. Line numbers begin at 1, a CSV's header included. Raises Unreadable, OSError."""
    text = _text(_unpacked(path.read_bytes()), encoding)
    start = text.lstrip()[:1]
    if start == "[":
        raise Unreadable("is one JSON list; an object on each line is needed")
    for line, fields in _of_json(text) if start == "{" else _of_csv(text, columns):
        try:
            yield _row(line, fields, columns)
        except ValueError as error:
            yield Refused(line, str(error))


def without_repeats(rows: Iterable[Row | Refused]) -> Iterator[Row | Refused]:
    """The same, where a key that was there before is refused."""
    first: dict[str, int] = {}
    for row in rows:
        if isinstance(row, Row) and first.setdefault(row.key, row.line) != row.line:
            yield Refused(row.line, f"{row.key!r} was in line {first[row.key]} already")
        else:
            yield row


def _unpacked(body: bytes) -> bytes:
    try:
        return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(f"is no whole gzip file: {error}") from None


def _text(body: bytes, encoding: str) -> str:
    if body[:2] == b"PK":
        raise Unreadable("is a spreadsheet or a zip; save it as CSV")
    try:
        return body.decode("utf-16" if body[:2] in WIDE else encoding).removeprefix("\ufeff")
    except LookupError:
        raise Unreadable(f"cannot be read as {encoding!r}: no such encoding") from None
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"line {line}: not {error.encoding}; save the file as UTF-8, or name its encoding, as --encoding cp1252") from None


def _of_json(text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, json.loads(line, parse_constant=lambda name: f"{name}")
            except (ValueError, RecursionError):
                yield number, "not a JSON object"


def _of_csv(text: str, columns: Columns) -> Iterator[tuple[int, Any]]:
    """Rows as objects, by the header's names; a row of another width is a reason."""
    first = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=first.count), strict=True)
    try:
        names = [name.strip() for name in next(rows, [])]
        if not {_folded(columns.id), _folded(columns.email)} & set(map(_folded, names)):
            raise Unreadable(f"has no column {columns.id!r} or {columns.email!r}; its first line must name the columns. Others: --id NAME, --email NAME")
        if len(set(names)) < len(names):
            raise Unreadable("names a column twice in its first line")
        for row in rows:
            if any(value.strip() for value in row):
                yield rows.line_num, dict(zip(names, row, strict=True)) if len(row) == len(names) else f"{len(row)} values for {len(names)} columns"
    except csv.Error as error:
        raise Unreadable(f"line {rows.line_num}: {error}; a quotation mark may not be closed") from None


def _row(line: int, fields: Any, columns: Columns) -> Row:
    """Raises ValueError with the reason."""
    if not isinstance(fields, dict):
        raise ValueError(fields if isinstance(fields, str) else "not a JSON object")
    given = {name: value for name, value in fields.items() if value not in (None, "")}
    key, email = _key(_taken(given, columns.id)), _key(_taken(given, columns.email)).lower()
    if not (key or email):
        raise ValueError(f"neither {columns.id} nor {columns.email}")
    if email and not EMAIL.fullmatch(email):
        raise ValueError(f"{email[:60]!r} is no e-mail address")
    account = _list_or_object(given, "account", dict)
    rows = {kind: tuple(_list_or_object(given, kind, list)) for kind in ("orders", "tickets")}
    beside = {"email": email} if key and email else {}
    body = fitted(Found({**beside, **account, **given}, **rows))
    if not any(body.values()):
        raise ValueError("nothing beside the key")
    return Row(line, key or email, email if key else "", body)


def _taken(fields: dict[str, Any], column: str) -> Any:
    name = next((name for name in fields if _folded(name) == _folded(column)), None)
    return fields.pop(name) if name is not None else ""


def _key(value: Any) -> str:
    if isinstance(value, bool | float | list | dict):
        raise ValueError(f"{json.dumps(value)[:60]} cannot be a key")
    key = str(value).strip()
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise ValueError(f"a key has at most {LONGEST_KEY} characters, on one line")
    return key


def _list_or_object(fields: dict[str, Any], name: str, kind: type) -> Any:
    """That field, taken out. A text, as a CSV has, is a field like others."""
    if isinstance(fields.get(name), str):
        return kind()
    value = fields.pop(name, None) or kind()
    if not isinstance(value, kind):
        raise ValueError(f"{name} must be {'a list' if kind is list else 'an object'}")
    return value


def _folded(name: str) -> str:
    """`External ID` and `e-mail` are `externalid` and `email`."""
    return re.sub(r"[\W_]+", "", str(name)).casefold()
