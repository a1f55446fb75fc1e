"""The consumer itself: what a database away for a moment does to a socket, and that the hub forgets one that failed."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from channels.testing import WebsocketCommunicator
from django.db import OperationalError

from console import pulse as pulse_module
from console.admission import Wish
from console.consumers import LiveSocket
from console.hub import hub
from console.pulse import pulse
from console.streams.base import Stream
from handoffs.models import Agent

READINGS: list[str] = []
MAY_GO_ON = threading.Event()
MAY_GO_ON.set()


class Notice(Stream):
    code = "notice"

    def may_watch(self, agent: Agent) -> bool:
        return True

    def groups(self) -> frozenset[str]:
        return frozenset([f"notice.{self.key}"])

    def parts(self) -> dict[str, str]:
        READINGS.append(self.key)
        MAY_GO_ON.wait(5)
        return {"notice": "<p id='notice'></p>"}


class Open(LiveSocket):
    """A page that anybody may open."""

    async def authorise(self) -> tuple[Stream, ...]:
        self.wish = Wish("", "")
        return (Notice(uuid4().hex),)

    def who(self) -> UUID:
        return uuid4()

    def hear(self, text: str | None, data: bytes | None = None) -> None:
        if text == "fail":
            raise ValueError(text)
        super().hear(text, data)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
async def page(transactional_db: None) -> Any:
    page = WebsocketCommunicator(Open.as_asgi(), "/live/")
    await page.connect()
    yield page
    hub().stop()
    pulse().stop()


async def test_pings_go_on_while_the_database_is_away(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> Any:
        raise OperationalError

    await page.receive_from()
    for name, value in {"TICK": 0.01, "PING_EVERY": 0.02, "WRITE_EVERY": 0.01, "CHECK_EVERY": 0.01}.items():
        monkeypatch.setattr(pulse_module, name, value)
    monkeypatch.setattr(Agent.objects, "filter", away)
    pulse().stop()
    pulse().keep(*pulse().sockets)
    assert [await page.receive_from() for _ in range(3)] == ['{"t":"ping"}'] * 3


async def test_a_socket_that_failed_is_forgotten(page: Any) -> None:
    await page.receive_from()
    await page.send_to("fail")
    with pytest.raises(ValueError, match="fail"):
        await asyncio.wait_for(page.future, 5)
    assert (hub().watches, pulse().sockets) == ({}, set())


async def test_what_is_asked_for_again_while_it_is_answered_is_answered_again(page: Any) -> None:
    await page.receive_from()
    before = len(READINGS)
    MAY_GO_ON.clear()
    try:
        await page.send_to('{"t":"missing","after":7}')
        await until(lambda: len(READINGS) == before + 1)
        await page.send_to('{"t":"missing","after":7}')
        # Nobody else has anything to do: it is heard now.
        for _ in range(5):
            await asyncio.sleep(0)
    finally:
        MAY_GO_ON.set()
    await until(lambda: len(READINGS) == before + 2)
