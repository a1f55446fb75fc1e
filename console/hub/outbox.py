"""What one socket is sent: without ever waiting for its reader, and never more than a bounded part unread."""

import asyncio
import logging
import struct
from collections import deque
from collections.abc import Callable, Coroutine, Generator, Sequence
from types import coroutine
from typing import Any

logger = logging.getLogger(__name__)

Send = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]

# What is larger than this the page fetches over HTTP instead.
LARGEST = 1_000_000
# Bytes a reader may leave unread. Past the first it is asked whether it still reads, past the second it is given up.
ASK_AT, MOST_UNREAD = 2**20, 4 * 2**20


class Frames:
    """Texts that are sent together, encoded once however many sockets they go to."""

    __slots__ = ("messages", "texts", "wire")

    def __init__(self, *texts: str) -> None:
        self.texts = texts
        self.messages = [{"type": "websocket.send", "text": text} for text in texts]
        self.wire = b"".join(_head(len(payload)) + payload for payload in (text.encode() for text in texts))


def _head(size: int) -> bytes:
    """The first bytes of an unmasked text frame (RFC 6455, 5.2)."""
    if size < 126:
        return struct.pack("!BB", 0x81, size)
    return struct.pack("!BBH", 0x81, 126, size) if size < 2**16 else struct.pack("!BBQ", 0x81, 127, size)


PULL, PING = Frames('{"t":"pull"}'), Frames('{"t":"ping"}')


def encoded(texts: Sequence[str]) -> Frames:
    """The texts as frames; when they are too large, only the word to pull instead."""
    frames = Frames(*texts)
    return frames if len(frames.wire) <= LARGEST else PULL


class Outbox:
    """The way out to one socket. `overflow` is called once when its reader leaves too much unread."""

    def __init__(self, scope: dict[str, Any], send: Send, overflow: Callable[[], Any]) -> None:
        # Our own server takes encoded frames (console/protocol.py); every other one gets ordinary messages.
        self._write: Callable[[bytes], int] | None = scope.get("extensions", {}).get("baton.write")
        self._send, self._overflow = send, overflow
        self._kept: deque[dict[str, Any]] = deque()
        self._sending: asyncio.Task[None] | None = None
        self._pings: deque[int] = deque()
        self._sent = self._read = 0
        self.is_open = True

    @property
    def unanswered(self) -> int:
        """How many pings the page has not answered."""
        return len(self._pings)

    def put(self, frames: Frames) -> None:
        """Send frames, in order, as soon as the server takes them."""
        if self.is_open and frames.wire:
            self._put(frames)

    def ping(self) -> None:
        if self.is_open:
            self._pings.append(self._sent + len(PING.wire))
            self._put(PING)

    def answered(self) -> None:
        """The page has answered a ping: whatever was sent before it has been read."""
        if self._pings:
            self._read = self._pings.popleft()

    def shut(self) -> None:
        """Nothing more is sent."""
        self.is_open = False
        self._kept.clear()
        if self._sending:
            self._sending.cancel()

    def _put(self, frames: Frames) -> None:
        self._sent += len(frames.wire)
        unread = self._sent - self._read
        if self._write:
            unread = max(unread, self._write(frames.wire))
        else:
            self._kept.extend(frames.messages)
            while self._kept and not self._sending and self.is_open:
                self._begin(self._send(self._kept.popleft()))
        if unread > MOST_UNREAD:
            self.shut()
            self._overflow()
        elif unread > ASK_AT and not self._pings:
            self.ping()

    def _begin(self, sending: Coroutine[Any, Any, None]) -> None:
        """Send as far as it goes without waiting; a task only for a server that makes us wait, which is rare and costs more."""
        try:
            waits_for = sending.send(None)
        except StopIteration:
            return
        except Exception:
            self.is_open = False
            return
        self._sending = asyncio.create_task(self._send_kept(_rest(sending, waits_for)))

    async def _send_kept(self, first: Any) -> None:
        try:
            await first
            while self._kept:
                await self._send(self._kept.popleft())
        except Exception as error:
            logger.debug("a socket takes no more: %s", error)
            self.is_open = False
        finally:
            self._sending = None


@coroutine
def _rest(begun: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    """The rest of a coroutine that has run up to what it waits for."""
    try:
        while True:
            try:
                value = yield waits_for
            except BaseException as error:
                waits_for = begun.throw(error)
            else:
                waits_for = begun.send(value)
    except StopIteration:
        return
