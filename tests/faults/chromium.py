"""A real browser on a line of its own: its pages, whether they are right, and its processes."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import BrowserContext, Page, async_playwright

from console.threads import in_thread
from handoffs import addresses, waiting_room
from handoffs.models import Conversation
from tests.browsers import QUIET, chromium
from tests.faults.table import Scene
from tests.faults.workload import Talk

TURNS = "Array.from(document.querySelectorAll('#log [data-number]'), turn => Number(turn.dataset.number))"
CARDS = "Array.from(document.querySelectorAll('#queue-list > li[id]'), card => card.id)"


@dataclass
class Browser:
    """A supervisor's queue and a customer's page; what goes wrong in their scripts is a problem of the scene."""

    scene: Scene
    context: BrowserContext
    talk: Talk
    queue: Page
    customer: Page
    more: list[Page] = field(default_factory=list)  # further pages of the customer

    async def right_within(self, seconds: float) -> float:
        """The seconds until every page shows what the server has."""
        began, wrong = time.monotonic(), ["not looked"]
        while wrong and time.monotonic() - began < seconds:
            wrong = await self._wrong()
            await asyncio.sleep(0.2 if wrong else 0)
        took = time.monotonic() - began
        self.scene.must(not wrong, f"the browser was not right after {took:.0f} s: {'; '.join(wrong)}")
        return took

    async def say(self, page: Page, words: str) -> None:
        await page.get_by_label("Your message").fill(words)
        await page.get_by_label("Send", exact=True).click()

    async def _wrong(self) -> list[str]:
        cards, last = await in_thread(_as_stored, self.talk)
        wrong = []
        if (shown := await self.queue.evaluate(CARDS)) != cards:
            wrong.append(f"the queue shows {shown[:3]} ({len(shown)}) instead of {cards[:3]} ({len(cards)})")
        for page in (self.customer, *self.more):
            if (numbers := await page.evaluate(TURNS)) != list(range(1, last + 1)):
                wrong.append(f"the customer's page shows turns {numbers[-3:]} of {last}")
        return wrong


@asynccontextmanager
async def browsing(scene: Scene) -> AsyncIterator[Browser]:
    talk = await scene.a_talk()
    async with async_playwright() as playwright:
        chrome = await playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        url = scene.world.url_of(scene.world.line)
        context = await chrome.new_context(base_url=url)
        context.set_default_timeout(90000)
        context.on("weberror", lambda error: scene.problems.append(f"an error on a page: {error.error}"))
        await context.add_cookies([{"name": "sessionid", "value": scene.world.lead.session, "url": url}])
        browser = Browser(scene, context, talk, await context.new_page(), await context.new_page())
        await browser.queue.goto("/queue/")
        await browser.customer.goto(f"/c/{talk.token}/")
        try:
            yield browser
        finally:
            await chrome.close()


def stand_still(number: signal.Signals) -> int:
    """A signal to every process of the browser, which are among what this process started; to how many."""
    pids = [pid for pid in _descendants(os.getpid()) if b"--headless" in _command(pid) or b"--type=" in _command(pid)]
    for pid in pids:
        os.kill(pid, number)
    return len(pids)


def _descendants(pid: int) -> list[int]:
    children = [int(child) for task in Path(f"/proc/{pid}/task").glob("*/children") for child in task.read_text().split()]
    return [*children, *(pid for child in children for pid in _descendants(child))]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _as_stored(talk: Talk) -> tuple[list[str], int]:
    cards = [f"card-{handoff.pk}" for handoff in waiting_room.queue()]
    return cards, Conversation.objects.get(pk=addresses.read(talk.token)).last_number
