"""Examples from a file: CSV with a header, or JSON lines; each row with `text` and `intent`. A broken row is reported and left out."""

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from handoffs.snapshots import LONGEST_TEXT

LONGEST_INTENT, LONGEST_HEADER = 100, 10_000
FIELDS = ("text", "intent")
OBJECT = re.compile(rb"^[ \t]*\{", re.M)
UNREADABLE = re.compile("[\x00\ufffd\ud800-\udfff]")


class Labelled(NamedTuple):
    text: str
    intent: str


class Broken(NamedTuple):
    """Line numbers begin at 1, a CSV's header included."""

    line: int
    reason: str


def read(body: bytes) -> tuple[list[Labelled], list[Broken]]:
    """The usable rows and the broken ones; gzipped or not. Raises ValueError when it is no such file at all."""
    whole = _unpacked(body).removeprefix(b"\xef\xbb\xbf")
    rows = _of_json(whole) if OBJECT.search(whole) and not _columns(whole) else _of_csv(whole)
    usable, broken = [], []
    for line, row in rows:
        try:
            usable.append(_checked(row))
        except ValueError as error:
            broken.append(Broken(line, str(error)))
    return usable, broken


def _unpacked(body: bytes) -> bytes:
    try:
        return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"not a gzip file: {error}") from None


def _of_json(body: bytes) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(body.splitlines(), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError):
                yield number, None


def _columns(body: bytes) -> dict[str, str]:
    """The names of a header as it writes them, by field; empty when the first line is none."""
    header = body.partition(b"\n")[0][:LONGEST_HEADER].decode("utf-8", "replace")
    names = {name.strip().lower(): name for name in next(csv.reader([header]), [])}
    return {field: names[field] for field in FIELDS} if set(FIELDS) <= set(names) else {}


def _of_csv(body: bytes) -> Iterator[tuple[int, Any]]:
    rows, names = csv.DictReader(io.StringIO(body.decode("utf-8", "replace"), newline="")), _columns(body)
    if not names:
        raise ValueError("neither JSON lines nor CSV whose first line names the columns text and intent")
    try:
        for row in rows:
            yield rows.line_num, {field: row[names[field]] for field in FIELDS}
    except csv.Error as error:
        yield rows.line_num, str(error)


def _checked(row: Any) -> Labelled:
    if not isinstance(row, dict):
        raise ValueError(row if isinstance(row, str) else "not a JSON object")
    for field in FIELDS:
        if not isinstance(row.get(field), str) or not row[field].strip():
            raise ValueError(f"no {field}")
    text, intent = row["text"].strip(), row["intent"].strip().lower()
    if UNREADABLE.search(text + intent):
        raise ValueError("characters that are none")
    if len(text.encode()) > LONGEST_TEXT:
        raise ValueError(f"text longer than {LONGEST_TEXT} bytes")
    if len(intent) > LONGEST_INTENT:
        raise ValueError(f"intent longer than {LONGEST_INTENT} characters")
    return Labelled(text, intent)
