"""This process's one mailbox of the channel layer: which groups it is subscribed to, kept in line with who watches."""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)

TICK = 1.0
RESUBSCRIBE_EVERY = 600.0
LAYER_BUDGET = 3.0
# Groups that are asked for at each tick: a flush takes them all, but those joined since are there.
SOME = 8
# Requests under way at the same time: each takes a connection of its own, and the pool never gives one up.
AT_ONCE = 50


class Mailbox:
    """Hears the groups that are `wanted`; `hear` takes each message, `missed` the groups whose messages may have been lost."""

    def __init__(self, wanted: Callable[[], Iterable[str]], hear: Callable[[dict[str, Any]], None], missed: Callable[[Iterable[str]], None]) -> None:
        self._wanted, self._hear, self._missed = wanted, hear, missed
        self.subscribed: set[str] = set()
        self._refused: set[str] = set()  # groups that were asked for in vain
        self.is_silent = False
        self._subscribing = asyncio.Lock()
        self._channel = ""

    async def receive(self) -> None:
        """Take messages for ever; after trouble, subscribe and have everything read anew."""
        layer = get_channel_layer()
        await self.subscribe()
        while True:
            try:
                message = await layer.receive(self._channel)
            except Exception as error:
                logger.warning("live news interrupted: %s", str(error) or type(error).__name__)
                await asyncio.sleep(1)
                await self.subscribe(again=True, anew=True)
                self._missed(list(self._wanted()))
            else:
                self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        try:
            self._hear(message)
        except Exception:
            # Another version may have said it. Nobody else's news may end with it.
            logger.exception("a message was not understood")

    async def renew(self) -> None:
        """Ask a silent layer again, and subscribe anew when it has forgotten us, as after a flush or a failover, or else from time to time."""
        renewed = time.monotonic()
        while True:
            await asyncio.sleep(TICK)
            is_forgotten = await self._is_forgotten()
            if anew := is_forgotten or time.monotonic() - renewed > RESUBSCRIBE_EVERY:
                renewed = time.monotonic()
            await self.subscribe(again=True, anew=anew)
            if is_forgotten:
                logger.warning("the channel layer had forgotten this process")
                self._missed(list(self._wanted()))

    async def send(self, group: str, message: Mapping[str, Any]) -> None:
        """Send to a group of all processes. A silent layer is not asked."""
        if not self.is_silent:
            await self._ask(get_channel_layer().group_send(group, dict(message)))

    async def subscribe(self, *, again: bool = False, anew: bool = False) -> None:
        """Bring the subscriptions in line with what is wanted, `anew` as if there were none.

        A silent layer is asked by the regular check alone: nobody waits for it.
        """
        if self.is_silent and not again:
            return
        async with self._subscribing:
            if self.is_silent and not again:
                return
            # The default prefix: the layer reads one mailbox per process at a time, the one all consumers share.
            self._channel = self._channel or await get_channel_layer().new_channel()
            if anew:
                # Here, where no other request is under way: its groups would count as subscribed again.
                self.subscribed.clear()
            layer, wanted = get_channel_layer(), set(self._wanted())
            new, old = wanted - self.subscribed, self.subscribed - wanted
            self.subscribed -= old
            requests = [layer.group_add(group, self._channel) for group in new] + [layer.group_discard(group, self._channel) for group in old]
            heard = await self._ask(*requests)
            self.subscribed |= {group for group, is_heard in zip(new, heard, strict=False) if is_heard}
            was_silent, self.is_silent = self.is_silent, bool(requests) and not any(heard)
            late, self._refused = new if was_silent else new & self._refused, new - self.subscribed
            if late & self.subscribed:
                self._missed(late & self.subscribed)

    async def _is_forgotten(self) -> bool:
        """Whether the layer no longer knows that this process is subscribed. It tells nobody by itself, and the sockets stay open."""
        layer, groups = get_channel_layer(), [] if self.is_silent else random.sample(tuple(self.subscribed), min(SOME, len(self.subscribed)))
        known = layer.connection(0).pipeline(transaction=False)
        for group in groups:
            known.zscore(layer._group_key(group), self._channel)
        try:
            scores = await asyncio.wait_for(known.execute(), LAYER_BUDGET)
        except Exception:
            # Away, not forgetful: whoever reads the mailbox hears of that.
            return False
        # Left meanwhile is not forgotten.
        return any(score is None and group in self.subscribed for group, score in zip(groups, scores, strict=True))

    async def _ask(self, *requests: Coroutine[Any, Any, None]) -> list[bool]:
        """Which of them were answered. There may be thousands: what went wrong is one line in the log."""
        some = asyncio.Semaphore(AT_ONCE)

        async def ask(request: Coroutine[Any, Any, None]) -> None:
            try:
                async with some:
                    await request
            finally:
                # Whose time was over before its turn came was never begun.
                request.close()

        answers = await asyncio.gather(*(asyncio.wait_for(ask(request), LAYER_BUDGET) for request in requests), return_exceptions=True)
        if errors := [answer for answer in answers if answer]:
            logger.warning("the channel layer did not answer %d of %d: %s", len(errors), len(answers), str(errors[0]) or type(errors[0]).__name__)
        return [not answer for answer in answers]
