"""`make faults`: every fault on both databases, one world for those that want the same processes; a table, var/faults.json, and an exit code."""

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402

from tests.faults.every import FAULTS  # noqa: E402
from tests.faults.table import BOTH, Fault  # noqa: E402

COLUMNS = ("fault", "database", "seeds", "operations", "acknowledged", "lost", "doubled", "gaps", "right_after", "seconds", "result")
START = 25  # seconds for the processes of a world to start and end
PATIENCE = 4  # times the estimate, then a world is given up


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    wanted = _arguments()
    groups = [(database, faults) for database in wanted.database for faults in _groups(database, wanted.only)]
    seconds = sum(START + wanted.seeds * sum(fault.seconds for fault in faults) for _, faults in groups)
    print(f"{sum(len(faults) for _, faults in groups)} rows, {wanted.seeds} seeds each: about {seconds / 60:.0f} min", flush=True)
    print(_line(COLUMNS), flush=True)
    found = [row for database, faults in groups for row in _rows(database, faults, wanted)]
    broken = sum(row["result"] != "ok" for row in found)
    print(f"{sum(row['acknowledged'] for row in found)} operations acknowledged, {broken} of {len(found)} rows broken")
    return int(bool(broken or not found))


def _groups(database: str, only: list[str]) -> list[list[Fault]]:
    """The wanted faults that this database can have, by the world they want."""
    wanted = [fault for fault in FAULTS.values() if database in fault.databases and (not only or fault.name in only)]
    settings_in_order = list(dict.fromkeys(str(fault.setting) for fault in wanted))
    return [[fault for fault in wanted if str(fault.setting) == setting] for setting in settings_in_order]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], choices=sorted(FAULTS), help="faults, by name")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--operations", type=int, default=500, help="acknowledged ones, at least, for each seed")
    parser.add_argument("--database", nargs="*", default=BOTH, choices=BOTH)
    return parser.parse_args()


def _rows(database: str, faults: list[Fault], wanted: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """The rows of one world; after one whose run failed the rest gets another."""
    left = list(faults)
    while left:
        came = 0
        for row in _run(database, left, wanted):
            came += 1
            yield _told(row)
        if not came:
            yield _told({**dict.fromkeys(COLUMNS, 0), "fault": left[0].name, "what": left[0].what, "database": database, "result": "broken", "measures": {},
                         "problems": [f"the run broke off: see {_log(database)}"]})
        left = left[max(1, came) :]


def _run(database: str, faults: list[Fault], wanted: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """The rows as their process prints them; it is ended when it takes far too long."""
    command = [sys.executable, "-m", "tests.faults.row", database, *map(str, (wanted.first_seed, wanted.seeds, wanted.operations))]
    most = (START + wanted.seeds * sum(fault.seconds for fault in faults)) * PATIENCE
    with open(_log(database), "ab") as errors:
        process = subprocess.Popen([*command, *(fault.name for fault in faults)], cwd=ROOT, stdout=subprocess.PIPE, stderr=errors)
    alarm = Timer(most, process.terminate)
    alarm.start()
    try:
        for line in process.stdout or ():
            yield dict(json.loads(line))
    finally:
        alarm.cancel()
        process.terminate()
        process.wait()


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """Onto the terminal and into var/faults.json, in place of what the same row said before."""
    print(_line([row[name] for name in COLUMNS]), *(f"\n    {words}" for words in row["problems"]), flush=True)
    path = Path(settings.VAR) / "faults.json"
    rows = json.loads(path.read_text())["rows"] if path.exists() else []
    others = [each for each in rows if (each["fault"], each["database"]) != (row["fault"], row["database"])]
    path.write_text(json.dumps({"rows": [*others, row]}, indent=1))
    return row


def _log(database: str) -> Path:
    folder = Path(settings.VAR) / "log"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"faults-{database}.log"


def _line(values: Any) -> str:
    widths = (20, 11, 5, 10, 12, 5, 8, 5, 11, 8, 7)
    return "  ".join(str(value).ljust(width) for value, width in zip(values, widths, strict=True)).rstrip()


if __name__ == "__main__":
    sys.exit(main())
