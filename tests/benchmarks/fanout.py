"""One process, one group, 500 sockets: how soon each has what was published, and what it costs. Run: python -m tests.benchmarks.fanout [SOCKETS]

Ours reads, renders and numbers the news; the others pass on what they are given. All in turn, in the same run: a bare asyncio server (the
baseline), a plain Channels consumer on Daphne, ours on its Daphne and on uvicorn (when it is installed), socket.io on Node (when npm is there).
"""

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from statistics import median

from channels.layers import get_channel_layer
from redis.asyncio import Redis

from tests.benchmarks import measured, worlds
from tests.benchmarks.delivery import listeners
from tests.servers import ROOT, database_url, free_port, wait_for

GROUP = "fanout"
ROUNDS, WORDS, EVERY = 3, 30, 0.12
SETTLES = 1.0
FILLING = "<p>" + "A card of about one thousand bytes, as the queue has it. " * 17 + "</p>"
MARK = re.compile(rb"(\d+)@([\d.]+)</i>")
TICKS = os.sysconf("SC_CLK_TCK")
NODE_FOLDER = ROOT / "var" / "benchmarks" / "node"


@dataclass
class Server:
    """A server under test: how it is started, where its sockets are, how it is told news."""

    name: str
    command: list[str]
    path: str
    told: str
    first: bytes = b""
    port: int = field(default_factory=free_port)
    times: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    lost: int = 0
    disordered: int = 0
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "console.settings", "DATABASE_URL": database_url(), "PORT": str(self.port), "FANOUT": GROUP,
                       "BASE_URL": f"http://127.0.0.1:{self.port}", "NODE_PATH": str(NODE_FOLDER / "node_modules")}
        command = [word.replace("PORT", str(self.port)) for word in self.command]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: _listens(self.port), 60, what=self.name)

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid


def used(pid: int) -> float:
    """Seconds of CPU a process has taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def servers() -> list[Server]:
    """Every server this machine can run, the baseline first."""
    found = [
        Server("bare asyncio", [sys.executable, "-m", "tests.benchmarks.delivery.bare", "PORT"], "/", "published"),
        Server("plain Channels on Daphne", _daphne("daphne"), "/plain/", "grouped"),
        Server("ours on its Daphne", _daphne("console.web"), "/board/", "hinted"),
    ]
    if find_spec("uvicorn"):
        options = ["--port", "PORT", "--log-level", "error", "--ws", "console.uvicorn:LiveProtocol", "--ws-per-message-deflate", "false", "--lifespan", "off"]
        found.append(Server("ours on uvicorn", [sys.executable, "-m", "uvicorn", *options, "tests.benchmarks.delivery.app:application"], "/board/", "hinted"))
    else:
        print("uvicorn is not installed: left out (pip install uvicorn)", file=sys.stderr)
    if _has_node():
        script = str(ROOT / "tests/benchmarks/delivery/node.js")
        found.append(Server("socket.io on Node", ["node", script, "PORT"], "/socket.io/?EIO=4&transport=websocket", "published", first=b"40"))
    return found


def _daphne(module: str) -> list[str]:
    return [sys.executable, "-m", module, "-v", "0", "-b", "127.0.0.1", "-p", "PORT", "tests.benchmarks.delivery.app:application"]


def _has_node() -> bool:
    """Whether socket.io can be run; it is fetched from npm once."""
    if not (shutil.which("node") and shutil.which("npm")):
        print("node and npm are not installed: socket.io is left out", file=sys.stderr)
        return False
    if not (NODE_FOLDER / "node_modules" / "socket.io").exists():
        NODE_FOLDER.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(NODE_FOLDER), "socket.io", "redis"], check=False)
        if done.returncode:
            print("npm could not fetch socket.io: left out", file=sys.stderr)
            return False
    return True


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@contextmanager
def running(found: list[Server]) -> Iterator[None]:
    try:
        for server in found:
            server.start()
        yield
    finally:
        for server in found:
            server.stop()


async def measure(server: Server, sockets: int, redis: "Redis[bytes]") -> None:
    """One round: connect, publish at a steady pace, and read what every client heard."""
    await redis.delete(f"{GROUP}.board")
    clients = await listeners.connect(sockets, server.path, server.port, first=server.first)
    await asyncio.sleep(SETTLES)
    before = used(server.pid)
    for number in range(WORDS):
        began = time.monotonic()
        await _tell(server, redis, f"<i>{FILLING}{number}@{began}</i>")
        await asyncio.sleep(max(0.0, began + EVERY - time.monotonic()))
    await asyncio.sleep(SETTLES)
    server.costs.append((used(server.pid) - before) / (WORDS * sockets) * 1e6)
    for client in clients:
        _note(server, client)
        client.transport.abort()
    await asyncio.sleep(0.5)


async def _tell(server: Server, redis: "Redis[bytes]", text: str) -> None:
    if server.told == "published":
        await redis.publish(GROUP, text)
    elif server.told == "grouped":
        await get_channel_layer().group_send(GROUP, {"type": "news", "text": text})
    else:
        await redis.rpush(f"{GROUP}.board", text)
        await get_channel_layer().group_send(GROUP, {"type": "hint", "group": GROUP})


def _note(server: Server, client: listeners.Listener) -> None:
    heard = [(at, int(number), float(began)) for at, frame in client.frames() for number, began in MARK.findall(frame)]
    numbers = [number for _, number, _ in heard]
    server.times += [(at - began) * 1000 for at, _, began in heard]
    server.lost += WORDS - len(set(numbers))
    server.disordered += sum(later <= sooner for sooner, later in pairwise(numbers))


async def rounds(found: list[Server], sockets: int) -> None:
    async with Redis.from_url(os.environ["REDIS_URL"]) as redis:
        for _ in range(ROUNDS):
            for server in found:
                await measure(server, sockets, redis)


def rows(found: list[Server], sockets: int) -> list[measured.Row]:
    bare, *_ = found
    figures = []
    for server in found:
        checked = {"sockets": sockets, "lost": server.lost, "out_of_order": server.disordered}
        figures.append(measured.row(f"{server.name}: arrival at {sockets} sockets", server.times, bare.times, **checked))
        figures.append(measured.figure(f"{server.name}: CPU per delivered fragment", median(server.costs), median(bare.costs), unit="µs", rounds=server.costs))
    return figures


def main(sockets: int) -> None:
    found = servers()
    with worlds.world(), running(found):
        asyncio.run(rounds(found, sockets))
    measured.show("fanout", rows(found, sockets))


if __name__ == "__main__":
    main(int(next(iter(measured.arguments()), 500)))
