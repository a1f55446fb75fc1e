"""Real web processes on the run's database, and a small client that keeps so many requests in flight."""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tests.servers import Site


@dataclass(frozen=True)
class Call:
    """One request; `body` makes it a POST."""

    path: str
    key: str = ""
    body: object = None
    headers: tuple[str, ...] = ()

    def encoded(self, host: str) -> bytes:
        body = b"" if self.body is None else json.dumps(self.body).encode()
        lines = [f"{'GET' if self.body is None else 'POST'} {self.path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}", *self.headers]
        lines += [f"Authorization: Bearer {self.key}"] if self.key else []
        lines += ["Content-Type: application/json"] if body else []
        return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(frozen=True)
class Answer:
    """What came back, and when it was asked and answered (seconds of the monotonic clock)."""

    status: int
    body: bytes
    asked: float
    answered: float

    @property
    def took(self) -> float:
        """Milliseconds."""
        return (self.answered - self.asked) * 1000


@contextmanager
def sites(count: int, **environment: str) -> Iterator[list[Site]]:
    """So many web processes on the same database and Redis."""
    running: list[Site] = []
    try:
        for _ in range(count):
            running.append(Site(environment=environment).start("web"))
        yield running
    finally:
        for site in running:
            site.stop()


def pound(calls: Sequence[Call], among: Sequence[Site], *, at_once: int) -> list[Answer]:
    """The answers, in the order of the calls; each web process has its share of `at_once` clients, which ask one after the other."""
    return asyncio.run(_pound(calls, among, at_once))


async def _pound(calls: Sequence[Call], among: Sequence[Site], at_once: int) -> list[Answer]:
    answers: dict[int, Answer] = {}
    remaining = iter(enumerate(calls))

    async def client(site: Site) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        for number, call in remaining:
            answers[number] = await ask(reader, writer, call.encoded(f"127.0.0.1:{site.port}"))
        writer.close()

    await asyncio.gather(*(client(among[number % len(among)]) for number in range(at_once)))
    return [answers[number] for number in range(len(calls))]


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> Answer:
    """Send one request over a connection that stays open. Raises IncompleteReadError when it is cut."""
    asked = time.monotonic()
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    size = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
    body = await (reader.readexactly(int(size)) if size else _chunks(reader))
    return Answer(int(head.split(maxsplit=2)[1]), body, asked, time.monotonic())


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readexactly(2)
    return body
