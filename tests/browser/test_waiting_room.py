"""The waiting room in a browser: ways out by keyboard and without scripts, the offer of a solution, and what follows; looked at by axe."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from handoffs import addresses, attending, handback, receiving, turns, waiting_room
from handoffs.models import Agent, Assistant, Callback, Conversation, Handoff, Turn
from handoffs.snapshots import Proposal
from handoffs.states import State
from handoffs.waiting_room import callbacks
from tests.browser.test_accessibility import OPTIONS, WIDTHS, fits, look
from tests.conftest import reload

CustomerPage = Callable[..., Page]


@pytest.fixture
def offered(hand_off: Callable[..., Handoff], front_desk: Assistant, ann: Agent) -> Handoff:
    """In line, with a solution offered by the assistant."""
    handoff = hand_off(answered_by=front_desk)
    Handoff.objects.filter(pk=handoff.pk).update(added=1)
    words = Proposal("Open the app, choose your plan and press “Cancel plan”. It ends with the month.", confidence=0.95)
    attending.speak(Conversation.objects.get(pk=handoff.conversation_id), words, Turn.Kind.SOLUTION, client_id="s", seen=None)
    return reload(handoff)


@pytest.fixture
def back(start: Callable[..., Conversation], front_desk: Assistant, ann: Agent) -> Handoff:
    handoff = turns.take(start(answered_by=front_desk), "I want to cancel my plan, please").handoff
    assert handoff is not None
    ann.is_supervisor = True
    receiving.claim(reload(handoff), ann)
    receiving.say(reload(handoff), ann, "Done, Amara.", client_id="a")
    handback.hand_back(reload(handoff), ann, resolution="- Pro ends on 26 November\n- The last bill will arrive within 3 days")
    return reload(handoff)


@pytest.mark.parametrize("width", WIDTHS)
def test_each_page_is_within_reach_of_everybody(offered: Handoff, back: Handoff, hand_off: Callable[..., Handoff],
                                                     customer_page: CustomerPage, width: int) -> None:
    booked = hand_off()
    callbacks.book(booked.conversation, callbacks.times(booked.team)[3], phone="+49 30 901820", zone="Europe/Madrid")
    for handoff, name in ((offered, "offer"), (back, "wrap-up"), (booked, "booked")):
        page = customer_page(handoff.conversation, viewport={"width": width, "height": 844}, **OPTIONS)
        page.evaluate("for (const folded of document.querySelectorAll('details')) folded.open = true")
        look(page, name)
        fits(page, name)
    page = customer_page(offered.conversation, viewport={"width": width, "height": 844}, **OPTIONS)
    page.goto(f"/c/{addresses.token(offered.conversation_id)}/callback/")
    look(page, "callback")
    fits(page, "callback")


def test_a_callback_is_booked_by_keyboard_in_the_customers_own_time(handoff: Handoff, customer_page: CustomerPage) -> None:
    page = customer_page(handoff.conversation, timezone_id="America/New_York", **OPTIONS)
    page.get_by_role("link", name="Choose a time for a callback").focus()
    page.keyboard.press("Enter")
    when = page.get_by_label("When")
    expect(page.locator("#whose")).to_have_text("in your time, America/New York")
    # By 24 hours, as all times here.
    assert re.search(r", \d\d:\d\d$", when.locator("option").first.text_content() or "")
    when.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("+1 212 555 0142")
    page.keyboard.press("Enter")
    expect(page.locator("#booked h2")).to_have_text("Plans and billing calls you at +1 212 555 0142")
    assert Callback.objects.get().time_zone == "America/New_York"


def test_a_yes_ends_the_wait_and_a_no_keeps_it(offered: Handoff, customer_page: CustomerPage) -> None:
    page = customer_page(offered.conversation, **OPTIONS)
    page.get_by_role("button", name="No, I keep my place").press("Enter")
    expect(page.locator("#offer section")).to_have_count(0)
    assert reload(offered).state == State.WAITING
    conversation = Conversation.objects.get(pk=offered.conversation_id)
    again = Proposal("Open the app and press “Cancel plan”.", confidence=0.95)
    attending.speak(conversation, again, Turn.Kind.SOLUTION, client_id="s2", seen=conversation.epoch)
    page.get_by_role("button", name="Yes, that solves it").press("Enter")
    expect(page.locator("#head")).to_have_attribute("data-state", "after")
    assert reload(offered).state == State.HANDED_BACK


def test_without_scripts_the_line_is_left_all_the_same(handoff: Handoff, person_at: Callable[..., BrowserContext]) -> None:
    page = person_at(viewport={"width": 390, "height": 844}, java_script_enabled=False).new_page()
    page.goto(f"/c/{addresses.token(handoff.conversation_id)}/")
    page.get_by_role("button", name="Back to Juniper").click()
    expect(page.get_by_text("You’re out of line").first).to_be_visible()
    assert reload(handoff).state == State.HANDED_BACK


def test_who_closes_the_page_is_marked_for_agents(handoff: Handoff, ann: Agent, agent_page: Callable[..., Page]) -> None:
    page = agent_page(ann, "/queue/", **OPTIONS)
    waiting_room.page_is_open(handoff.conversation)
    Conversation.objects.filter(pk=handoff.conversation_id).update(page_open_until=timezone.now() - timedelta(seconds=1))
    expect(page.locator(f"#card-{handoff.pk}")).to_contain_text("Left the page")
    turns.take(Conversation.objects.get(pk=handoff.conversation_id), "It is invoice INV-77231")
    expect(page.locator(f"#card-{handoff.pk}")).to_contain_text("1 added while waiting")


def test_the_mark_of_who_left_stays_when_the_page_is_loaded_anew(handoff: Handoff, ann: Agent, agent_page: Callable[..., Page]) -> None:
    Handoff.objects.filter(pk=handoff.pk).update(left_at=timezone.now())
    expect(agent_page(ann, "/queue/").locator(f"#card-{handoff.pk}")).to_contain_text("Left the page")
