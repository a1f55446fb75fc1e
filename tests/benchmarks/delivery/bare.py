"""The least there can be: an asyncio protocol that speaks just enough websocket, fed by Redis pub/sub. Run: python -m … PORT"""

import asyncio
import base64
import hashlib
import os
import struct
import sys

from redis.asyncio import Redis

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
sockets: set[asyncio.Transport] = set()


class Bare(asyncio.Protocol):
    """Answers the handshake, and then only listens for the end."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if self.transport in sockets:
            return
        head = data.lower()
        at = head.index(b"sec-websocket-key:") + 18
        key = data[at : data.index(b"\r\n", at)].strip()
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        self.transport.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        sockets.add(self.transport)

    def connection_lost(self, exc: Exception | None) -> None:
        sockets.discard(self.transport)


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", port, backlog=2048)
    async with server, Redis.from_url(os.environ["REDIS_URL"]) as redis, redis.pubsub() as heard:
        await heard.subscribe(os.environ["FANOUT"])
        async for message in heard.listen():
            if message["type"] == "message":
                frame = struct.pack("!BBH", 0x81, 126, len(message["data"])) + message["data"]
                for transport in sockets:
                    transport.write(frame)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
