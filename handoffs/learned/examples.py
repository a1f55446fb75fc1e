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

LONGEST_INTENT = 100
FIELDS = ("text", "intent")
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
    rows = _of_json(whole) if whole.lstrip()[:1] == b"{" else _of_csv(whole.decode("utf-8", "replace"))
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


def _of_csv(text: str) -> Iterator[tuple[int, Any]]:
    rows = csv.DictReader(io.StringIO(text, newline=""))
    names = {name.strip().lower(): name for name in rows.fieldnames or ()}
    if not set(FIELDS) <= set(names):
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
