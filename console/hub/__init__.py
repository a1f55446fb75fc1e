"""Live delivery inside one process: one layer subscription per group, one rendering per stream, the same bytes to every socket.

The order is always: subscribe, read the state, deliver it, then deliver changes. A hint that is lost costs at most
20 seconds, because every watched stream is looked at that often or oftener (`Stream.check_every`).
"""

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from console.frames import sign, stands
from console.hub.looking import Looking
from console.hub.mailbox import Mailbox
from console.hub.outbox import Frames
from console.hub.watch import Listener, Socket, Watch
from console.streams.base import Stream
from console.threads import in_thread

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
        self.mailbox = Mailbox(lambda: self.by_group, self._hear, self._miss)
        self._looking = Looking(self.watches)
        self._tasks: set[asyncio.Task[None]] = set()

    async def join(self, stream: Stream, socket: Socket, after: int = 0, named: str = "") -> None:
        """Let `socket` watch `stream`: subscribed first, then shown the state, then every change.

        A page that has seen it before names how it stood then (`frames.sign`), and is shown nothing when it stands so still.
        """
        self._start()
        watch = self.watches.setdefault(stream.name, Watch(stream, self._regroup))
        # Counted at once: the last other page to leave meanwhile must not end this watch.
        watch.joining += 1
        try:
            if not watch.groups:
                self._regroup(watch, stream.own_groups() or await in_thread(stream.groups))
            await self.mailbox.subscribe()
            if not (named and await self._stands_still(watch, socket, after, named)):
                await self._show(watch, socket, after)
        finally:
            watch.joining -= 1
            self._end_if_unwatched(watch)

    def leave(self, stream: Stream, socket: Socket) -> None:
        if watch := self.watches.get(stream.name):
            watch.sockets.discard(socket)
            self._end_if_unwatched(watch)

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
        try:
            await self.mailbox.subscribe()
            yield listener
        finally:
            self._forget(group, listener)
            self._beside(self.mailbox.subscribe())

    def stop(self) -> None:
        """End what runs beside the sockets; for tests, whose loops end."""
        for task in list(self._tasks):
            task.cancel()

    async def _show(self, watch: Watch, socket: Socket, after: int) -> None:
        groups = watch.groups
        await watch.show(socket, after)
        if not watch.groups <= groups:
            # Of what else it listens to, something may have been said before it did.
            await self.mailbox.subscribe()
            await watch.show(socket, after)
        watch.sockets.add(socket)

    async def _stands_still(self, watch: Watch, socket: Socket, after: int, named: str) -> bool:
        if watch.is_read_for_nobody:
            return False
        # It hears what is read from now on: nothing may pass between the look and the first change.
        watch.sockets.add(socket)
        head = await self._looking.head(watch.stream)
        if sign(watch.stream, head, after) != named:
            watch.sockets.discard(socket)
            return False
        watch.is_shown(head, after)
        self._regroup(watch, watch.groups | watch.stream.groups_by(head))
        socket.push(Frames(stands(named)))
        return True

    def _end_if_unwatched(self, watch: Watch) -> None:
        if not watch.sockets and not watch.joining and self.watches.get(watch.stream.name) is watch:
            del self.watches[watch.stream.name]
            self._regroup(watch, frozenset())

    def _regroup(self, watch: Watch, groups: frozenset[str]) -> None:
        # A reading may outlive its watch, and the page that ended it may have begun another by then.
        if self.watches.get(watch.stream.name) is not watch:
            groups = frozenset()
        for group in watch.groups - groups:
            self._forget(group, watch)
        for group in groups - watch.groups:
            self.by_group[group].add(watch)
        if watch.groups != groups:
            is_new = bool(watch.read_at) and not groups <= watch.groups
            watch.groups = groups
            self._beside(self._subscribe_late(watch) if is_new else self.mailbox.subscribe())

    async def _subscribe_late(self, watch: Watch) -> None:
        """Subscribe to what a reading has told of. Something may have been said there since: look again."""
        await self.mailbox.subscribe()
        watch.miss()

    def _forget(self, group: str, watcher: Watch | Listener) -> None:
        self.by_group[group].discard(watcher)
        if not self.by_group[group]:
            del self.by_group[group]

    def _start(self) -> None:
        if not self._tasks:
            for work in (self.mailbox.receive(), self.mailbox.renew(), self._looking.look(), self._looking.follow()):
                self._beside(work)

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] == "whisper":
            self._say(message["group"], Frames(message["text"]))
        elif message["type"] == "hint":
            self._wake([message["group"]])

    def _miss(self, groups: Iterable[str]) -> None:
        for watcher in {watcher for group in groups for watcher in self.by_group.get(group, ())}:
            watcher.miss()

    def _say(self, group: str, frames: Frames) -> None:
        said_to: set[Socket] = set()
        for watcher in self.by_group.get(group, ()):
            if isinstance(watcher, Watch):
                watcher.say(frames, said_to)

    def _wake(self, groups: Iterable[str]) -> None:
        for group in groups:
            for watcher in list(self.by_group.get(group, ())):
                if isinstance(watcher, Watch) and watcher.is_of_others(group):
                    self._looking.moved(watcher, group)
                else:
                    watcher.mark()
