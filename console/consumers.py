"""The sockets: authorise, join, send the state, forward. They carry news out; acts of people are ordinary HTTP."""

import asyncio
import contextlib
import json
import logging
import time
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.signing import BadSignature
from django.db import DatabaseError
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from console.hub import hub
from console.streams.base import Stream
from console.streams.customer import CustomerPage
from console.streams.registry import listed
from console.threads import in_thread
from handoffs import addresses, roster, waiting
from handoffs.models import Agent, Conversation

logger = logging.getLogger(__name__)

PING_EVERY = 10.0
UNANSWERED_PINGS = 3
FRAMES_PER_SECOND = 20
# A page says little. The server's own limit counts both ways, and what we send is larger.
LARGEST_HEARD, LARGEST_SENT = 4096, 1_000_000
# A server's application may close with 1000 or 3000 to 4999 only.
SIGN_IN, FORBIDDEN, TOO_LARGE, TOO_FAST, TRY_LATER = 4401, 4403, 4413, 4429, 4503


class Refused(Exception):
    """The socket may not be opened, or not be kept open; `code` tells the page why."""

    def __init__(self, code: int) -> None:
        self.code = code


class LiveSocket(AsyncWebsocketConsumer):
    """One page's socket. It is accepted before it is refused, so that the page learns the reason from the close code."""

    # News comes through the hub: a socket that read the layer itself would die with Redis.
    channel_layer_alias = "none"
    streams: tuple[Stream, ...] = ()
    beat: asyncio.Task[None] | None = None
    answer: asyncio.Task[None] | None = None
    asked: int | None = None

    async def __call__(self, *arguments: Any) -> None:
        """However the socket ends, an error included, the hub forgets it."""
        try:
            await super().__call__(*arguments)
        finally:
            for task in filter(None, (self.beat, self.answer)):
                task.cancel()
            for stream in self.streams:
                await hub().leave(stream, self)

    async def connect(self) -> None:
        await self.accept()
        query = parse_qs(self.scope["query_string"].decode("utf-8", "replace"))
        self.after = _number(query.get("after", ["0"])[0])
        self.unanswered, self.frames = 0, [0.0, 0.0]
        try:
            self.streams = await in_thread(self.authorise, query)
            await in_thread(self.is_here)
            for stream in self.streams:
                await hub().join(stream, self, self.after)
        except Refused as refused:
            await self.close(refused.code)
            return
        self.beat = asyncio.create_task(self._beat())

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """A page says that it is here, or which number it has seen last. Anything else is ignored."""
        if self._too_fast():
            await self.close(TOO_FAST)
            return
        if len(text_data or bytes_data or "") > LARGEST_HEARD:
            await self.close(TOO_LARGE)
            return
        frame = _parsed(text_data)
        if frame.get("t") == "pong":
            self.unanswered = 0
            await in_thread(self.is_here)
        elif frame.get("t") == "missing":
            self.asked = _number(frame.get("after"))
            # Answered beside, one at a time: frames that wait for an answer could not be counted.
            if self.answer is None or self.answer.done():
                self.answer = asyncio.create_task(self._answer())

    async def push(self, *frames: str) -> None:
        """Send frames; what is too large for one, the page fetches over HTTP."""
        if any(len(frame.encode()) > LARGEST_SENT for frame in frames):
            frames = ('{"t":"pull"}',)
        for frame in frames:
            await self.send(text_data=frame)

    def authorise(self, query: dict[str, list[str]]) -> tuple[Stream, ...]:
        """The streams this socket may watch. Raises Refused."""
        raise Refused(FORBIDDEN)

    def is_here(self) -> None:
        """Renew the lease of whoever sits before the page."""

    def still_allowed(self) -> None:
        """Raises Refused when the reader has lost the right to watch."""

    async def _answer(self) -> None:
        """Send what the page says it lacks; of what it asks meanwhile, the last counts."""
        while self.asked is not None:
            after, self.asked = self.asked, None
            try:
                for stream in self.streams:
                    await hub().missing(stream, self, after)
            except Exception:
                logger.exception("a page could not be shown what it lacks")
                await self.close(TRY_LATER)

    async def _beat(self) -> None:
        """Ping; drop a page that never answers, and one whose reader may not watch any more."""
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                await self.send(text_data='{"t":"ping"}')
                self.unanswered += 1
                await asyncio.sleep(PING_EVERY)
                try:
                    await in_thread(self.still_allowed)
                except Refused as refused:
                    await self.close(refused.code)
                    return
                except DatabaseError as error:
                    # Without its pings a page would seem gone, and its agent with it.
                    logger.warning("whether a page may be watched is asked again: %s", type(error).__name__)
                if self.unanswered >= UNANSWERED_PINGS:
                    await self.close(TRY_LATER)
                    return

    def _too_fast(self) -> bool:
        """A token bucket: FRAMES_PER_SECOND on average, twice that at once."""
        now, (count, then) = time.monotonic(), self.frames
        self.frames = [max(0.0, count - (now - then) * FRAMES_PER_SECOND) + 1, now]
        return self.frames[0] > 2 * FRAMES_PER_SECOND


class AgentSocket(LiveSocket):
    """/live/?streams=NAME,NAME for signed-in agents."""

    def authorise(self, query: dict[str, list[str]]) -> tuple[Stream, ...]:
        self.agent_id = getattr(self.scope["user"], "pk", None)
        self.names = query.get("streams", [""])[0]
        return self._allowed()

    def _allowed(self) -> tuple[Stream, ...]:
        self.agent = Agent.objects.filter(pk=self.agent_id, is_active=True).first() if self.agent_id else None
        if self.agent is None or not self._is_signed_in(self.agent):
            raise Refused(SIGN_IN)
        try:
            streams = listed(self.names)
        except LookupError:
            raise Refused(FORBIDDEN) from None
        # A name in the address proves nothing: each stream is asked whether this agent may watch it, now and again later.
        if not all(stream.may_watch(self.agent) for stream in streams):
            raise Refused(FORBIDDEN)
        return streams

    def _is_signed_in(self, agent: Agent) -> bool:
        """Whether the session still stands: signing out, its end and a new password all end it."""
        session = self.scope["session"]
        lives = Session.objects.filter(session_key=session.session_key, expire_date__gt=timezone.now()).exists()
        return lives and constant_time_compare(session.get(HASH_SESSION_KEY, ""), agent.get_session_auth_hash())

    def is_here(self) -> None:
        roster.renew(self.agent)

    def still_allowed(self) -> None:
        self._allowed()


class CustomerSocket(LiveSocket):
    """/live/c/TOKEN/ for the customer whose page has that signed address."""

    def authorise(self, query: dict[str, list[str]]) -> tuple[Stream, ...]:
        try:
            key: UUID = addresses.read(self.scope["url_route"]["kwargs"]["token"])
        except BadSignature:
            raise Refused(FORBIDDEN) from None
        self.conversation = Conversation.objects.filter(pk=key).first()
        if self.conversation is None:
            raise Refused(FORBIDDEN)
        return (CustomerPage(key.hex),)

    def is_here(self) -> None:
        waiting.page_is_open(self.conversation)


def _number(value: Any) -> int:
    try:
        return max(0, min(int(value), 2**31 - 1))
    except (TypeError, ValueError, OverflowError):
        return 0


def _parsed(text: str | None) -> dict[str, Any]:
    try:
        frame = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return frame if isinstance(frame, dict) else {}
