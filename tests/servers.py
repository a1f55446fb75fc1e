"""The whole product as real processes on the test database: Daphne, Celery workers and a beat."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection

from console.management.commands.run import DAPHNE

ROOT = Path(__file__).resolve().parent.parent


def wait_for(condition: Callable[[], bool], seconds: float = 180, what: str = "the condition") -> None:
    """Wait until it holds; AssertionError when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def database_url() -> str:
    """The address of the test database, for other processes."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


@dataclass
class Site:
    """A running product; `url` is where."""

    port: int = field(default_factory=free_port)
    environment: dict[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *names: str) -> "Site":
        for name in names:
            self.processes[name] = self._run(name, getattr(self, f"_{name}")())
        if "web" in names:
            wait_for(lambda: self.status("/healthz") == 200, what="Daphne")
        return self

    def stop(self, *names: str, by: signal.Signals = signal.SIGTERM) -> None:
        for name in names or list(self.processes):
            process = self.processes.pop(name)
            process.send_signal(by)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def log(self, name: str) -> str:
        """What a process has logged so far."""
        return (settings.VAR / f"{name}-{self.port}.log").read_text()

    def status(self, path: str) -> int:
        """The status of a GET; 0 when nothing answers."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0

    def post(self, path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """The answer of the API to a POST that it takes."""
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/v1{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return dict(json.load(answer))

    def _web(self) -> list[str]:
        return ["-m", *DAPHNE, "-b", "127.0.0.1", "-p", str(self.port), "console.asgi:application"]

    def _sweep(self) -> list[str]:
        """For what may not be late."""
        return [*self._worker(), "-Q", str(settings.SWEEP_QUEUE), "-n", f"sweep-{self.port}@test"]

    def _worker(self) -> list[str]:
        """For everything."""
        return ["-m", "celery", "-A", "console", "worker", "-c", "1", "--without-gossip", "--without-mingle", "-n", f"{self.port}@test"]

    def _beat(self) -> list[str]:
        return ["-m", "celery", "-A", "console", "beat", "-s", str(settings.VAR / f"beat-{self.port}"), "--pidfile="]

    def _run(self, name: str, arguments: list[str]) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "console.settings", "DATABASE_URL": database_url(), "PORT": str(self.port),
                       "BASE_URL": self.url, "BATON_TESTING": "true", "DRAIN_SECONDS": "0", **self.environment}
        with open(settings.VAR / f"{name}-{self.port}.log", "ab") as log:
            return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)


@contextmanager
def running(*names: str, **environment: str) -> Iterator[Site]:
    """A product of these processes while the block runs."""
    site = Site(environment=environment)
    try:
        yield site.start(*names)
    finally:
        site.stop()
