"""`make faults`: every fault on both databases, each row in a world of its own, some at once; a table, var/faults.json, and an exit code."""

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from threading import Lock, Timer
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402

from tests.faults.every import FAULTS  # noqa: E402
from tests.faults.table import BOTH, LONGEST_WORK, Fault  # noqa: E402

COLUMNS = ("fault", "database", "seeds", "operations", "acknowledged", "lost", "doubled", "gaps", "right_after", "seconds", "result")
START = 25  # seconds for the processes of a world to start and end
A_SECOND, PEOPLE = 12, 22  # acknowledged operations while nothing stands still, at least, and who does them
PATIENCE = 4  # times the estimate, then a world is given up

_running: set[subprocess.Popen[bytes]] = set()
_file = Lock()


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    wanted = _arguments()
    rows = [(fault, database) for fault in FAULTS.values() for database in wanted.database
            if database in fault.databases and (not wanted.only or fault.name in wanted.only)]
    # The longest first: the last to end are short then.
    rows.sort(key=lambda row: -row[0].seconds)
    seconds = sum(_seconds(fault, wanted) for fault, _ in rows) / wanted.lanes
    print(f"{len(rows)} rows, {wanted.seeds} seeds each, {wanted.lanes} at once: about {seconds / 60:.0f} min", flush=True)
    print(_line(COLUMNS), flush=True)
    found = [_told(row) for row in _all(rows, wanted)]
    broken = sum(row["result"] != "ok" for row in found)
    print(f"{sum(row['acknowledged'] for row in found)} operations acknowledged, {broken} of {len(found)} rows broken")
    return int(bool(broken or not found))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], choices=sorted(FAULTS), help="faults, by name")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--operations", type=int, default=500, help="acknowledged ones, at least, for each seed")
    parser.add_argument("--think", type=float, default=0.0, help="seconds between two acts of somebody, on average: for more lanes than the machine has cores")
    parser.add_argument("--lanes", type=int, default=1, help="rows at once")
    parser.add_argument("--database", nargs="*", default=BOTH, choices=BOTH)
    return parser.parse_args()


def _seconds(fault: Fault, wanted: argparse.Namespace) -> float:
    """About how long a row takes: its fault comes when what is asked for has been done."""
    work = min(LONGEST_WORK, wanted.operations / A_SECOND + wanted.operations * wanted.think / PEOPLE)
    return START + float(wanted.seeds * (fault.seconds + work))


def _longest(fault: Fault, wanted: argparse.Namespace) -> float:
    """After this a row is given up: each seed worked as long as it may, before its fault and after, and everything else took far longer than it should."""
    return _seconds(fault, wanted) * PATIENCE + wanted.seeds * 2 * LONGEST_WORK


def _all(rows: list[tuple[Fault, str]], wanted: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Each row as it comes to its end; when this is cut short, every world is ended."""
    with ThreadPoolExecutor(wanted.lanes) as lanes:
        try:
            for row in as_completed([lanes.submit(_row, fault, database, wanted) for fault, database in rows]):
                yield row.result()
        except BaseException:
            lanes.shutdown(wait=False, cancel_futures=True)
            for process in list(_running):
                process.terminate()
            raise


def _row(fault: Fault, database: str, wanted: argparse.Namespace) -> dict[str, Any]:
    """What the row's process printed last; it is ended when it takes far too long. Every seed goes into the file at once."""
    said = {**dict.fromkeys(COLUMNS, 0), "fault": fault.name, "what": fault.what, "database": database, "result": "broken", "measures": {}, "problems": []}
    measure = map(str, (wanted.first_seed, wanted.seeds, wanted.operations, wanted.think))
    with open(_log(fault.name, database), "ab") as errors:
        command = [sys.executable, "-m", "tests.faults.row", database, fault.name, *measure]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors)
    _running.add(process)
    alarm = Timer(_longest(fault, wanted), process.terminate)
    alarm.start()
    try:
        for line in process.stdout or ():
            said = json.loads(line)
            _keep(said)
    finally:
        alarm.cancel()
        process.terminate()
        process.wait()
        _running.discard(process)
    if said["seeds"] < wanted.seeds and not said["problems"]:
        said |= {"result": "broken", "problems": [f"the run broke off: see {_log(fault.name, database)}"]}
        _keep(said)
    return said


def _told(row: dict[str, Any]) -> dict[str, Any]:
    print(_line([row[name] for name in COLUMNS]), *(f"\n    {words}" for words in row["problems"]), flush=True)
    return row


def _keep(row: dict[str, Any]) -> None:
    """Into var/faults.json, in place of what the same row said before."""
    path = Path(settings.VAR) / "faults.json"
    half_written = path.with_suffix(f".{os.getpid()}.part")
    with _file:
        rows = json.loads(path.read_text())["rows"] if path.exists() else []
        others = [each for each in rows if (each["fault"], each["database"]) != (row["fault"], row["database"])]
        half_written.write_text(json.dumps({"rows": [*others, row]}, indent=1))
        half_written.replace(path)


def _log(fault: str, database: str) -> Path:
    folder = Path(settings.VAR) / "log"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"faults-{fault}-{database}.log"


def _line(values: Any) -> str:
    widths = (20, 11, 5, 10, 12, 5, 8, 5, 11, 8, 7)
    return "  ".join(str(value).ljust(width) for value, width in zip(values, widths, strict=True)).rstrip()


if __name__ == "__main__":
    sys.exit(main())
