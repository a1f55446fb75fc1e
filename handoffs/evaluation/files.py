"""The labelled files of a measurement: JSON lines, gzipped or not."""

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Files:
    """Rows to train on, to choose limits on, and to measure on; the `oos_` rows belong to no intent."""

    train: tuple[Row, ...] = ()
    dev: tuple[Row, ...] = ()
    test: tuple[Row, ...] = ()
    oos_train: tuple[Row, ...] = ()
    oos_test: tuple[Row, ...] = ()


def read(paths: Iterable[Path]) -> tuple[Row, ...]:
    """Every row of the files, in order; `file` is added: the name the row came from. Raises ValueError that names the broken line."""
    return tuple(row for path in paths for row in _rows(path))


def _rows(path: Path) -> list[Row]:
    opener = gzip.open if path.suffix == ".gz" else open
    rows = []
    with opener(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                rows.append({**json.loads(line), "file": path.name})
            except (ValueError, TypeError) as error:
                raise ValueError(f"{path}, line {number}: {error}") from None
    return rows
