"""The line between a page and the server, as a browser has it."""

import re
from collections.abc import Callable

from playwright.sync_api import APIResponse, Page, Route, WebSocketRoute, expect

from handoffs.models import Agent, Handoff
from tests.servers import wait_for

TOLD = """window.told = []; for (const name of ["online", "offline"])
  document.addEventListener(`baton:${name}`, (event) => window.told.push(event.detail.tries ?? name))"""


def test_a_server_that_takes_a_page_and_refuses_it_is_asked_ever_more_seldom(agent_page: Callable[..., Page], ann: Agent) -> None:
    page, lines = agent_page(ann), list[WebSocketRoute]()
    page.add_init_script(TOLD)
    page.route_web_socket(re.compile("/live/"), lambda line: lines.append(line))
    page.reload()

    def refused() -> list[object]:
        told: list[object] = page.evaluate("told")
        while lines:
            lines.pop().close(code=1013)
        return told

    wait_for(lambda: len(refused()) >= 5, what="several tries")
    told = refused()
    assert "online" not in told
    assert told == sorted(told, key=int)  # type: ignore[call-overload]
    assert told[-1] != told[0]


def test_a_pull_that_was_overtaken_by_a_push_puts_nothing_older_in_its_place(agent_page: Callable[..., Page], ann: Agent, handoff: Handoff,
                                                                             hand_off: Callable[..., Handoff]) -> None:
    page, lines, pulls = agent_page(ann), list[WebSocketRoute](), list[tuple[Route, APIResponse]]()
    page.add_init_script("window.pulled = 0; document.addEventListener('htmx:afterRequest', () => { pulled += 1; })")
    page.route_web_socket(re.compile("/live/"), lambda line: lines.append(line) or line.connect_to_server())
    page.route("**/live/pull/**", lambda route: pulls.append((route, route.fetch())))
    page.reload()
    wait_for(lambda: page.evaluate("document.querySelectorAll('#queue-list .card').length") == 1 and lines, what="a line")
    lines[-1].send('{"t":"pull"}')
    wait_for(lambda: page.evaluate("true") and pulls, what="a pull")
    hand_off()
    expect(page.locator("#queue-count")).to_have_text("2")
    route, older = pulls.pop()
    route.fulfill(response=older)
    wait_for(lambda: page.evaluate("pulled"), what="its answer")
    expect(page.locator("#queue-count")).to_have_text("2")
