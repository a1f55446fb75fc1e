"""Faults of a browser and its line, in a real Chromium: the page must find out by itself and be right again."""

import asyncio
import signal
from collections import Counter
from functools import partial

from playwright.async_api import WebSocketRoute

from tests.faults.chromium import browsing, stand_still
from tests.faults.proxy import How
from tests.faults.table import NOTICED_WITHIN, RIGHT_WITHIN, Scene, fault

UNKNOWN = '{"t":"hologram"}'
NEWER = ('{"t":"radio"}', '<section id="hologram" hx-swap-oob="true">new</section>', '<aside hx-swap-oob="beforeend:#hologram"><p>newer</p></aside>',
         '{"news":[]}')


@fault("browser_offline", "the browser is offline for 60 s", 100)
async def browser_offline(scene: Scene) -> None:
    async with browsing(scene) as browser:
        await browser.context.set_offline(True)
        scene.world.line.be(How.REFUSE)
        scene.world.line.reset()
        await asyncio.sleep(60)
        await scene.rest()
        scene.world.line.heal()
        await browser.context.set_offline(False)
        scene.measures["browser_right"] = await browser.right_within(RIGHT_WITHIN)


@fault("browser_asleep", "the browser's machine sleeps for 45 s: all its processes stand still", 90)
async def browser_asleep(scene: Scene) -> None:
    async with browsing(scene) as browser:
        # The browser itself and a page's process, at least.
        scene.must(stand_still(signal.SIGSTOP) > 1, "the browser did not stand still")
        try:
            await asyncio.sleep(45)
            await scene.rest()
        finally:
            stand_still(signal.SIGCONT)
        scene.measures["browser_right"] = await browser.right_within(RIGHT_WITHIN)


@fault("browser_half_open", "the browser's connections go dead without a word; new ones work", 50)
async def browser_half_open(scene: Scene) -> None:
    async with browsing(scene) as browser:
        scene.world.line.forget()
        await scene.pause(2, 4)
        await scene.rest()
        scene.measures["browser_right"] = await browser.right_within(NOTICED_WITHIN)


@fault("duplicate_tab", "a customer has the same page open in three tabs and writes in each at once", 40)
async def duplicate_tab(scene: Scene) -> None:
    async with browsing(scene) as browser:
        for _ in range(2):
            browser.more.append(await browser.context.new_page())
            await browser.more[-1].goto(browser.customer.url)
        pages = (browser.customer, *browser.more)
        await asyncio.gather(*(browser.say(page, f"Written in tab {number}") for number, page in enumerate(pages)))
        await scene.pause(1, 2)
        await scene.rest()
        scene.measures["browser_right"] = await browser.right_within(RIGHT_WITHIN)
        for number, page in enumerate(pages):
            times = await page.locator("#log [data-number]", has_text=f"Written in tab {number}").count()
            scene.must(times == 1, f"what was written in tab {number} stands {times} times")


@fault("back_button", "people go on to another page and come back with the back button when much has changed", 45)
async def back_button(scene: Scene) -> None:
    async with browsing(scene) as browser:
        await browser.queue.goto("/wall/")
        await browser.customer.goto("/healthz")
        await scene.pause(4, 8)
        await scene.rest()
        await browser.queue.go_back()
        await browser.customer.go_back()
        scene.measures["browser_right"] = await browser.right_within(RIGHT_WITHIN)


@fault("version_skew", "a newer server sends frames, parts and places the page does not know, and the page says what the server does not know", 40)
async def version_skew(scene: Scene) -> None:
    async with browsing(scene) as browser:
        put_in: Counter[str | bytes] = Counter()
        for page in (browser.queue, browser.customer):
            await page.route_web_socket("**/live/**", partial(_with_news, put_in))
            await page.reload()
        await scene.pause(3, 5)
        await scene.rest()
        scene.measures["browser_right"] = await browser.right_within(RIGHT_WITHIN)
        scene.must(set(put_in) == {*NEWER, UNKNOWN}, f"of a newer version came only {sorted(map(str, put_in))}")


async def _with_news(put_in: Counter[str | bytes], page: WebSocketRoute) -> None:
    """Between the page and the server: before each frame comes one of a newer version, and after each of the page's another."""
    server, sent = page.connect_to_server(), 0

    def to_page(frame: str | bytes) -> None:
        nonlocal sent
        page.send(newer := NEWER[sent % len(NEWER)])
        put_in[newer] += 1
        page.send(frame)
        sent += 1

    def to_server(frame: str | bytes) -> None:
        server.send(UNKNOWN)
        put_in[UNKNOWN] += 1
        server.send(frame)

    server.on_message(to_page)
    page.on_message(to_server)
