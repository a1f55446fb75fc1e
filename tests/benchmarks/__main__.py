"""Runs the benchmarks one after the other, keeps their figures in var/bench.json and prints the table. Run: python -m tests.benchmarks [NAME]"""

import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.benchmarks.measured import JSON, Row, told

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT = ROOT / "var" / "bench.json"
VERSIONS = ("django", "channels", "channels-redis", "daphne", "psycopg", "redis", "celery")
BOTH = ("postgresql", "sqlite")


@dataclass(frozen=True)
class Benchmark:
    """One to run, on which databases, and after how many seconds it is given up."""

    name: str
    on: tuple[str, ...] = ("sqlite",)
    within: int = 300


BENCHMARKS = (
    Benchmark("accept", BOTH), Benchmark("appear", ("postgresql",)), Benchmark("race", BOTH), Benchmark("offers", BOTH), Benchmark("growth", BOTH, 1200),
    Benchmark("dispatch"), Benchmark("fanout", within=600), Benchmark("sockets", within=600), Benchmark("storm", ("postgresql",), 600),
    Benchmark("handoff", BOTH), Benchmark("judging"), Benchmark("packing"), Benchmark("repeats"), Benchmark("replay"),
)


def main(only: str) -> int:
    wanted = [benchmark for benchmark in BENCHMARKS if only in ("", benchmark.name)]
    if not wanted:
        print(f"there is no {only}; there are {', '.join(benchmark.name for benchmark in BENCHMARKS)}")
        return 2
    return sum([not _run(benchmark, database) for benchmark in wanted for database in benchmark.on]) and 1


def _run(benchmark: Benchmark, database: str) -> bool:
    """Whether it gave figures; they are kept at once, so that nothing is lost when the next one fails."""
    print(f"\n{benchmark.name} ({database})", flush=True)
    try:
        done = subprocess.run([sys.executable, "-m", f"tests.benchmarks.{benchmark.name}", JSON], cwd=ROOT, timeout=benchmark.within, check=True,
                              capture_output=True, text=True, env={**os.environ, "BATON_TEST_DATABASE": database})
        rows = json.loads(done.stdout.splitlines()[-1])["rows"]
    except (subprocess.SubprocessError, ValueError, LookupError) as error:
        print(f"  gave no figures: {_why(error)}")
        return False
    _keep(benchmark.name, database, rows)
    print("\n".join(f"  {told(row)}" for row in rows), flush=True)
    return True


def _why(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return "\n  ".join([f"ended with {error.returncode}", *error.stderr.splitlines()[-5:]])
    return f"took longer than {error.timeout:.0f} s" if isinstance(error, subprocess.TimeoutExpired) else repr(error)


def _keep(name: str, database: str, rows: list[Row]) -> None:
    """Put the figures in place of the ones of before; those of other benchmarks stay."""
    kept: dict[str, Any] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    kept[f"{name} ({database})"] = {"name": name, "database": database, "rows": rows, **_where()}
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
