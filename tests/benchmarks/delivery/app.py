"""Baton's application with one stream more, whose state lies in Redis, and beside it a consumer as the Channels tutorial has it."""

import os
from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID, uuid4

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from redis import Redis

from console.asgi import application as baton
from console.consumers import LiveSocket
from console.streams.base import Stream
from handoffs.models import Agent

GROUP = os.environ["FANOUT"]
redis = Redis.from_url(settings.REDIS_URL)


class Board(Stream):
    """Numbered words, as turns are; read for each change by whoever has watchers."""

    code: ClassVar[str] = "board"

    def may_watch(self, agent: Agent) -> bool:
        return True

    def groups(self) -> frozenset[str]:
        return frozenset([GROUP])

    def parts(self) -> Mapping[str, str]:
        return {}

    def news(self, after: int) -> tuple[str, int]:
        found = redis.lrange(f"{GROUP}.board", after, -1)
        return b"".join(found).decode(), after + len(found)


class BoardSocket(LiveSocket):
    """Everything a page's socket does, for anybody."""

    async def authorise(self) -> tuple[Stream, ...]:
        self.key = uuid4()
        return (Board("all"),)

    def who(self) -> UUID:
        return self.key


class Plain(AsyncWebsocketConsumer):
    """A consumer that joins a group and sends what the group is sent."""

    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def news(self, event: dict[str, Any]) -> None:
        await self.send(text_data=event["text"])


ours, plain = BoardSocket.as_asgi(), Plain.as_asgi()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    by_path = {"/board/": ours, "/plain/": plain}
    await (by_path.get(scope.get("path", ""), baton) if scope["type"] == "websocket" else baton)(scope, receive, send)
