"""Live delivery inside one process: one layer subscription per group, one rendering per stream, the same bytes to every socket.

The order is always: subscribe, read the state, deliver it, then deliver changes. A hint that is lost costs at most
20 seconds, because every watched stream is read anew that often or oftener (`Stream.check_every`).
"""

import asyncio
import contextlib
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from channels.layers import get_channel_layer

from console.frames import frames, state
from console.streams.base import Stream
from console.threads import in_thread

logger = logging.getLogger(__name__)

MIN_GAP = 0.1
TICK = 1.0
RESUBSCRIBE_EVERY = 600.0
LAYER_BUDGET = 3.0

_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()


class Socket(Protocol):
    """Whatever takes frames: a websocket consumer."""

    async def push(self, *frames: str) -> None: ...


def hub() -> "Hub":
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


class Listener:
    """Waits for news of one group without holding a thread."""

    def __init__(self) -> None:
        self._news = asyncio.Event()

    def mark(self) -> None:
        self._news.set()

    async def wait(self, timeout: float) -> bool:
        """Whether there was news within `timeout` seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), timeout)
        heard = self._news.is_set()
        self._news.clear()
        return heard


class Watch:
    """One stream and the sockets that watch it in this process."""

    def __init__(self, stream: Stream, after_refresh: Callable[["Watch", frozenset[str]], Any]) -> None:
        self.stream = stream
        self.sockets: set[Socket] = set()
        self.joining = 0
        self.groups: frozenset[str] = frozenset()
        self.read_at = 0.0
        self._after_refresh = after_refresh
        self._shown: dict[str, str] = {}
        self._head: int | None = None
        self._lock = asyncio.Lock()
        self._due: asyncio.Task[None] | None = None

    async def add(self, socket: Socket, after: int) -> None:
        """Show the socket how things stand, then let it have every change."""
        async with self._lock:
            parts, news, head, groups = await in_thread(state, self.stream, after)
            self.read_at = time.monotonic()
            if not self.sockets:
                self._shown, self._head = dict(parts), head
            await socket.push(*frames(parts, news, after, head))
            self.sockets.add(socket)
        self._after_refresh(self, groups)

    def mark(self) -> None:
        """There is news: read and push, at most ten times a second; what happens meanwhile is in the next reading."""
        if self._due is None or self._due.done():
            self._due = asyncio.create_task(self._refresh_soon())

    async def _refresh_soon(self) -> None:
        await asyncio.sleep(max(0.0, self.read_at + MIN_GAP - time.monotonic()))
        self._due = None
        try:
            await self.refresh()
        except Exception:
            logger.exception("%s could not be shown", self.stream.name)

    async def refresh(self) -> None:
        async with self._lock:
            self.read_at = time.monotonic()
            before = self._head or 0
            parts, news, head, groups = await in_thread(state, self.stream, before)
            changed = {key: html for key, html in parts.items() if self._shown.get(key) != html}
            self._shown, self._head = dict(parts), max(head, before)
            if bundle := frames(changed, news, before, head):
                await asyncio.gather(*(socket.push(*bundle) for socket in self.sockets), return_exceptions=True)
        self._after_refresh(self, groups)


class Hub:
    """Every watch of a process, by group, and the one mailbox of the layer that wakes them."""

    def __init__(self) -> None:
        self._watches: dict[str, Watch] = {}
        self._by_group: defaultdict[str, set[Watch | Listener]] = defaultdict(set)
        self._subscribed: set[str] = set()
        self._subscribing = asyncio.Lock()
        self._is_silent = False
        self._channel = ""
        self._tasks: list[asyncio.Task[None]] = []

    async def join(self, stream: Stream, socket: Socket, after: int = 0) -> None:
        """Let `socket` watch `stream`: subscribed first, then shown the state, then every change."""
        self._start()
        watch = self._watches.setdefault(stream.name, Watch(stream, self._regroup))
        # Counted at once: the last other page to leave meanwhile must not end this watch.
        watch.joining += 1
        try:
            if not watch.groups:
                self._regroup(watch, await in_thread(stream.groups))
                await self._subscribe_new()
            await watch.add(socket, after)
        finally:
            watch.joining -= 1
            await self._end_if_unwatched(watch)

    async def leave(self, stream: Stream, socket: Socket) -> None:
        if watch := self._watches.get(stream.name):
            watch.sockets.discard(socket)
            await self._end_if_unwatched(watch)

    async def _end_if_unwatched(self, watch: Watch) -> None:
        if watch.sockets or watch.joining or self._watches.pop(watch.stream.name, None) is None:
            return
        self._regroup(watch, frozenset())
        await self._subscribe_new()

    async def missing(self, stream: Stream, socket: Socket, after: int) -> None:
        """Send one socket what it says it lacks."""
        parts, news, head, _ = await in_thread(state, stream, after)
        await socket.push(*frames(parts, news, after, head))

    @contextlib.asynccontextmanager
    async def listen(self, group: str) -> AsyncIterator[Listener]:
        """Hear of news in `group` while the block runs."""
        self._start()
        listener = Listener()
        self._by_group[group].add(listener)
        await self._subscribe_new()
        try:
            yield listener
        finally:
            self._forget(group, listener)
            await self._subscribe_new()

    def _regroup(self, watch: Watch, groups: frozenset[str]) -> None:
        if watch.stream.name not in self._watches:
            groups = frozenset()
        for group in watch.groups - groups:
            self._forget(group, watch)
        for group in groups - watch.groups:
            self._by_group[group].add(watch)
        if watch.groups != groups:
            watch.groups = groups
            self._soon(self._subscribe_new())

    def _forget(self, group: str, watcher: Watch | Listener) -> None:
        self._by_group[group].discard(watcher)
        if not self._by_group[group]:
            del self._by_group[group]

    def _start(self) -> None:
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._receive()), asyncio.create_task(self._check())]

    def _soon(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.append(task)
        task.add_done_callback(self._tasks.remove)

    async def _receive(self) -> None:
        """Wake whoever watches the group a hint names; after trouble, subscribe and read everything anew."""
        layer = get_channel_layer()
        # The default prefix: the layer reads one mailbox per process at a time, the one all consumers share.
        self._channel = await layer.new_channel()
        await self._subscribe_new()
        while True:
            try:
                message = await layer.receive(self._channel)
            except Exception as error:
                logger.warning("live news interrupted: %s", str(error) or type(error).__name__)
                await asyncio.sleep(1)
                await self._resubscribe()
            else:
                self._wake([message["group"]])

    async def _check(self) -> None:
        """Read every stream now and then, so that a lost hint is not lost for long; renew the subscriptions."""
        renewed = time.monotonic()
        while True:
            await asyncio.sleep(TICK)
            now = time.monotonic()
            for watch in list(self._watches.values()):
                if watch.read_at + watch.stream.check_every < now:
                    watch.mark()
            if now - renewed > RESUBSCRIBE_EVERY:
                renewed = now
                self._subscribed.clear()
            await self._subscribe_new(again=True)

    def _wake(self, groups: Iterable[str]) -> None:
        for group in groups:
            for watcher in list(self._by_group.get(group, ())):
                watcher.mark()

    async def _resubscribe(self) -> None:
        self._subscribed.clear()
        await self._subscribe_new(again=True)
        self._wake(list(self._by_group))

    async def _subscribe_new(self, *, again: bool = False) -> None:
        """Bring the layer's subscriptions in line with who watches. A silent layer is asked by the regular check alone: nobody waits for it."""
        if self._is_silent and not again:
            return
        async with self._subscribing:
            if not self._channel or (self._is_silent and not again):
                return
            layer, wanted = get_channel_layer(), set(self._by_group)
            new, old = wanted - self._subscribed, self._subscribed - wanted
            self._subscribed -= old
            requests = [layer.group_add(group, self._channel) for group in new] + [layer.group_discard(group, self._channel) for group in old]
            heard = await asyncio.gather(*map(self._ask, requests))
            self._subscribed |= {group for group, is_heard in zip(new, heard, strict=False) if is_heard}
            was_silent, self._is_silent = self._is_silent, bool(requests) and not any(heard)
            if was_silent:
                self._wake(new & self._subscribed)

    async def _ask(self, request: Any) -> bool:
        try:
            await asyncio.wait_for(request, LAYER_BUDGET)
        except Exception as error:
            logger.warning("the channel layer did not answer: %s", str(error) or type(error).__name__)
            return False
        return True
