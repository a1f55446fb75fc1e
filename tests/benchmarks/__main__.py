"""Runs the benchmarks one after the other, keeps their figures in var/bench.json and prints the table. Run: python -m tests.benchmarks [NAME]"""

import contextlib
import json
import os
import platform
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.benchmarks.measured import JSON, Row, told

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT = ROOT / "var" / "bench.json"
VERSIONS = ("django", "channels", "channels-redis", "daphne", "psycopg", "redis", "celery")
ENDS_WITHIN = 20
BOTH = ("postgresql", "sqlite")


@dataclass(frozen=True)
class Benchmark:
    """One to run, on which databases, after how many seconds each is given up, and what it is asked for."""

    name: str
    on: tuple[str, ...] = ("sqlite",)
    within: int = 60
    asked: tuple[str, ...] = ()


# A million handoffs take longer than all the rest: `python -m tests.benchmarks.growth`.
BENCHMARKS = (
    Benchmark("accept", BOTH), Benchmark("appear", ("postgresql",), 90), Benchmark("race", BOTH, 240, ("200",)), Benchmark("offers", BOTH),
    Benchmark("growth", BOTH, 200, ("100000",)), Benchmark("dispatch"), Benchmark("fanout", within=240), Benchmark("sockets", within=120),
    Benchmark("storm", ("postgresql",), 240), Benchmark("customers", within=600), Benchmark("slow"), Benchmark("handoff", BOTH),
    Benchmark("judging"), Benchmark("packing"), Benchmark("repeats"), Benchmark("replay"),
)


def main(only: str) -> int:
    wanted = [benchmark for benchmark in BENCHMARKS if only in ("", benchmark.name)]
    if not wanted:
        print(f"there is no {only}; there are {', '.join(benchmark.name for benchmark in BENCHMARKS)}")
        return 2
    print(f"at most {sum(each.within * len(each.on) for each in wanted) / 60:.0f} min")
    return sum([not _run(benchmark, database) for benchmark in wanted for database in benchmark.on]) and 1


def _run(benchmark: Benchmark, database: str) -> bool:
    """Whether it gave figures; they are kept at once, so that nothing is lost when the next one fails."""
    print(f"\n{benchmark.name} ({database})", flush=True)
    began = time.monotonic()
    try:
        rows = json.loads(_said(benchmark, database).splitlines()[-1])["rows"]
    except (subprocess.SubprocessError, ValueError, LookupError) as error:
        print(f"  gave no figures: {_why(error)}")
        return False
    seconds = round(time.monotonic() - began)
    _keep(benchmark.name, database, rows, seconds)
    print("\n".join(f"  {told(row)}" for row in rows), f"\n  in {seconds} s", flush=True)
    return True


def _said(benchmark: Benchmark, database: str) -> str:
    """What it printed. Given up, it has some seconds to end the processes it started."""
    command = [sys.executable, "-m", f"tests.benchmarks.{benchmark.name}", *benchmark.asked, JSON]
    environment = {**os.environ, "BATON_TEST_DATABASE": database}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as running:
        try:
            said, complained = running.communicate(timeout=benchmark.within)
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.communicate(timeout=ENDS_WITHIN)
            running.kill()
            raise
    if running.returncode:
        raise subprocess.CalledProcessError(running.returncode, command, said, complained)
    return said


def _why(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return "\n  ".join([f"ended with {error.returncode}", *error.stderr.splitlines()[-5:]])
    return f"took longer than {error.timeout:.0f} s" if isinstance(error, subprocess.TimeoutExpired) else repr(error)


def _keep(name: str, database: str, rows: list[Row], seconds: int) -> None:
    """Put the figures in place of the ones of before; those of other benchmarks stay."""
    kept: dict[str, Any] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    kept[f"{name} ({database})"] = {"name": name, "database": database, "seconds": seconds, "rows": rows, **_where()}
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


def _where() -> dict[str, Any]:
    """The machine, when, which commit, and the versions of what is measured."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"), "commit": commit, "python": platform.python_version(),
        "machine": {"system": platform.system(), "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1)},
        "versions": {name: version(name) for name in VERSIONS},
    }


if __name__ == "__main__":
    sys.exit(main(next(iter(sys.argv[1:]), "")))
