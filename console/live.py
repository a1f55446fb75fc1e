"""handoff_changed ─▶ the groups it touches ─▶ a hint in each. Off the request's path, and never its failure.

A hint says only that a group has news; whoever has watchers for it reads the truth from the database and renders once.
"""

import asyncio
import logging
import os
import threading
import time
from contextlib import suppress
from typing import Any

from channels.layers import get_channel_layer

from console.streams.base import WALL_GROUP, agent_group, conversation_group, team_group
from handoffs.signals import Change, handoff_changed

logger = logging.getLogger(__name__)

BUDGET = 2.0
# Seconds from one sending to the next: pages read no sooner anyway (hub/pace.py), and what comes meanwhile goes together.
APART = 0.02
# What could not be sent is tried again so often, until the pages have found out by themselves.
AGAIN, FOUND_OUT = 1.0, 20.0
# Groups told at the same time: each takes a connection of its own.
AT_ONCE = 50


def connect() -> None:
    handoff_changed.connect(on_change, dispatch_uid="console.live")


def on_change(sender: Any, change: Change, **_: Any) -> None:
    publisher().hint(groups_of(change))


def groups_of(change: Change) -> frozenset[str]:
    groups = {WALL_GROUP, *map(team_group, change.teams), *map(agent_group, change.agents)}
    if change.conversation:
        groups.add(conversation_group(change.conversation.hex))
    return frozenset(groups)


class Publisher:
    """A thread with an event loop of its own that sends hints; bursts for one group become one hint."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._waiting: set[str] = set()
        self._late: dict[str, float] = {}  # groups that could not be told, and until when that is worth it
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._news = asyncio.Event()
        self._idle = threading.Event()
        self._idle.set()
        threading.Thread(target=self._run, name="live-publisher", daemon=True).start()

    def hint(self, groups: frozenset[str]) -> None:
        with self._lock:
            wakes = not self._waiting
            self._waiting |= groups
            self._idle.clear()
        if wakes:
            self._loop.call_soon_threadsafe(self._news.set)

    def wait(self, timeout: float = 10) -> bool:
        """Wait until everybody was told, or has found out; False when that took longer than `timeout` seconds."""
        return self._idle.wait(timeout)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._send_forever())

    async def _send_forever(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), AGAIN if self._late else None)
            self._news.clear()
            with self._lock:
                groups, self._waiting = self._waiting, set()
            await self._tell(groups)
            with self._lock:
                if not self._waiting and not self._late:
                    self._idle.set()
            await asyncio.sleep(APART)

    async def _tell(self, groups: set[str]) -> None:
        """These, and those that could not be told before. A Redis that stands still must not hold anybody up."""
        until = {**dict.fromkeys(sorted(groups), time.monotonic() + FOUND_OUT), **{late: self._late[late] for late in self._late.keys() - groups}}
        told = set[str]()
        try:
            await asyncio.wait_for(self._send(list(until), told), BUDGET)
        except Exception as error:
            if untold := groups - told:
                logger.warning("no hint to %s: %s", ", ".join(sorted(untold)), str(error) or type(error).__name__)
        self._late = {group: end for group, end in until.items() if group not in told and end > time.monotonic()}

    async def _send(self, groups: list[str], told: set[str]) -> None:
        """To those that somebody watches: most conversations are watched by nobody, and the layer asks twice for each. `told` grows as they are."""
        layer, some = get_channel_layer(), asyncio.Semaphore(AT_ONCE)
        watched = layer.connection(0).pipeline(transaction=False)
        for group in groups:
            watched.exists(layer._group_key(group))
        there = await watched.execute()
        told |= {group for group, is_there in zip(groups, there, strict=True) if not is_there}

        async def send(group: str) -> None:
            async with some:
                await layer.group_send(group, {"type": "hint", "group": group})
            told.add(group)

        answers = await asyncio.gather(*(send(group) for group in groups if group not in told), return_exceptions=True)
        for error in filter(None, answers):
            raise error


_publisher: Publisher | None = None
_lock = threading.Lock()


def publisher() -> Publisher:
    """This process's publisher; a forked worker gets its own."""
    global _publisher
    with _lock:
        if _publisher is None or _publisher.pid != os.getpid():
            _publisher = Publisher()
        return _publisher
