"""An agent is told gently while typing that they already have what they ask for, and is never held up."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from handoffs import receiving
from handoffs.models import Agent, Handoff
from tests.conftest import reload
from tests.servers import wait_for

AgentPage = Callable[..., Page]
ASKING = "Could you tell me your order number?"


def ask(page: Page, text: str = ASKING) -> None:
    page.wait_for_load_state()
    page.locator("#reply").fill(text)


@pytest.fixture
def desk(hand_off: Callable[..., Handoff], ann: Agent, agent_page: AgentPage) -> Callable[..., tuple[Handoff, Page]]:
    def open_desk(**options: object) -> tuple[Handoff, Page]:
        handoff = hand_off()
        receiving.claim(handoff, ann)
        return reload(handoff), agent_page(ann, f"/handoffs/{handoff.pk}/", **options)

    return open_desk


def test_asked_again_for_what_was_said(desk: Callable[..., tuple[Handoff, Page]]) -> None:
    """The line comes while typing, its value goes into the box by the keyboard, and it leaves when the question does."""
    _, page = desk()
    ask(page)
    line = page.locator(".again")
    expect(line).to_contain_text("You already have this: Order number A-20817, turn 1")
    line.get_by_role("button", name="Insert Order number").press("Enter")
    expect(page.locator("#reply")).to_have_value(f"{ASKING} A-20817")
    expect(page.locator("#reply")).to_be_focused()
    expect(line).to_have_count(0)


def test_needed_all_the_same(desk: Callable[..., tuple[Handoff, Page]]) -> None:
    """On a phone: the agent says so, the line goes, the message goes out, and what they said is kept."""
    handoff, page = desk(viewport={"width": 390, "height": 844})
    ask(page)
    needed = page.get_by_role("button", name="Needed anyway Order number")
    expect(needed).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    needed.click()
    expect(page.locator(".again")).to_have_count(0)
    page.locator("#reply").press("Control+Enter")
    expect(page.locator("#reply")).to_have_value("")
    wait_for(lambda: list(handoff.repeat_asks.values_list("field", "warned", "excused")) == [("order number", True, True)])


def test_the_check_cannot_be_reached(desk: Callable[..., tuple[Handoff, Page]]) -> None:
    """A check that fails is silent, and the message goes out at once; after it, the next one begins anew."""
    handoff, page = desk()
    page.route("**/check/", lambda route: route.fulfill(status=500))
    ask(page)
    page.locator("#reply").press("Control+Enter")
    expect(page.locator("#reply")).to_have_value("")
    wait_for(lambda: list(handoff.repeat_asks.values_list("field", "warned")) == [("order number", False)])
    page.unroute("**/check/")
    ask(page, "What's your order number again?")
    expect(page.locator(".again")).to_have_count(1)
