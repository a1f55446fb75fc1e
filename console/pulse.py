"""Who is here: noted in memory with each answered ping, written for everybody at once every few seconds. Nobody's socket waits for it."""

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID
from weakref import WeakKeyDictionary

from console import admission
from console.batches import Batch
from console.rounds import every
from console.threads import in_thread
from handoffs import roster, waiting_room
from handoffs.models import Agent

if TYPE_CHECKING:
    from console.consumers import LiveSocket

TICK = 0.5
PING_EVERY, WRITE_EVERY, CHECK_EVERY = 10.0, 4.0, 5.0
UNANSWERED_PINGS = 3

_pulses: "WeakKeyDictionary[asyncio.AbstractEventLoop, Pulse]" = WeakKeyDictionary()


def pulse() -> "Pulse":
    """The pulse of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _pulses:
        _pulses[loop] = Pulse()
    return _pulses[loop]


class Pulse:
    """All sockets of a process: pings them, ends those whose readers lost their right, and writes who is here: agents by id, customers by conversation."""

    def __init__(self) -> None:
        self.sockets: set[LiveSocket] = set()
        self.agents: Batch[admission.Wish, Agent | admission.Refused] = Batch(lambda wishes: in_thread(admission.agents, wishes))
        self.conversations: Batch[UUID, bool] = Batch(lambda keys: in_thread(admission.conversations, keys))
        self._arrivals: Batch[int | UUID, None] = Batch(self._write_all)
        self._here: set[int | UUID] = set()
        self._moved: dict[int, float] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def arrived(self, who: int | UUID, idle: float = 0.0) -> None:
        """Somebody opens a page; returns when it is written."""
        self._move(who, idle)
        await self._arrivals.ask(who)

    def keep(self, socket: "LiveSocket") -> None:
        """Ping this socket from now on."""
        self.sockets.add(socket)
        if not self._tasks:
            rounds = ((TICK, self._ping), (WRITE_EVERY, self._write), (CHECK_EVERY, self._check))
            self._tasks = [asyncio.create_task(every(seconds, work)) for seconds, work in rounds]

    def stop(self) -> None:
        """End the rounds; for tests, whose loops end."""
        for task in self._tasks:
            task.cancel()
        self._tasks = []

    def forget(self, socket: "LiveSocket") -> None:
        self.sockets.discard(socket)

    def note(self, who: int | UUID, idle: float = 0.0) -> None:
        """A page has answered: its reader is here, and touched it `idle` seconds ago."""
        self._move(who, idle)
        self._here.add(who)

    def _move(self, who: int | UUID, idle: float) -> None:
        # Of an agent's pages, the one touched last counts.
        if isinstance(who, int):
            self._moved[who] = max(time.monotonic() - idle, self._moved.get(who, 0.0))

    async def _ping(self) -> None:
        now = time.monotonic()
        for socket in list(self.sockets):
            if socket.pinged_at + PING_EVERY <= now:
                socket.ping(now)

    async def _write(self) -> None:
        who, self._here = self._here, set()
        try:
            if who:
                await self._write_all(list(who))
        except Exception:
            # They answered, and are written with who answers next: those who have not gone meanwhile.
            self._here |= who & {socket.who() for socket in self.sockets}
            raise

    async def _write_all(self, who: Sequence[int | UUID]) -> Sequence[None]:
        now = time.monotonic()
        idle = {one: now - self._moved.get(one, now) for one in who if isinstance(one, int)}
        await in_thread(_written, idle, {one for one in who if isinstance(one, UUID)})
        return [None] * len(who)

    async def _check(self) -> None:
        """End the sockets of readers who have lost the right to watch: asked for all of them at once."""
        asked = [(socket, socket.wish) for socket in self.sockets if socket.wish]
        for (socket, _), answer in zip(asked, await in_thread(admission.agents, [wish for _, wish in asked]), strict=True):
            if isinstance(answer, admission.Refused):
                socket.end(answer.code)
            else:
                socket.agent = answer


def _written(idle: Mapping[int, float], pages: Collection[UUID]) -> None:
    if idle:
        roster.pulse(idle)
    if pages:
        waiting_room.pages_are_open(pages)
