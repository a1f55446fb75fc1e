"""The widget on another site's page, in a real browser: two origins, hostile styles, no cookies."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, FrameLocator, Page, expect

from handoffs import receiving
from handoffs.models import Agent, Conversation, Handoff, Team
from tests.browser.test_accessibility import OPTIONS, look
from tests.conftest import reload
from tests.servers import Site, wait_for

PHONE = {"viewport": {"width": 390, "height": 844}, "reduced_motion": "reduce"}
Visit = Callable[..., Page]


@pytest.fixture
def visit(person_at: Callable[..., BrowserContext], site: Site, shop: int, teams: dict[str, Team]) -> Visit:
    """A page of the shop: visit(), visit(context) for another tab, visit(host="127.0.0.1") for a site that may not frame us."""

    def open_page(context: BrowserContext | None = None, host: str = "localhost", **options: object) -> Page:
        page = (context or person_at(**options)).new_page()
        page.goto(f"http://{host}:{shop}/?site={site.url}")
        return page

    return open_page


def launcher(page: Page, name: str = "Chat with us") -> object:
    return page.get_by_role("button", name=name, exact=True)


def framed(page: Page) -> FrameLocator:
    return page.frame_locator("baton-help iframe")


def begin(page: Page) -> Conversation:
    """Open the widget and say something; the conversation that came of it."""
    launcher(page).click()
    framed(page).get_by_role("button", name="Start a chat").click()
    framed(page).get_by_label("Your message").fill("I was charged twice")
    framed(page).get_by_role("button", name="Send", exact=True).click()
    expect(framed(page).locator("#log .bub--me")).to_contain_text("I was charged twice")
    return Conversation.objects.get()


def test_a_chat_goes_on_after_a_reload_and_in_another_tab_without_cookies(visit: Visit) -> None:
    page = visit()
    begin(page)
    page.reload()
    expect(framed(page).locator("#log .bub--me")).to_contain_text("I was charged twice")
    page.keyboard.press("Escape")
    other = visit(page.context)
    # With or without a count: the assistant may have written meanwhile.
    other.get_by_role("button", name="Chat with us").click()
    expect(framed(other).locator("#log .bub--me")).to_contain_text("I was charged twice")
    assert page.context.cookies() == []


def test_news_are_counted_while_it_is_closed(visit: Visit, ann: Agent) -> None:
    page = visit()
    conversation = begin(page)
    # The assistant is not sure of its answer, and hands over by itself.
    expect(framed(page).locator("#room-title")).to_be_visible()
    page.keyboard.press("Escape")
    expect(launcher(page)).to_be_focused()
    handoff = Handoff.objects.get(conversation=conversation)
    receiving.claim(handoff, ann)
    receiving.say(reload(handoff), ann, "I have it here.", client_id="1")
    expect(launcher(page, "Chat with us New messages: 2")).to_be_visible()
    conversation.refresh_from_db()
    seen = conversation.customer_seen
    assert seen < conversation.last_number
    page.reload()
    launcher(page, "Chat with us New messages: 2").click()
    expect(framed(page).get_by_text("I have it here.")).to_be_visible()
    wait_for(lambda: Conversation.objects.get().customer_seen == conversation.last_number, what="the words to be seen")
    framed(page).locator("body").press("Escape")
    expect(launcher(page)).to_be_focused()


def test_the_pages_own_styles_cannot_reach_it(visit: Visit) -> None:
    page = visit()
    button = launcher(page)
    assert button.evaluate("one => [one.getBoundingClientRect().width, getComputedStyle(one).color]") == [56, "rgb(255, 255, 255)"]
    button.click()
    assert page.locator("baton-help dialog").bounding_box()["width"] == 392


def test_on_a_phone_it_is_the_whole_page_and_nothing_behind_it_can_be_reached(visit: Visit) -> None:
    page = visit(**PHONE)
    launcher(page).click()
    assert page.locator("baton-help dialog").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.localName") in ("baton-help", "body")
    page.get_by_role("dialog").get_by_role("button", name="Close the chat").click()
    expect(launcher(page)).to_be_focused()


def test_a_site_that_is_not_allowed_gets_no_page(visit: Visit) -> None:
    page = visit(host="127.0.0.1")
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        launcher(page).click()


@pytest.mark.parametrize("size", [{}, PHONE])
def test_it_is_accessible(visit: Visit, size: dict[str, object]) -> None:
    page = visit(**{**OPTIONS, **size})
    page.add_style_tag(content="* { color: revert !important }")
    launcher(page).click()
    expect(framed(page).get_by_role("button", name="Start a chat")).to_be_visible()
    look(page, "widget")
