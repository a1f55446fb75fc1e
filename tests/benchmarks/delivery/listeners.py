"""Many websocket clients in one process, as light as can be: they note what arrives and when, and read it afterwards."""

import asyncio
import base64
import os
import struct
import time
from collections.abc import Iterator

PING = b'{"t":"ping"}'


class Listener(asyncio.Protocol):
    """One client. `heard` has what arrived, with the monotonic time in seconds."""

    def __init__(self, path: str, port: int, headers: str = "", first: bytes = b"") -> None:
        self.request = (f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n{headers}\r\n").encode()
        self.first = first
        self.heard: list[tuple[float, bytes]] = []
        self.lost = False
        self.open = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.heard.append((time.monotonic(), data))
        if data.endswith(PING):
            self.transport.write(PONG)
        if not self.open.done() and data.startswith(b"HTTP/1.1"):
            self.open.set_result(data[9:12])
            if self.first:
                self.transport.write(masked(self.first))

    async def shown(self, *what: bytes) -> None:
        """Wait until one of these has arrived. Raises ConnectionError when the line is cut before."""
        while not any(one in data for _, data in self.heard for one in what):
            if self.lost:
                raise ConnectionError
            await asyncio.sleep(0.05)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        if not self.open.done():
            self.open.set_result(b"")

    def frames(self) -> Iterator[tuple[float, bytes]]:
        """What the server said, frame by frame, with the time at which the end of each arrived."""
        buffer, is_open = b"", False
        for at, data in self.heard:
            buffer += data
            if not is_open and b"\r\n\r\n" in buffer:
                buffer, is_open = buffer.partition(b"\r\n\r\n")[2], True
            while is_open and (whole := _size(buffer)) and len(buffer) >= sum(whole):
                head, size = whole
                yield at, buffer[head : head + size]
                buffer = buffer[head + size :]


def masked(payload: bytes) -> bytes:
    """A short text frame as clients must send it; the mask is four zeros."""
    return struct.pack("!BB", 0x81, 0x80 | len(payload)) + bytes(4) + payload


PONG = masked(b'{"t":"pong"}')


def _size(buffer: bytes) -> tuple[int, int] | None:
    """The lengths of the first frame's head and payload, when its head is complete."""
    if len(buffer) < 2:
        return None
    short = buffer[1] & 127
    head = {126: 4, 127: 10}.get(short, 2)
    if len(buffer) < head:
        return None
    return head, short if head == 2 else int.from_bytes(buffer[2:head], "big")


async def open_one(path: str, port: int, headers: str = "", *, first: bytes = b"", tries: int = 5) -> Listener:
    """An open client. Raises ConnectionError when it is refused `tries` times."""
    loop = asyncio.get_running_loop()
    for _ in range(tries):
        _, listener = await loop.create_connection(lambda: Listener(path, port, headers, first), "127.0.0.1", port)
        if (status := await asyncio.wait_for(listener.open, 30)) == b"101":
            return listener
    raise ConnectionError(f"a socket was answered {status!r}")


async def connect(count: int, path: str, port: int, *, first: bytes = b"", at_once: int = 20) -> list[Listener]:
    """So many open clients, some at a time."""
    gate = asyncio.Semaphore(at_once)

    async def one() -> Listener:
        async with gate:
            return await open_one(path, port, first=first)

    return list(await asyncio.gather(*(one() for _ in range(count))))
