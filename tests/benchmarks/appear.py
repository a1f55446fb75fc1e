"""From the POST of a handoff to its card in an agent's browser, a real Chromium. Run: python -m tests.benchmarks.appear [HANDOFFS]

20 handoffs a second (12 turns, brief, route, acknowledgement) to two web processes on PostgreSQL, one on SQLite; the page is with the first of them. The
page notes the moment each card is heard of by its socket and is in its document, by the same machine's clock. The baseline is what the POST itself takes in
the same run; `cores` is how much of the machine's processors the page's thread and the web processes took meanwhile.
"""

import asyncio
import json
import os
import time
from collections.abc import Callable, Sequence
from threading import Thread

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
# Playwright keeps an event loop in this thread, in which Django would refuse its own plain queries.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

import django

django.setup()

from django.test import Client
from playwright.sync_api import BrowserContext, CDPSession, sync_playwright

from handoffs.models import Agent
from tests.benchmarks import accept, fanout, history, measured, web, worlds
from tests.browsers import QUIET, chromium
from tests.servers import Site

PER_SECOND, WARM, CONNECTIONS, PAST = 20, 20, 16, 2000
SETTLES = 5.0  # seconds for the last card
# When each card was heard of by the socket, and when it was in the page's document (milliseconds of the machine's clock).
NOTE_CARDS = """
window.heard = {}; window.appeared = {};
const now = () => performance.timeOrigin + performance.now();
const Plain = WebSocket;
window.WebSocket = class extends Plain {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", ({ data }) => { for (const [, id] of data.matchAll(/ id="card-([^"]+)/g)) heard[id] ??= now(); });
  }
};
new MutationObserver((changes) => {
  for (const node of changes.flatMap((change) => [...change.addedNodes]).filter((node) => node.querySelectorAll)) {
    for (const { id } of [node, ...node.querySelectorAll("[id^=card-]")]) if (id.startsWith("card-")) appeared[id.slice(5)] ??= now();
  }
}).observe(document, { childList: true, subtree: true });
"""
Posted = tuple[str, float, float]


def main(handoffs: int) -> None:
    # The browser's loop first: what is asked of the database inside it goes over a connection of its own, which must be closed before the end.
    with sync_playwright() as playwright, worlds.world() as database:
        juniper, key = worlds.assistant()
        ann = worlds.agents(20)[0]
        history.closed(PAST)
        calls = [accept.call(each, key) for each in worlds.conversations(juniper, handoffs + WARM)]
        with web.sites(2 if database == "postgresql" else 1) as sites:
            browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
            page = _signed_in(browser.new_context(base_url=sites[0].url, viewport={"width": 1440, "height": 900}), ann, sites[0]).new_page()
            page.add_init_script(NOTE_CARDS)
            page.goto("/queue/")
            page.wait_for_selector("#queue-list")
            told = page.context.new_cdp_session(page)
            told.send("Performance.enable")
            began, busy, web_busy = time.monotonic(), _page_busy(told), _web_busy(sites)
            posted = _while_it_runs(calls, sites, lambda seconds: page.wait_for_timeout(seconds * 1000))[WARM:]
            seconds = time.monotonic() - began
            cores = {"page": round((_page_busy(told) - busy) / seconds, 2), "web": round((_web_busy(sites) - web_busy) / seconds, 2)}
            heard, appeared = page.evaluate("heard"), page.evaluate("appeared")
            browser.close()
    took = [took for _, _, took in posted]
    late = [handoff for handoff, _, _ in posted if handoff not in appeared]
    cards = [appeared[handoff] - asked for handoff, asked, _ in posted if handoff in appeared]
    measured.show("appear", [{**row, "database": database} for row in (
        measured.row("the POST itself", took),
        measured.row("POST to the page's socket", [heard[handoff] - asked for handoff, asked, _ in posted if handoff in heard], took),
        measured.row(f"POST to card in Chromium, {PER_SECOND}/s", cards, took, missing=len(late), cores=cores),
    )])


def _page_busy(told: CDPSession) -> float:
    """Seconds the page's own thread has worked since it was first asked."""
    return next(float(each["value"]) for each in told.send("Performance.getMetrics")["metrics"] if each["name"] == "TaskDuration")


def _web_busy(sites: Sequence[Site]) -> float:
    """Seconds of the processor the web processes have taken."""
    return sum(fanout.used(site.processes["web"].pid) for site in sites)


def _signed_in(context: BrowserContext, agent: Agent, site: Site) -> BrowserContext:
    client = Client()
    client.force_login(agent)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site.url}])
    return context


def _while_it_runs(calls: Sequence[web.Call], sites: Sequence[Site], wait: Callable[[float], None]) -> list[Posted]:
    """Send the calls beside the browser's own loop, which `wait` lets run."""
    posted: list[Posted] = []
    sender = Thread(target=lambda: posted.extend(asyncio.run(_evenly(calls, sites))))
    sender.start()
    while sender.is_alive():
        wait(0.2)
    wait(SETTLES)
    return posted


async def _evenly(calls: Sequence[web.Call], sites: Sequence[Site]) -> list[Posted]:
    """Each call at its time, whatever became of the one before: the handoff's id, when it was asked for (ms of the clock), what the answer took (ms)."""
    free: asyncio.Queue[tuple[Site, asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for number in range(CONNECTIONS):
        site = sites[number % len(sites)]
        free.put_nowait((site, *await asyncio.open_connection("127.0.0.1", site.port)))
    began = time.monotonic()

    async def one(number: int, call: web.Call) -> Posted:
        await asyncio.sleep(began + number / PER_SECOND - time.monotonic())
        asked = time.time() * 1000
        site, reader, writer = await free.get()
        answer = await web.ask(reader, writer, call.encoded(f"127.0.0.1:{site.port}"))
        free.put_nowait((site, reader, writer))
        return str(json.loads(answer.body)["id"]), asked, time.time() * 1000 - asked

    return list(await asyncio.gather(*(one(number, call) for number, call in enumerate(calls))))


if __name__ == "__main__":
    main(int(next(iter(measured.arguments()), 170)))
