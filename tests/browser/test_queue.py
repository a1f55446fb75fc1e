"""The queue in a real browser: cards come and go alone, it holds still under the hand, and a list that is not the server's is asked for."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from handoffs import receiving, waiting_room
from handoffs.models import Agent, Handoff
from tests.conftest import reload
from tests.servers import wait_for

CARDS = "Array.from(document.querySelectorAll('#queue-list > li[id]'), (card) => card.id)"
HandOff = Callable[..., Handoff]


@pytest.fixture
def queue(hand_off: HandOff, agent_page: Callable[..., Page], ann: Agent) -> Page:
    """The queue of two who wait, marked so that another list in its place is noticed; the socket is open and has shown the state."""
    for _ in range(2):
        hand_off()
    page = agent_page(ann)
    page.add_init_script("document.addEventListener('DOMContentLoaded', () => { document.querySelector('#queue-list').isLoaded = true; })")
    page.reload()
    wait_for(lambda: page.evaluate("!document.querySelector('#queue-list').isLoaded"), what="the state by the socket")
    page.evaluate("document.querySelector('#queue-list').isSame = true")
    return page


def is_the_servers(page: Page) -> None:
    wait_for(lambda: page.evaluate(CARDS) == [f"card-{handoff.pk}" for handoff in waiting_room.queue()], what="the server's list")


def is_same(page: Page) -> bool:
    return bool(page.evaluate("document.querySelector('#queue-list').isSame"))


def test_cards_come_and_go_and_the_list_stays(queue: Page, hand_off: HandOff, ann: Agent) -> None:
    third = hand_off()
    is_the_servers(queue)
    receiving.claim(waiting_room.queue()[0], ann)
    is_the_servers(queue)
    receiving.release(reload(Handoff.objects.get(agent=ann)), ann)
    is_the_servers(queue)
    receiving.claim(third, ann)
    is_the_servers(queue)
    assert is_same(queue)
    expect(queue.locator("#queue-count")).to_have_text("2")


def test_a_queue_in_use_holds_still_and_tells_how_many_are_new(queue: Page, hand_off: HandOff, ann: Agent) -> None:
    queue.locator("#queue-list .card").first.focus()
    first, second = waiting_room.queue()
    hand_off()
    expect(queue.locator("[data-show-new]")).to_have_text("1 new")
    receiving.claim(hand_off(), ann)
    hand_off()
    expect(queue.locator("[data-show-new]")).to_have_text("2 new")
    receiving.claim(second, ann)
    expect(queue.locator(f"#card-{second.pk}.gone")).to_be_visible()
    assert queue.evaluate(CARDS) == [f"card-{first.pk}", f"card-{second.pk}"]
    expect(queue.locator("#queue-count")).to_have_text("3")
    queue.locator("[data-show-new]").click()
    is_the_servers(queue)
    expect(queue.locator("[data-show-new]")).to_be_hidden()


def test_a_list_that_is_not_the_servers_is_asked_for(queue: Page, hand_off: HandOff) -> None:
    queue.evaluate("document.querySelector('#queue-list').prepend(document.querySelector('#queue-list > li:last-child'))")
    hand_off()
    is_the_servers(queue)
    queue.evaluate("document.querySelector('#queue-list > li:last-child').remove()")
    hand_off()
    is_the_servers(queue)
    assert not is_same(queue)


def test_on_a_phone_who_is_refused_reads_why(claimed: Handoff, agent_page: Callable[..., Page], ann: Agent) -> None:
    page = agent_page(ann, f"/handoffs/{claimed.pk}/", viewport={"width": 390, "height": 844})
    page.route_web_socket("**/live/**", lambda line: None)
    page.reload()
    receiving.release(claimed, ann)
    page.evaluate("(name) => { const release = document.querySelector(name); release.form.requestSubmit(release); }", '#transfer [formaction$="/release/"]')
    expect(page.get_by_text("This conversation is not with you")).to_be_visible()
