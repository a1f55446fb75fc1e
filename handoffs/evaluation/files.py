"""The labelled files of a measurement: JSON lines, gzipped or not."""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Files:
    """Rows to train on, to choose limits on, and to measure on; the `oos_` rows belong to no intent. A simulation has a scenario and a seed instead."""

    train: tuple[Row, ...] = ()
    dev: tuple[Row, ...] = ()
    test: tuple[Row, ...] = ()
    oos_train: tuple[Row, ...] = ()
    oos_test: tuple[Row, ...] = ()
    scenario: str = field(default="", kw_only=True)
    discipline: str = field(default="", kw_only=True)
    log: Path | None = field(default=None, kw_only=True)
    picture: Path | None = field(default=None, kw_only=True)
    seed: int = field(default=0, kw_only=True)


def read(paths: Iterable[Path]) -> tuple[Row, ...]:
    """Every row of the files, in order; `file` is added: the name the row came from. Raises ValueError that names the file, and the line if one is broken."""
    return tuple(row for path in paths for row in _rows(path))


def _rows(path: Path) -> list[Row]:
    try:
        return [{**_object(line, f"{path}, line {number}"), "file": path.name} for number, line in enumerate(_lines(path), 1)]
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: {getattr(error, 'strerror', None) or error}") from None


def _lines(path: Path) -> Iterator[str]:
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
        yield from lines


def _object(line: str, place: str) -> Row:
    try:
        row = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"{place}: {error}") from None
    if not isinstance(row, dict):
        raise ValueError(f"{place}: not a JSON object")
    return row
