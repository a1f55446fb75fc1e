"""The sockets: authorise, join, send the state, forward. They carry news out; acts of people are ordinary HTTP."""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature
from django.db import DatabaseError
from django.http import parse_cookie

from console import whispers
from console.admission import FORBIDDEN, Refused, Wish
from console.hub import hub
from console.hub.outbox import Frames, Outbox
from console.pulse import UNANSWERED_PINGS, pulse
from console.streams.base import Stream
from console.streams.customer import CustomerPage
from console.streams.desk import Desk
from handoffs import addresses
from handoffs.models import Agent

logger = logging.getLogger(__name__)

FRAMES_PER_SECOND = 20
# A page says little. The server's own limit counts both ways, and what we send is larger.
LARGEST_HEARD = 4096
# How long a refused socket may take to say goodbye.
CLOSES_WITHIN = 5.0
TOO_LARGE, TOO_FAST = 4413, 4429
# "Try again later" (RFC 6455's registry). A server that leaves an application only the private codes is given the other one.
TRY_LATER, TRY_LATER_PRIVATE = 1013, 4503

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]


class LiveSocket:
    """One page's socket. It is accepted before it is refused, so that the page learns the reason from the close code."""

    def __init__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        self.scope, self.receive, self.send = scope, receive, send
        self.query = parse_qs(scope["query_string"].decode("utf-8", "replace"))
        self.outbox = Outbox(scope, send, lambda: self.end(TRY_LATER))
        self.streams: tuple[Stream, ...] = ()
        self.agent: Agent | None = None
        self.wish: Wish | None = None
        self.conversation = ""
        self.pinged_at = 0.0
        self.asked: int | None = None
        self._is_answering = False
        self._said = [0.0, 0.0]
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    def as_asgi(cls) -> Callable[..., Coroutine[Any, Any, None]]:
        async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
            await cls(scope, receive, send).run()

        return application

    async def run(self) -> None:
        """However the socket ends, an error included, the hub forgets it."""
        await self.receive()
        await self.send({"type": "websocket.accept"})
        try:
            # Beside: of a page that goes while it is opened nothing more need be read.
            self._beside(self.open())
            while (message := await self.receive())["type"] == "websocket.receive":
                self.hear(message.get("text"), message.get("bytes"))
        finally:
            self.outbox.shut()
            pulse().forget(self)
            for task in self._tasks:
                task.cancel()
            for stream in self.streams:
                hub().leave(stream, self)

    async def open(self) -> None:
        try:
            self.streams = await self.authorise()
            # Begun before and looked at after: what there is to show does not wait for a write.
            noted = self._beside(self._arrive(_seconds(self.query.get("idle", ["0"])[0])))
            for stream in sorted(self.streams, key=lambda stream: not isinstance(stream, Desk)):
                await hub().join(stream, self, _number(self.query.get("after", ["0"])[0]), self.query.get("stands", [""])[0])
        except Refused as refused:
            await self.close(refused.code)
        except DatabaseError as error:
            logger.warning("a page could not be opened: %s", type(error).__name__)
            await self.close(TRY_LATER)
        except Exception:
            logger.exception("a page could not be opened")
            await self.close(TRY_LATER)
        else:
            self.pinged_at = time.monotonic()
            pulse().keep(self)
            await noted
            self.ping(time.monotonic())

    def hear(self, text: str | None, data: bytes | None = None) -> None:
        """A page says that it is here, which number it has seen last, or something to the others. Anything else is ignored."""
        if not self.outbox.is_open:
            return
        frame = _parsed(text) if self.streams else {}
        if self._too_fast():
            self.end(TOO_FAST)
        elif len(text or data or "") > LARGEST_HEARD:
            self.end(TOO_LARGE)
        elif frame.get("t") == "pong":
            self.outbox.answered()
            pulse().note(self.who(), _seconds(frame.get("idle")))
        elif frame.get("t") == "missing":
            # Answered beside, one at a time: of what it asks meanwhile, the last counts.
            self.asked = _number(frame.get("after"))
            if not self._is_answering:
                self._is_answering = True
                self._beside(self._answer())
        elif said := whispers.heard(self, frame):
            hub().whisper(*said)

    def push(self, frames: Frames) -> None:
        self.outbox.put(frames)

    def groups(self) -> frozenset[str]:
        """The groups this page's streams listen to."""
        return hub().groups_of(self.streams)

    def ping(self, now: float) -> None:
        """Ask whether the page is there; one that never answers is dropped."""
        self.pinged_at = now
        if self.outbox.unanswered >= UNANSWERED_PINGS:
            self.end(TRY_LATER)
        else:
            self.outbox.ping()

    def end(self, code: int) -> None:
        """Close beside: nobody waits for a reader that may not read."""
        if self.outbox.is_open or code == TRY_LATER:
            self.outbox.shut()
            self._beside(self.close(code))

    async def close(self, code: int) -> None:
        self.outbox.shut()
        with contextlib.suppress(Exception):
            try:
                await asyncio.wait_for(self.send({"type": "websocket.close", "code": code}), CLOSES_WITHIN)
            except Exception:
                if code != TRY_LATER:
                    raise
                await self.send({"type": "websocket.close", "code": TRY_LATER_PRIVATE})

    async def authorise(self) -> tuple[Stream, ...]:
        """The streams this socket may watch. Raises Refused."""
        raise Refused(FORBIDDEN)

    def who(self) -> int | UUID:
        """Who sits before the page: an agent's id, or the conversation of a customer. Raises Refused when that is nobody."""
        raise Refused(FORBIDDEN)

    async def _arrive(self, idle: float) -> None:
        """Write that somebody is here; where that fails, it is written with those who answer their pings."""
        try:
            await pulse().arrived(self.who(), idle)
        except Exception as error:
            logger.warning("who opens a page is noted later: %s", type(error).__name__)
            pulse().note(self.who(), idle)

    async def _answer(self) -> None:
        """Send what the page says it lacks."""
        try:
            while self.asked is not None:
                after, self.asked = self.asked, None
                for stream in self.streams:
                    await hub().missing(stream, self, after)
        except Exception:
            logger.exception("a page could not be shown what it lacks")
            await self.close(TRY_LATER)
        finally:
            self._is_answering = False

    def _beside(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _too_fast(self) -> bool:
        """A token bucket: FRAMES_PER_SECOND on average, twice that at once."""
        now, (count, then) = time.monotonic(), self._said
        self._said = [max(0.0, count - (now - then) * FRAMES_PER_SECOND) + 1, now]
        return self._said[0] > 2 * FRAMES_PER_SECOND


class AgentSocket(LiveSocket):
    """/live/?streams=NAME,NAME for signed-in agents."""

    async def authorise(self) -> tuple[Stream, ...]:
        cookies = parse_cookie(dict(self.scope["headers"]).get(b"cookie", b"").decode("latin-1"))
        wish = Wish(cookies.get(settings.SESSION_COOKIE_NAME, ""), self.query.get("streams", [""])[0])
        answer = await pulse().agents.ask(wish)
        if isinstance(answer, Refused):
            raise answer
        self.agent, self.wish = answer, wish
        return wish.streams()

    def who(self) -> int | UUID:
        return self.agent.pk if self.agent else 0


class CustomerSocket(LiveSocket):
    """/live/c/TOKEN/ for the customer whose page has that signed address."""

    async def authorise(self) -> tuple[Stream, ...]:
        try:
            self.key = addresses.read(self.scope["url_route"]["kwargs"]["token"])
        except BadSignature:
            raise Refused(FORBIDDEN) from None
        if not await pulse().conversations.ask(self.key):
            raise Refused(FORBIDDEN)
        self.conversation = self.key.hex
        return (CustomerPage(self.conversation),)

    def who(self) -> int | UUID:
        return self.key


def _number(value: Any) -> int:
    try:
        return max(0, min(int(value), 2**31 - 1))
    except (TypeError, ValueError, OverflowError):
        return 0


def _seconds(value: Any) -> float:
    """How long nobody has moved, as the page says; at most a day, and 0 when it says nothing of the kind."""
    return float(min(_number(value), 86400))


def _parsed(text: str | None) -> dict[str, Any]:
    try:
        frame = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return frame if isinstance(frame, dict) else {}
