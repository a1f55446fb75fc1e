"""The consumer itself: what a database away for a moment does to a socket, and that the hub forgets one that failed."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from channels.testing import WebsocketCommunicator
from django.db import OperationalError

from console import consumers
from console.consumers import LiveSocket
from console.hub import hub
from console.streams.base import Stream
from handoffs.models import Agent


class Notice(Stream):
    code = "notice"

    def may_watch(self, agent: Agent) -> bool:
        return True

    def groups(self) -> frozenset[str]:
        return frozenset([f"notice.{self.key}"])

    def parts(self) -> dict[str, str]:
        return {"notice": "<p id='notice'></p>"}


class Away(LiveSocket):
    """Its database answers when the page opens, and then no more."""

    def authorise(self, query: dict[str, list[str]]) -> tuple[Stream, ...]:
        self.opened = False
        return (Notice(uuid4().hex),)

    def is_here(self) -> None:
        if self.opened:
            raise OperationalError
        self.opened = True

    def still_allowed(self) -> None:
        raise OperationalError


@pytest.fixture
async def page(transactional_db: None) -> Any:
    page = WebsocketCommunicator(Away.as_asgi(), "/live/")
    await page.connect()
    yield page
    for task in list(hub()._tasks):
        task.cancel()


async def test_pings_go_on_while_the_database_is_away(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "PING_EVERY", 0.01)
    await page.receive_from()
    assert [await page.receive_from() for _ in range(3)] == ['{"t":"ping"}'] * 3


async def test_a_socket_that_failed_is_forgotten(page: Any) -> None:
    await page.receive_from()
    await page.send_to('{"t":"pong"}')
    with pytest.raises(OperationalError):
        await asyncio.wait_for(page.future, 5)
    assert hub()._watches == {}
