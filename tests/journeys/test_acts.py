"""What agents do a moment too early, later, or by looking for it, and what each side sees of the other meanwhile."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from handoffs import receiving, transitions, turns, waiting_room
from handoffs.models import Agent, Handoff, Turn
from tests.conftest import reload
from tests.journeys.conftest import Talk
from tests.journeys.test_journeys import press, reply, say, talk_to_a_person
from tests.servers import wait_for

AgentPage = Callable[..., Page]
CustomerPage = Callable[..., Page]


@pytest.fixture
def mine(talk: Callable[..., Talk], ann: Agent) -> Handoff:
    """A handoff ann holds."""
    talk_to_a_person(talk())
    handoff = reload(Handoff.objects.get())
    receiving.claim(handoff, ann)
    return reload(handoff)


def test_a_slip_of_the_hand(mine: Handoff, agent_page: AgentPage, customer_page: CustomerPage, ann: Agent, policy: Callable[..., object]) -> None:
    """A transfer that was undone in time never happened for the customer."""
    policy(undo_for=60)
    page, customer = agent_page(ann, f"/handoffs/{mine.pk}/"), customer_page(mine.conversation)
    page.locator("#reply").press("Escape")
    press(page, "t")
    page.get_by_label("Team", exact=True).select_option("technical")
    page.get_by_role("button", name="Transfer", exact=True).click()
    expect(page.get_by_role("button", name="Undo")).to_contain_text(re.compile(r"Undo \d+"))
    press(page, "z")
    expect(page.locator("#reply")).to_be_focused()
    expect(customer.locator("#head")).to_contain_text("Ann")
    assert reload(mine).conversation.turns.last().kind == "joined"


def test_words_said_while_it_is_resolved(mine: Handoff, agent_page: AgentPage, ann: Agent) -> None:
    """What comes while the agent writes what they did stands beside it; what came too late to be read is shown before anything ends."""
    page = agent_page(ann, f"/handoffs/{mine.pk}/")
    dialog = page.locator("#resolve")
    page.locator("#reply").press("Escape")
    press(page, "e")
    dialog.get_by_label("What did you do").fill("Refunded")
    turns.take(mine.conversation, "Wait, it is the other card")
    number = reload(mine).conversation.last_number
    expect(dialog.get_by_role("status")).to_have_text("Amara has just written: Wait, it is the other card")
    heard = dialog.locator("[data-heard]")
    expect(heard).to_have_value(str(number))
    heard.evaluate("(field, number) => { field.value = number }", number - 1)
    dialog.get_by_role("button", name="Resolve", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("Amara has just written: read it first.")
    expect(page.locator("#log")).to_contain_text("Wait, it is the other card")
    page.locator("#reply").press("Escape")
    press(page, "e")
    expect(dialog.get_by_label("What did you do")).to_have_value("Refunded")
    expect(dialog.get_by_role("status")).to_be_hidden()
    dialog.get_by_role("button", name="Resolve", exact=True).click()
    wait_for(lambda: reload(mine).state == "resolved", what="the resolve")


def test_put_aside(mine: Handoff, agent_page: AgentPage, customer_page: CustomerPage, ann: Agent) -> None:
    """What is put aside is out of the way, its customer knows, and their next words bring it back."""
    page, customer = agent_page(ann, f"/handoffs/{mine.pk}/"), customer_page(mine.conversation)
    page.locator("#reply").press("Escape")
    press(page, "s")
    page.get_by_label("1 hour").check()
    page.locator("#snooze").get_by_role("button", name="Snooze").click()
    expect(page.locator("#tray-aside")).to_contain_text("Snoozed")
    expect(page.locator("#tray > .mine-row, #tray > .mine")).to_have_count(0)
    expect(customer.locator("#log")).to_contain_text("Ann is looking into this and will be back to you")
    say(customer, "One more thing")
    expect(page.locator("#tray .count--new")).to_contain_text("1")
    expect(page.locator("#tray-aside")).to_have_count(0)


def test_many_waiting_updates_fold(talk: Callable[..., Talk], agent_page: AgentPage, ann: Agent) -> None:
    """What was said last is in sight, however often the customer was told how it stands."""
    chat = talk()
    talk_to_a_person(chat)

    def update(number: int) -> None:
        waiting_room.tell(chat.conversation, f"Update {number}", Turn.Kind.CHECK_IN)
        transitions.touch(Handoff.objects.get())

    for number in range(1, 10):
        update(number)
    page = agent_page(ann, f"/handoffs/{Handoff.objects.get().pk}/")
    shown = page.locator("#log [data-kind=check_in]:visible .seam__told")
    expect(shown).to_have_text([f"told: Update {number}" for number in (7, 8, 9)])
    update(10)
    expect(shown).to_have_text([f"told: Update {number}" for number in (8, 9, 10)])
    page.get_by_role("button", name="7 earlier updates").press("Enter")
    expect(shown).to_have_count(10)
    expect(page.get_by_role("button", name="Show fewer")).to_be_focused()
    update(11)
    expect(shown).to_have_count(11)
    page.get_by_role("button", name="Show fewer").press("Enter")
    expect(page.get_by_role("button", name="8 earlier updates")).to_be_focused()


def test_each_sees_the_other_type(mine: Handoff, agent_page: AgentPage, customer_page: CustomerPage, ann: Agent) -> None:
    """That somebody types is seen, never what; a note for the team is nobody's business."""
    page, customer = agent_page(ann, f"/handoffs/{mine.pk}/"), customer_page(mine.conversation)
    typing = customer.locator("#typing [data-typist]")
    page.locator("[data-mode=note]").click()
    page.locator("#note-text").press_sequentially("She is angry")
    page.locator("#note-text").press("Escape")

    def seen() -> bool:
        customer.get_by_label("Your message").press_sequentially("I")
        return page.locator(".whisper").is_visible()

    # What is typed before both pages' lines are open is not heard, nor need it be.
    wait_for(seen, what="the agent to see it")
    expect(page.locator(".whisper")).to_have_text("Amara is typing")
    expect(typing).to_be_hidden()
    page.locator("#reply").press_sequentially("Hi")
    expect(typing).to_be_visible()
    page.locator("#reply").fill("")
    expect(typing).to_be_hidden()
    expect(page.locator(".whisper")).to_be_hidden()


def test_each_sees_what_the_other_has_seen(mine: Handoff, agent_page: AgentPage, customer_page: CustomerPage, ann: Agent) -> None:
    page, customer = agent_page(ann, f"/handoffs/{mine.pk}/"), customer_page(mine.conversation)
    reply(page, "Hi Amara")
    expect(page.locator(".msg[data-by=you] [data-seen]")).to_be_visible()
    say(customer, "Thank you")
    expect(customer.locator(".bub--me .bub__seen").last).to_be_visible()


def test_a_colleague_is_looking(talk: Callable[..., Talk], agent_page: AgentPage, ann: Agent, bob: Agent) -> None:
    """Two agents do not begin on the same card unknowingly."""
    talk_to_a_person(talk())
    page = agent_page(ann)
    card = page.locator("#queue-list li", has_text="Amara Osei")
    expect(card).to_be_visible()
    expect(card.locator(".looker")).to_have_count(0)
    other = agent_page(bob, f"/handoffs/{Handoff.objects.get().pk}/")
    expect(card.locator(".looker")).to_contain_text("Bob is looking")
    expect(other.locator(".looker")).to_have_count(0)
    other.goto("/replies/")
    expect(card.locator(".looker")).to_have_count(0)


def test_found_again(mine: Handoff, agent_page: AgentPage, ann: Agent) -> None:
    """A conversation is found by a word of it, and opens there."""
    page = agent_page(ann)
    press(page, "g")
    press(page, "s")
    page.get_by_label("Words, a name, or a number").fill("legacy charged")
    page.get_by_label("Words, a name, or a number").press("Enter")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    page.get_by_label("Words, a name, or a number").fill("charged 20817")
    page.get_by_label("Words, a name, or a number").press("Enter")
    page.locator(".hit").click()
    expect(page.locator("#turn-2")).to_contain_text("A-20817")
    expect(page.locator("#turn-2")).to_be_in_viewport()
