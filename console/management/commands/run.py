"""Runs the whole product on this machine: Redis, Daphne, Celery workers and one beat, watched until Ctrl-C."""

import fcntl
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections

from console import redis_server
from console.supervisor import Supervisor, die_with_parent, start
from handoffs.management import demo
from handoffs.models import Team

READY_WITHIN = 120.0
# A unix socket's path may have 107 bytes.
LONGEST_SOCKET = 100
DAPHNE = ["console.web"]
WORKER = ["celery", "-A", "console", "worker", "--without-gossip", "--without-mingle", "-l", "WARNING"]
BEAT = ["celery", "-A", "console", "beat", "--pidfile=", "-l", "WARNING"]


class Command(BaseCommand):
    help = "Runs everything on this machine until Ctrl-C. PORT, BATON_VAR, DATABASE_URL and REDIS_URL change where."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.var = Path(settings.VAR).resolve()
        self.host = os.environ.get("HOST", "127.0.0.1")
        (self.var / "log").mkdir(parents=True, exist_ok=True)
        with _only_one(self.var):
            _check_port(self.host, settings.PORT)
            supervisor = Supervisor(self.var / "log", self._say)
            supervisor.listen()
            try:
                self._run(supervisor)
            finally:
                supervisor.stop()
        self._say("Stopped.")

    def _run(self, supervisor: Supervisor) -> None:
        self._say("Starting …")
        environment = self._environment(self._redis(supervisor))
        world = self._prepare()
        for name, command in commands(self.host, self.var):
            if not supervisor.stopping.is_set():
                supervisor.add(name, lambda command=command: start([sys.executable, "-m", *command], settings.BASE_DIR, environment))  # type: ignore[misc]
        if self._becomes_ready(supervisor):
            self._welcome(world)
            supervisor.watch()

    def _redis(self, supervisor: Supervisor) -> str:
        """The address of the Redis to use: the one given, otherwise one of our own, watched like every other process."""
        if given := os.environ.get("REDIS_URL"):
            if not redis_server.answers(given):
                raise CommandError(f"No Redis answers at {urlsplit(given).hostname or given} (REDIS_URL).")
            return given
        folder = self.var / "redis"
        if len(str(folder / "redis.sock").encode()) > LONGEST_SOCKET:
            folder = Path(tempfile.mkdtemp(prefix="baton-redis-"))
        url = f"unix://{folder / 'redis.sock'}"

        def begin() -> "subprocess.Popen[bytes]":
            return redis_server.start(folder, preexec_fn=die_with_parent)[0]

        if not supervisor.add("redis", begin, ends_last=True).lives:
            raise CommandError(f"Redis did not start; see {folder / 'redis.log'}")
        return url

    def _prepare(self) -> dict[str, Any]:
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except OperationalError as error:
            raise CommandError(f"The database cannot be used: {' '.join(str(error).split())[:300]}") from None
        call_command("collectstatic", verbosity=0, interactive=False)
        empty = demo.is_empty()
        world = demo.build() if empty else demo.move_to(settings.BASE_URL)
        if empty:
            demo.teach()
        connections.close_all()
        return world

    def _environment(self, redis_url: str) -> dict[str, str]:
        return {**os.environ, "REDIS_URL": redis_url, "BATON_VAR": str(self.var), "PORT": str(settings.PORT), "PYTHONUNBUFFERED": "1", "DRAIN_SECONDS": "0"}

    def _becomes_ready(self, supervisor: Supervisor) -> bool:
        """Wait until /readyz is green; False when it is time to stop. Raises CommandError when it takes too long."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104
        deadline, wrong = time.monotonic() + READY_WITHIN, "nothing answers"
        while not supervisor.stopping.wait(0.2):
            supervisor.look()
            wrong = _not_ready(f"http://{host}:{settings.PORT}/readyz")
            if not wrong:
                return True
            if time.monotonic() > deadline:
                raise CommandError(f"Not ready after {READY_WITHIN:.0f} s: {wrong}. The logs are in {self.var / 'log'}.")
        return False

    def _welcome(self, world: dict[str, Any]) -> None:
        base = settings.BASE_URL
        pages = (("Queue", "/queue/"), ("Wall", "/wall/"), ("Customer's page", "/chat/"), ("HTTP API", "/api/v1/docs"))
        lines = ["", "  Baton is ready.", "", *(f"  {name:<16} {base}{path}" for name, path in pages), ""]
        if world:
            names = dict(Team.objects.values_list("code", "name"))
            connections.close_all()
            rows = [(row["username"], row["password"], ", ".join(names.get(code, code) for code in row["teams"])) for row in world["agents"]]
            rows.append((world["supervisor"]["username"], world["supervisor"]["password"], "supervisor"))
            lines += [f"  {'Sign in as':<16} {'password':<16} teams", *(f"  {name:<16} {password:<16} {teams}" for name, password, teams in rows)]
            lines += ["", f"  Log-ins and keys for scripts: {demo.path()}", "  A live demo: make demo, in another terminal."]
        self._say("\n".join([*lines, "  Stop: Ctrl-C.", ""]))

    def _say(self, text: str) -> None:
        try:
            self.stdout.write(text)
            self.stdout.flush()
        except OSError:
            # The terminal is gone; the logs are in var/log.
            return


def commands(host: str, var: Path) -> list[tuple[str, list[str]]]:
    """Every process but Redis: its name, and the module to run with its options."""
    return [
        ("web", [*DAPHNE, "-b", host, "-p", str(settings.PORT), "console.asgi:application"]),
        ("sweep", [*WORKER, "-c", "2", "-Q", settings.SWEEP_QUEUE, "-n", f"sweep-{settings.PORT}@%h"]),
        ("worker", [*WORKER, "-c", "2", "-Q", settings.CELERY_TASK_DEFAULT_QUEUE, "-n", f"baton-{settings.PORT}@%h"]),
        ("outside", [*WORKER, "--pool", "threads", "-c", "8", "-Q", settings.OUTSIDE_QUEUE, "-n", f"outside-{settings.PORT}@%h"]),
        ("beat", [*BEAT, "-s", str(var / "beat")]),
    ]


def _only_one(var: Path) -> IO[str]:
    """Hold the state folder for this process. Raises CommandError when another Baton runs with it."""
    lock = open(var / "run.lock", "a+", encoding="utf-8")  # noqa: SIM115
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        holder = lock.read().strip()
        lock.close()
        raise CommandError(f"Baton already runs with {var} (process {holder}). Stop it first, or set BATON_VAR to another folder.") from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except (OSError, OverflowError) as error:
            reason, other = getattr(error, "strerror", None) or error, port + 1 if port < 65535 else 8001
            raise CommandError(f"Port {port} on {host} cannot be used: {reason}. Choose another one, for example: make run PORT={other}") from None


def _not_ready(url: str) -> str:
    """What /readyz complains about; an empty string when it is green."""
    try:
        with urllib.request.urlopen(url, timeout=3):  # noqa: S310
            return ""
    except urllib.error.HTTPError as error:
        try:
            checks = json.load(error)["checks"]
        except (ValueError, KeyError):
            return f"status {error.code}"
        return "; ".join(f"{name}: {check['detail']}" for name, check in checks.items() if not check["ok"])
    except OSError:
        return "nothing answers"
