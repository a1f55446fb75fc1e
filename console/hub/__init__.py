"""Live delivery inside one process: one layer subscription per group, one rendering per stream, the same bytes to every socket.

The order is always: subscribe, read the state, deliver it, then deliver changes. A hint that is lost costs at most
20 seconds, because every watched stream is read anew that often or oftener (`Stream.check_every`).
"""

import asyncio
import contextlib
import json
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine, Hashable, Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from console.hub.mailbox import Mailbox
from console.hub.outbox import Frames
from console.hub.watch import Listener, Socket, Watch
from console.streams.base import Stream
from console.threads import in_thread

logger = logging.getLogger(__name__)

LOOK_EVERY = 1.0

_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()


def hub() -> "Hub":
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


class Hub:
    """Every watch of a process, by group, and the mailbox that wakes them."""

    def __init__(self) -> None:
        self.watches: dict[str, Watch] = {}
        self.by_group: defaultdict[str, set[Watch | Listener]] = defaultdict(set)
        self.mailbox = Mailbox(lambda: self.by_group, self._hear, self._wake)
        self._tasks: set[asyncio.Task[None]] = set()

    async def join(self, stream: Stream, socket: Socket, after: int = 0) -> None:
        """Let `socket` watch `stream`: subscribed first, then shown the state, then every change."""
        self._start()
        watch = self.watches.setdefault(stream.name, Watch(stream, self._regroup))
        # Counted at once: the last other page to leave meanwhile must not end this watch.
        watch.joining += 1
        try:
            if not watch.groups:
                self._regroup(watch, await in_thread(stream.groups))
                await self.mailbox.subscribe()
            await watch.show(socket, after)
            watch.sockets.add(socket)
        finally:
            watch.joining -= 1
            await self._end_if_unwatched(watch)

    async def leave(self, stream: Stream, socket: Socket) -> None:
        if watch := self.watches.get(stream.name):
            watch.sockets.discard(socket)
            await self._end_if_unwatched(watch)

    async def missing(self, stream: Stream, socket: Socket, after: int) -> None:
        """Send one socket what it says it lacks."""
        if watch := self.watches.get(stream.name):
            await watch.show(socket, after)

    def groups_of(self, streams: Iterable[Stream]) -> frozenset[str]:
        """The groups that watched streams listen to now."""
        return frozenset().union(*(self.watches[stream.name].groups for stream in streams if stream.name in self.watches))

    def whisper(self, group: str, frame: Mapping[str, Any]) -> None:
        """Say something to every page, of any process, that watches the group now. It is kept nowhere, may be lost, and fails nobody."""
        self._start()
        self._beside(self.mailbox.send(group, {"type": "whisper", "group": group, "text": json.dumps(frame)}))

    @contextlib.asynccontextmanager
    async def listen(self, group: str) -> AsyncIterator[Listener]:
        """Hear of news in `group` while the block runs."""
        self._start()
        listener = Listener()
        self.by_group[group].add(listener)
        await self.mailbox.subscribe()
        try:
            yield listener
        finally:
            self._forget(group, listener)
            await self.mailbox.subscribe()

    def stop(self) -> None:
        """End what runs beside the sockets; for tests, whose loops end."""
        for task in list(self._tasks):
            task.cancel()

    async def _end_if_unwatched(self, watch: Watch) -> None:
        if watch.sockets or watch.joining or self.watches.pop(watch.stream.name, None) is None:
            return
        self._regroup(watch, frozenset())
        await self.mailbox.subscribe()

    def _regroup(self, watch: Watch, groups: frozenset[str]) -> None:
        if watch.stream.name not in self.watches:
            groups = frozenset()
        for group in watch.groups - groups:
            self._forget(group, watch)
        for group in groups - watch.groups:
            self.by_group[group].add(watch)
        if watch.groups != groups:
            watch.groups = groups
            self._beside(self.mailbox.subscribe())

    def _forget(self, group: str, watcher: Watch | Listener) -> None:
        self.by_group[group].discard(watcher)
        if not self.by_group[group]:
            del self.by_group[group]

    def _start(self) -> None:
        if not self._tasks:
            for work in (self.mailbox.receive(), self.mailbox.renew(), self._look()):
                self._beside(work)

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] == "whisper":
            self._say(message["group"], Frames(message["text"]))
        else:
            self._wake([message["group"]])

    def _say(self, group: str, frames: Frames) -> None:
        said_to: set[Socket] = set()
        for watcher in self.by_group.get(group, ()):
            if isinstance(watcher, Watch):
                watcher.say(frames, said_to)

    def _wake(self, groups: Iterable[str]) -> None:
        for group in groups:
            for watcher in list(self.by_group.get(group, ())):
                watcher.mark()

    async def _look(self) -> None:
        """Look at every stream now and then, so that a lost hint is not lost for long."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            due = [watch for watch in self.watches.values() if watch.read_at + watch.stream.check_every < time.monotonic()]
            heads: dict[str, Hashable] = {}
            for kind in {type(watch.stream) for watch in due}:
                heads |= await self._heads(kind, [watch.stream for watch in due if type(watch.stream) is kind])
            for watch in due:
                watch.look(heads.get(watch.stream.name))

    async def _heads(self, kind: type[Stream], streams: list[Stream]) -> Mapping[str, Hashable]:
        try:
            return await in_thread(kind.heads, streams)
        except Exception as error:
            logger.warning("streams are read without a look first: %s", type(error).__name__)
            return {}
