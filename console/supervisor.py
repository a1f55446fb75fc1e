"""Keeps a set of processes running: starts them, says and restarts what dies, and stops all of them within five seconds."""

import contextlib
import ctypes
import logging
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

PATIENCE = 3.0
LONGEST_PAUSE = 30.0
# A process that has lived this long starts with a short pause again when it dies.
SETTLED = 60.0
LOG_SIZE = 5_000_000
LOG_LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ (?P<level>[A-Z]+) (?P<logger>[\w.]+):")
RAISED = re.compile(r"[A-Za-z_][\w.]*: ")
LOUD = frozenset({"WARNING", "ERROR", "CRITICAL"})
PR_SET_PDEATHSIG = 1

try:
    _libc: ctypes.CDLL | None = ctypes.CDLL(None, use_errno=True)
except OSError:
    _libc = None

Say = Callable[[str], None]
Start = Callable[[], "subprocess.Popen[bytes]"]


def die_with_parent() -> None:
    """Run in a new process before its program: end when the supervisor is killed. Linux only, nothing elsewhere."""
    if _libc is not None and hasattr(_libc, "prctl"):
        # Nobody is left who would end by force what a polite signal finds holding a lock.
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def start(command: list[str], folder: Path, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    """Start a process in a session of its own, so that a Ctrl-C in the terminal reaches the supervisor alone."""
    return subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            start_new_session=True, preexec_fn=die_with_parent)


@dataclass
class Child:
    """One process and how often it has died lately; `ends_last` when the others need it until they are gone."""

    name: str
    start: Start
    ends_last: bool = False
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    deaths: int = 0
    again_at: float = 0.0

    @property
    def lives(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Runs its children until `stopping` is set, then stops them."""

    def __init__(self, log_folder: Path, say: Say) -> None:
        self.log_folder, self.say = log_folder, say
        self.children: list[Child] = []
        self.stopping = threading.Event()
        self.hurry = False

    def listen(self) -> None:
        """Let Ctrl-C, a termination and a closed terminal stop everything; a second one does it at once."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def add(self, name: str, start: Start, *, ends_last: bool = False) -> Child:
        child = Child(name, start, ends_last)
        self.children.append(child)
        self._begin(child)
        return child

    def watch(self) -> None:
        """Restart what dies, until it is time to stop."""
        while not self.stopping.wait(0.3):
            self.look()

    def look(self) -> None:
        for child in self.children:
            if child.lives:
                continue
            if child.process is not None:
                self._bury(child)
            elif time.monotonic() >= child.again_at:
                self._begin(child)

    def stop(self) -> None:
        """End every child: politely, after three seconds by force, and whatever they started with them."""
        self.stopping.set()
        deadline = time.monotonic() + PATIENCE
        for last in (False, True):
            self._end([child for child in self.children if child.ends_last == last], deadline)
        for child in self.children:
            if child.process:
                _kill_group(child.process.pid)
                child.process.wait()

    def _end(self, children: list[Child], deadline: float) -> None:
        for child in children:
            if child.process and child.lives:
                child.process.terminate()
        while any(child.lives for child in children) and time.monotonic() < deadline and not self.hurry:
            time.sleep(0.02)

    def _begin(self, child: Child) -> None:
        child.started_at = time.monotonic()
        try:
            child.process = child.start()
        except (OSError, RuntimeError) as error:
            self.say(f"{child.name} did not start: {error}")
            self._pause(child)
            return
        if child.process.stdout:
            threading.Thread(target=self._keep_log, args=(child.name, child.process.stdout), name=f"log-{child.name}", daemon=True).start()

    def _bury(self, child: Child) -> None:
        code = child.process.returncode if child.process else None
        if child.process:
            _kill_group(child.process.pid)
        child.process = None
        if time.monotonic() - child.started_at > SETTLED:
            child.deaths = 0
        pause = self._pause(child)
        self.say(f"{child.name} stopped by itself ({_how(code)}); starting it again in {pause:.0f} s. Its log: {self.log_folder / child.name}.log")

    def _pause(self, child: Child) -> float:
        pause = min(LONGEST_PAUSE, 2.0**child.deaths)
        child.deaths += 1
        child.again_at = time.monotonic() + pause
        return pause

    def _keep_log(self, name: str, stream: IO[bytes]) -> None:
        """Everything into the child's log file, warnings on the console as well."""
        with contextlib.closing(RotatingFileHandler(self.log_folder / f"{name}.log", maxBytes=LOG_SIZE, backupCount=2)) as file:
            for line in loud_lines(_copied(stream, file)):
                self.say(f"{name}: {line}")

    def _on_signal(self, number: int, frame: object) -> None:
        self.hurry = self.stopping.is_set()
        self.stopping.set()


def _copied(stream: IO[bytes], file: logging.Handler) -> Iterable[str]:
    for raw in stream:
        line = raw.decode("utf-8", "replace").rstrip()
        file.emit(logging.makeLogRecord({"msg": line}))
        yield line


def loud_lines(lines: Iterable[str]) -> Iterable[str]:
    """Warnings and errors, of a traceback only what was raised; a red /readyz stays in the log."""
    loud = False
    for line in lines:
        if found := LOG_LINE.match(line):
            answered = found["logger"] == "django.request" and (found["level"] == "WARNING" or line.endswith("/readyz"))
            loud = found["level"] in LOUD and not answered
        if loud and (found or RAISED.match(line)):
            yield line


def _how(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exit code {code}"
    return f"signal {signal.Signals(-code).name}"


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
