"""`make faults`: every fault on both databases, each row a process of its own; a table, var/faults.json, and an exit code."""

import argparse
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402

from tests.faults.every import FAULTS  # noqa: E402
from tests.faults.table import BOTH, Fault  # noqa: E402

COLUMNS = ("fault", "database", "seeds", "operations", "acknowledged", "lost", "doubled", "gaps", "right_after", "seconds", "result")
START = 25  # seconds for a row's processes to start and end
PATIENCE = 4  # times the estimate, then a row is given up


def main() -> int:
    wanted = _arguments()
    rows = [(fault, database) for fault in FAULTS.values() for database in fault.databases
            if database in wanted.database and (not wanted.only or fault.name in wanted.only)]
    print(f"{len(rows)} rows, {wanted.seeds} seeds each: about {sum(_seconds(fault, wanted.seeds) for fault, _ in rows) / 60:.0f} min", flush=True)
    print(_line(COLUMNS), flush=True)
    found = []
    for fault, database in rows:
        found.append(_run(fault, database, wanted))
        print(_line([found[-1][name] for name in COLUMNS]), *(f"\n    {words}" for words in found[-1]["problems"]), flush=True)
        _keep(found[-1], wanted)
    broken = sum(row["result"] != "ok" for row in found)
    print(f"{sum(row['acknowledged'] for row in found)} operations acknowledged, {broken} of {len(found)} rows broken")
    return int(bool(broken or not found))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], choices=sorted(FAULTS), help="faults, by name")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--operations", type=int, default=500, help="acknowledged ones, at least, for each seed")
    parser.add_argument("--database", nargs="*", default=BOTH, choices=BOTH)
    return parser.parse_args()


def _seconds(fault: Fault, seeds: int) -> int:
    return START + fault.seconds * seeds


def _run(fault: Fault, database: str, wanted: argparse.Namespace) -> dict[str, Any]:
    """The row, as its process prints it; one that breaks off or takes far too long is broken."""
    command = [sys.executable, "-m", "tests.faults.row", fault.name, database, *map(str, (wanted.first_seed, wanted.seeds, wanted.operations))]
    log = _log(fault, database)
    with open(log, "wb") as errors:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, start_new_session=True)
        try:
            said, _ = process.communicate(timeout=_seconds(fault, wanted.seeds) * PATIENCE + 300)
            return dict(json.loads(said.splitlines()[-1]))
        except (subprocess.TimeoutExpired, IndexError, ValueError):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    empty = dict.fromkeys(COLUMNS, 0)
    return {**empty, "fault": fault.name, "what": fault.what, "database": database, "result": "broken", "measures": {},
            "problems": [f"the run broke off: {log}"]}


def _log(fault: Fault, database: str) -> Path:
    folder = Path(settings.VAR) / "log"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"fault-{fault.name}-{database}.log"


def _keep(row: dict[str, Any], wanted: argparse.Namespace) -> None:
    """Into var/faults.json, in place of what the same row said before."""
    path = Path(settings.VAR) / "faults.json"
    rows = json.loads(path.read_text())["rows"] if path.exists() else []
    others = [each for each in rows if (each["fault"], each["database"]) != (row["fault"], row["database"])]
    path.write_text(json.dumps({"rows": [*others, row]}, indent=1))


def _line(values: Any) -> str:
    widths = (20, 11, 5, 10, 12, 5, 8, 5, 11, 8, 7)
    return "  ".join(str(value).ljust(width) for value, width in zip(values, widths, strict=True)).rstrip()


if __name__ == "__main__":
    sys.exit(main())
