"""Who waits for news in this process: the sockets of one stream, and whoever listens to one group."""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Protocol

from console.batches import Batch
from console.frames import changed, frames, sign, state
from console.hub.outbox import Frames, encoded
from console.hub.pace import Pace
from console.streams.base import Moved, Stream
from console.threads import in_thread

logger = logging.getLogger(__name__)

TRY_AGAIN = 1.0
NOTHING = Frames()
# Looks at a stream until what time alone changes is shown, where it stands as it did, and until it is read anew whatever others are shown together.
PASSED_OVER, WHOLE_AFTER = 8, 40


class Socket(Protocol):
    """Whatever takes frames without making anybody wait: a websocket."""

    def push(self, frames: Frames) -> None: ...


class Listener:
    """Waits for news of one group without holding a thread."""

    def __init__(self) -> None:
        self._news = asyncio.Event()

    def mark(self) -> None:
        self._news.set()

    def miss(self) -> None:
        """Something may have been said that was not heard."""
        self.mark()

    async def wait(self, timeout: float) -> bool:
        """Whether there was news within `timeout` seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), timeout)
        heard = self._news.is_set()
        self._news.clear()
        return heard


class Watch:
    """One stream and the sockets that watch it: read once for all of them, sent as the same bytes."""

    def __init__(self, stream: Stream, after_reading: Callable[["Watch", frozenset[str]], Any]) -> None:
        self.stream = stream
        self.sockets: set[Socket] = set()
        self.joining = 0
        self.groups: frozenset[str] = frozenset()
        self.read_at = 0.0
        self._after_reading = after_reading
        self._shown: Mapping[str, str] = {}
        self._head = 0
        self._seen: Hashable = None
        self._passed_over = 0
        self._pace = Pace(stream.least_gap)
        self._readings = Batch(self._read)
        self._is_read_for_sockets = True
        self._due: asyncio.Task[None] | None = None

    async def show(self, socket: Socket, after: int) -> None:
        """Show the socket how things stand, with the news after a number; whoever asks meanwhile shares the next reading."""
        socket.push(await self._readings.ask(after))

    def is_shown(self, head: Hashable, number: int) -> None:
        """A page is here that has everything. When nobody has read the stream yet, that is where the readings begin."""
        if not self.read_at:
            self.read_at, self._seen, self._head = time.monotonic(), head, number
            # Many come back at once: what they are read for either way is spread over minutes.
            self._passed_over = random.randrange(WHOLE_AFTER)

    @property
    def is_read_for_nobody(self) -> bool:
        """Whether a reading is under way that pushes nothing, because nobody was here when it began."""
        return self._readings.is_busy and not self._is_read_for_sockets

    def mark(self) -> None:
        """There is news: read and push, as soon as the pace allows; what happens meanwhile is in the next reading."""
        self._pace.heard(time.monotonic())
        if self._due is None or self._due.done():
            self._due = asyncio.create_task(self._refresh_soon())

    def miss(self) -> None:
        """Something may have been said that was not heard: the next look is due. There may be thousands, and most stand as they did."""
        if self.read_at:
            self.read_at = float("-inf")

    def is_of_others(self, group: str) -> bool:
        """Whether the group is not the stream's own: what happens there seldom changes what it shows, and its head tells whether it did."""
        own = self.stream.own_groups()
        return bool(own) and group not in own

    @property
    def seen(self) -> Hashable:
        """The stream's head before what was shown last was read."""
        return self._seen

    def stands(self, head: Hashable) -> bool:
        """Whether the stream's head is the same as before the last reading."""
        return head is not None and head == self._seen

    def passes_over(self, head: Hashable) -> bool:
        """Whether a look shows nothing: the stream stands as it did, and it is not yet time for what time alone changes."""
        self._passed_over += 1
        return self.stands(head) and self._passed_over % PASSED_OVER > 0

    def follow(self, parts: Mapping[str, str], moved: Moved) -> bool:
        """Show parts that were read together with those of other streams; False when it was read meanwhile, or is to be read whole."""
        if self._readings.is_busy or self._seen != moved.before or self._passed_over >= WHOLE_AFTER:
            return False
        fresh, self._shown, self._seen = changed(self._shown, parts), {**self._shown, **parts}, moved.now
        self._push(frames(fresh, "", self._head, after=self._head, named=sign(self.stream, moved.now, self._head)))
        return True

    def say(self, frames: Frames, said_to: set[Socket]) -> None:
        """Pass something on to every socket that has not had it by another stream of its page."""
        for socket in self.sockets - said_to:
            _push(socket, frames)
        said_to |= self.sockets

    async def _refresh_soon(self) -> None:
        await asyncio.sleep(self._pace.wait(self.read_at, time.monotonic()))
        self._due = None
        await self.refresh()

    async def refresh(self) -> None:
        """Read and push what changed; what cannot be read is read again after a second."""
        try:
            await self._readings.ask(None)
        except Exception:
            logger.exception("%s could not be shown", self.stream.name)
            # The hint is used up: the next regular look comes soon.
            self.read_at = time.monotonic() + TRY_AGAIN - self.stream.check_every

    async def _read(self, asked: Sequence[int | None]) -> Sequence[Frames]:
        """Read the stream, push what changed, and answer those who asked for everything, with the news after their number."""
        read_before, self.read_at = self.read_at, time.monotonic()
        before, self._is_read_for_sockets = self._head, (watched := bool(self.sockets))
        numbers = {number for number in asked if number is not None} | ({before} if watched else set())
        try:
            now = await in_thread(state, self.stream, numbers)
        except Exception:
            # Whoever is here already is looked at as if nobody had asked.
            self.read_at = min(self.read_at, read_before)
            raise
        parts_changed, self._shown = changed(self._shown, now.parts), now.parts
        self._seen, self._passed_over = now.head, 0
        # The least of them: what one has twice its page knows by the numbers, what one misses it would have to ask for.
        self._head = min((head for _, head in now.news.values()), default=before)

        def told(parts: Mapping[str, str], after: int) -> Sequence[str]:
            news, number = now.news[after]
            return frames(parts, news, number, after=after, named=sign(self.stream, now.head, number))

        if watched:
            self._push(told(parts_changed, before))
        self._after_reading(self, now.groups)
        whole = {number: encoded(told(now.parts, number)) for number in now.news if number in asked}
        return [whole[number] if number is not None else NOTHING for number in asked]

    def _push(self, texts: Sequence[str]) -> None:
        fresh = encoded(texts)
        for socket in self.sockets if texts else ():
            _push(socket, fresh)


def _push(socket: Socket, frames: Frames) -> None:
    try:
        socket.push(frames)
    except Exception:
        # One that fails must not keep the news from the others; its own consumer ends it.
        logger.exception("a socket could not be sent its news")
