"""What every benchmark answers with: rows of figures against a baseline of the same run, as a table for people or as one JSON object."""

import json
import sys
from collections.abc import Iterable
from statistics import median, quantiles
from typing import Any

JSON = "--json"
SHOWN = ("what", "baseline", "median", "p99", "ratio", "unit", "database")
Row = dict[str, Any]


def arguments() -> list[str]:
    """What was asked for besides the form of the answer."""
    return [word for word in sys.argv[1:] if word != JSON]


def p99(times: Iterable[float]) -> float:
    found = sorted(times)
    return quantiles(found, n=100, method="inclusive")[98] if len(found) > 1 else found[0]


def row(what: str, times: list[float], baseline: list[float] | None = None, **more: Any) -> Row:
    """Median and 99th percentile of what was measured (milliseconds unless `unit` says otherwise), and its ratio to the baseline's median."""
    least = median(baseline) if baseline else None
    return {"what": what, "baseline": least and round(least, 4), "median": round(median(times), 4), "p99": round(p99(times), 4),
            "ratio": round(median(times) / least, 2) if least else None, "unit": "ms", **more}


def figure(what: str, value: float, baseline: float | None = None, *, unit: str, **more: Any) -> Row:
    """One figure that has no distribution, as a rate or a count."""
    return {"what": what, "baseline": baseline and round(baseline, 4), "median": round(value, 4), "p99": None,
            "ratio": round(value / baseline, 2) if baseline else None, "unit": unit, **more}


def told(row: Row) -> str:
    """The row as a line of a table."""
    last = f"p99 {row['p99']:10.3f}" if row.get("p99") is not None else " " * 14
    ratio = f"{row['ratio']:9.2f} × baseline" if row.get("ratio") is not None else ""
    where = f"{row['database']:10} " if row.get("database") else ""
    more = ", ".join(f"{name} {value}" for name, value in row.items() if name not in SHOWN)
    return f"{where}{row['what']:58.58} {row['median']:11.3f} {row.get('unit', 'ms'):5} {last} {ratio}  {more}".rstrip()


def show(name: str, rows: list[Row]) -> None:
    """Print the rows in the form that was asked for."""
    if JSON in sys.argv:
        print(json.dumps({"name": name, "rows": rows}))
    else:
        print("\n".join(map(told, rows)))
