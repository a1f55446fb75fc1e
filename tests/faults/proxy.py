"""A TCP port in front of another, which carries bytes as badly as it is told to."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path

CHUNK = 65536
AT_ONCE_GONE = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset


class How(StrEnum):
    """Pass: as it is. Freeze: nothing moves, all of it comes later. Drop: what is sent is gone, and nobody is told. Refuse: no new connections."""

    PASS = "pass"
    FREEZE = "freeze"
    DROP = "drop"
    REFUSE = "refuse"


class Proxy:
    """Listens on 127.0.0.1:`port` and carries to `to`: a port of this machine, or the path of a unix socket."""

    def __init__(self, to: int | Path) -> None:
        self.to, self.port = to, 0
        self.latency = 0.0  # seconds, each way
        self._how, self._moving = How.PASS, asyncio.Event()
        self._moving.set()
        self._open: set[asyncio.StreamWriter] = set()
        self._forgotten: set[asyncio.StreamWriter] = set()
        self._forget_at = b""
        self._cut: tuple[bytes, bool, int] | None = None
        self._server: asyncio.Server | None = None

    async def start(self) -> "Proxy":
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0, backlog=2048)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        self.heal()
        if self._server:
            self._server.close()
        self.reset()

    def be(self, how: How) -> None:
        self._how = how
        (self._moving.clear if how is How.FREEZE else self._moving.set)()

    def heal(self) -> None:
        """Everything as it should be for what comes; connections that lost bytes must be reset."""
        self.latency, self._cut, self._forget_at = 0.0, None, b""
        self.be(How.PASS)

    def reset(self) -> int:
        """Break every connection with a reset, and say how many."""
        ended = list(self._open)
        for writer in ended:
            _break(writer)
        return len(ended) // 2

    def forget(self, *, at: bytes = b"") -> None:
        """Half open: the connections there are carry nothing any more, and nobody is told; new ones work. `at`: as soon as a client sends these bytes."""
        self._forget_at = at
        self._forgotten |= set() if at else self._open

    def cut_at(self, words: bytes, *, after: bool, times: int = 1) -> None:
        """Break the next `times` connections whose client sends these bytes: before they arrive, or just after, so that the answer is lost."""
        self._cut = (words, after, times)

    @property
    def cuts_left(self) -> int:
        return self._cut[2] if self._cut else 0

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self._how is How.REFUSE:
                raise ConnectionRefusedError
            there, back = await self._connect()
        except OSError:
            _break(writer)
            return
        ends = {writer, back}
        self._open |= ends
        try:
            await _first(self._pump(reader, back, self._forth), self._pump(there, writer, self._pass))
        finally:
            self._open -= ends
            self._forgotten -= ends
            for end in ends:
                end.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.to, Path):
            return await asyncio.open_unix_connection(self.to)
        return await asyncio.open_connection("127.0.0.1", self.to)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, send: Callable[[asyncio.StreamWriter, bytes], Awaitable[None]]) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while data := await reader.read(CHUNK):
                if self.latency:
                    await asyncio.sleep(self.latency)
                await self._moving.wait()
                if not self._drops(writer):
                    await send(writer, data)
            # The end of a line that drops everything is not told either.
            while self._drops(writer):
                await asyncio.sleep(0.1)

    def _drops(self, writer: asyncio.StreamWriter) -> bool:
        return self._how is How.DROP or writer in self._forgotten

    async def _pass(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        writer.write(data)
        await writer.drain()

    async def _forth(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        if self._forget_at and self._forget_at in data:
            self.forget()
            return
        if self._cut is None or self._cut[0] not in data:
            await self._pass(writer, data)
            return
        words, after, times = self._cut
        self._cut = (words, after, times - 1) if times > 1 else None
        if after:
            await self._pass(writer, data)
        raise ConnectionResetError


async def _first(*works: Awaitable[None]) -> None:
    """Run them until one ends, and end the others."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _break(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE_GONE)
    writer.transport.abort()
