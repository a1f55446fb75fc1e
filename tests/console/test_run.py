"""`manage.py run` as a newcomer meets it: really started, really stopped, nothing left behind."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from console.supervisor import Supervisor
from tests.servers import ROOT, free_port, wait_for

pytestmark = pytest.mark.slow
READY = "Stop: Ctrl-C."
OURS = ("DATABASE_URL", "REDIS_URL", "REDIS_PREFIX", "BATON_TESTING", "BATON_TEST_DATABASE", "DJANGO_SETTINGS_MODULE", "BASE_URL", "LOG_LEVEL")


class Run:
    """One started `manage.py run`, its words in a file."""

    def __init__(self, var: Path, port: int, **environment: str) -> None:
        self.var, self.port = var, port
        clean = {name: value for name, value in os.environ.items() if name not in OURS}
        self.output = var.parent / f"run-{time.monotonic_ns()}.txt"
        with open(self.output, "wb") as file:
            self.process = subprocess.Popen([sys.executable, "manage.py", "run"], cwd=ROOT, stdout=file, stderr=file, stdin=subprocess.DEVNULL,
                                            env={**clean, "BATON_VAR": str(var), "PORT": str(port), **environment}, start_new_session=True)

    @property
    def words(self) -> str:
        return self.output.read_text()

    @property
    def world(self) -> dict[str, Any]:
        return dict(json.loads((self.var / "demo.json").read_text()))

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def wait_until_ready(self) -> "Run":
        wait_for(lambda: READY in self.words or self.process.poll() is not None, what=f"run to be ready: {self.words}")
        assert READY in self.words, self.words
        return self

    def stop(self, by: signal.Signals = signal.SIGINT) -> int:
        """Its exit code."""
        self.process.send_signal(by)
        return self.process.wait(30)


def family(var: Path) -> dict[int, str]:
    """Every living process that belongs to this state folder, by its environment or its command line."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command, environment = (folder / "cmdline").read_bytes(), (folder / "environ").read_bytes()
            living = re.search(r"^State:\s+[^ZX]", (folder / "status").read_text(), re.M)
        except OSError:
            continue
        if living and str(var).encode() in command + environment:
            found[int(folder.name)] = command.replace(b"\0", b" ").decode()
    return found


def child(var: Path, words: str) -> int:
    return min(pid for pid, command in family(var).items() if words in command)


def get(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return int(answer.status)


def sign_in(run: Run, username: str, password: str) -> str:
    """The address one lands on."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = browser.open(run.url("/login/"), timeout=10).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    form = urlencode({"username": username, "password": password, "csrfmiddlewaretoken": token[1]}).encode()
    return str(browser.open(urllib.request.Request(run.url("/login/"), form, {"Referer": run.url("/login/")}), timeout=10).url)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder that the first run fills and the others find: making its world takes longer than all else."""
    return tmp_path_factory.mktemp("run") / "var"


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start(port: int, var: Path = tmp_path / "var", **environment: str) -> Run:
        runs.append(Run(var, port, **environment))
        return runs[-1]

    yield start
    for run in runs:
        if run.process.poll() is None:
            run.stop(signal.SIGTERM)


def test_run_from_nothing_to_ready_and_back_to_nothing(begin: Callable[..., Run], made: Path) -> None:
    run = begin(free_port(), made).wait_until_ready()
    world = run.world
    assert get(run.url("/readyz")) == 200
    assert world["base_url"] == run.url("")
    assert all(word in run.words for agent in world["agents"] for word in (agent["username"], agent["password"]))
    assert world["assistant"]["key"] not in run.words
    assert sign_in(run, world["agents"][0]["username"], world["agents"][0]["password"]).endswith("/queue/")
    assert (run.stop(), family(run.var), run.words.partition(READY)[2].split()) == (0, {}, ["Stopped."])

    again = begin(free_port(), made).wait_until_ready()
    assert again.world == {**world, "base_url": again.url("")}
    second = begin(free_port(), made)
    assert second.process.wait(30) == 1
    assert "already runs" in second.words
    wait_for(lambda: _is_ready(again), what="readyz, which two starts at once may hold up on a busy machine")
    again.stop(signal.SIGTERM)
    assert (family(again.var), again.words.partition(READY)[2].split()) == ({}, ["Stopped."])


def test_what_dies_is_started_again_and_said_and_nothing_outlives_a_killed_supervisor(begin: Callable[..., Run], made: Path) -> None:
    run = begin(free_port(), made).wait_until_ready()
    before = child(run.var, "console.web")
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: "web stopped by itself (signal SIGKILL)" in run.words, what="the supervisor to notice")
    wait_for(lambda: any("console.web" in command for pid, command in family(run.var).items() if pid != before), what="Daphne to be back")
    wait_for(lambda: _is_ready(run), what="readyz")
    run.process.kill()
    run.process.wait()
    wait_for(lambda: family(run.var) == {}, what="the rest to end")


def test_what_hears_no_polite_signal_ends_with_a_killed_supervisor(tmp_path: Path) -> None:
    program = "import pathlib, sys; from console.supervisor import start; start(['sh', '-c', sys.argv[1]], pathlib.Path(), {}).wait()"
    deaf = f"trap '' TERM; touch {tmp_path}/listens; while true; do sleep 0.05; done"
    supervisor = subprocess.Popen([sys.executable, "-c", program, deaf], cwd=ROOT)
    wait_for((tmp_path / "listens").exists, what="the deaf process")
    supervisor.kill()
    supervisor.wait()
    wait_for(lambda: family(tmp_path) == {}, what="the deaf process to end")


def test_what_the_others_need_ends_after_them(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, print)
    base = supervisor.add("base", lambda: subprocess.Popen(["sleep", "60"]), ends_last=True).process
    assert base is not None
    look = f"trap 'kill -0 {base.pid} && touch {tmp_path}/base-lives; exit 0' TERM; touch {tmp_path}/listens; while true; do sleep 0.05; done"
    supervisor.add("other", lambda: subprocess.Popen(["sh", "-c", look], start_new_session=True))
    wait_for((tmp_path / "listens").exists, what="the other process")
    supervisor.stop()
    assert ((tmp_path / "base-lives").exists(), base.poll()) == (True, -signal.SIGTERM)


def test_who_hears_no_polite_signal_is_ended_by_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.supervisor.PATIENCE", 0.2)
    supervisor = Supervisor(tmp_path, print)
    deaf = supervisor.add("deaf", lambda: subprocess.Popen(["sh", "-c", f"trap '' TERM; touch {tmp_path}/listens; while true; do sleep 0.05; done"],
                                                           start_new_session=True)).process
    wait_for((tmp_path / "listens").exists, what="the deaf process")
    supervisor.stop()
    assert deaf is not None
    assert deaf.poll() == -signal.SIGKILL


def test_taken_port_is_one_clear_line(begin: Callable[..., Run]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        run = begin(taken.getsockname()[1])
        assert run.process.wait(30) == 1
    assert f"Port {run.port} on 127.0.0.1 cannot be used" in run.words
    assert len(run.words.strip().splitlines()) == 1
    assert not (run.var / "redis").exists()


def test_wrong_redis_is_one_clear_line(begin: Callable[..., Run]) -> None:
    run = begin(free_port(), REDIS_URL="redis://:secret@127.0.0.1:1/0")
    assert run.process.wait(30) == 1
    assert "No Redis answers at 127.0.0.1" in run.words
    assert "secret" not in run.words


def _is_ready(run: Run) -> bool:
    try:
        return get(run.url("/readyz")) == 200
    except OSError:
        return False
