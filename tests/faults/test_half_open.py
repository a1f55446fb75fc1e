"""A real page whose connections all go dead without a word, in a browser whose clock is turned on: it finds out, and is right again."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest
from django.db import connection
from playwright.async_api import Page, Route, async_playwright, expect

from tests import settings
from tests.browsers import QUIET, chromium
from tests.faults.callers import client
from tests.faults.world import World

HANDSHAKE = b"Upgrade: websocket"
OPEN = "document.querySelector('[ws-connect]')['htmx-internal-data'].webSocket.socket.readyState === 1"
STEP, STEPS = 15000, 12  # ms of the page's clock, which flows by itself as well
PATIENCE = 4000  # ms for what a step has set off


@pytest.fixture
async def world(transactional_db: None) -> AsyncIterator[World]:
    world = World(connection.vendor, settings)
    try:
        yield await world.start("web")
    finally:
        await world.stop()


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        chrome = await playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        page = await chrome.new_page()
        await page.clock.install()
        yield page
        await chrome.close()


@pytest.mark.slow
async def test_a_page_is_right_again_when_its_connections_go_dead(world: World, page: Page) -> None:
    async with client(world.url, key=world.assistant) as http:
        made = (await http.post("/api/v1/conversations", json={"external_id": "dead-line", "customer": {"external_id": "dead-line"}})).json()

        async def say(number: int) -> None:
            said = {"author": "customer", "text": f"Number {number}", "client_id": str(number)}
            assert (await http.post(f"/api/v1/conversations/{made['id']}/turns", json=said)).status_code == 201

        address = f"{world.url_of(world.line)}/c/{made['customer_url'].rstrip('/').rpartition('/')[2]}/"
        world.line.forget(at=HANDSHAKE)
        await page.goto(address, wait_until="domcontentloaded")  # what else it loads may hang with the rest
        await say(1)
        assert await shows(page, 1), "dead before its socket was open"
        world.line.forget()
        await say(2)
        assert await shows(page, 2), "dead while it was open"
        world.line.reset()
        world.line.cut_at(HANDSHAKE, after=False, times=1000)
        await page.route("**/live/pull/**", answering_all_but_the_first())
        await page.goto(address)
        await say(3)
        assert await shows(page, 3, is_open=False), "an answer that never came, while it only pulls"


def answering_all_but_the_first() -> Callable[[Route], Awaitable[None]]:
    """A line on which the first request hangs for ever."""
    asked: list[Route] = []

    async def answer(route: Route) -> None:
        asked.append(route)
        if len(asked) > 1:
            await route.continue_()

    return answer


async def shows(page: Page, number: int, *, is_open: bool = True) -> bool:
    """Whether the page comes to show what was said with this number, by an open socket or without, when its clock is put forward again and again."""
    for _ in range(STEPS):
        with suppress(AssertionError):
            await expect(page.get_by_text(f"Number {number}", exact=True)).to_have_count(1, timeout=PATIENCE)
            if await page.evaluate(OPEN) is is_open:
                return True
        await page.clock.fast_forward(STEP)
    return False
