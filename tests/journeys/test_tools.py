"""An agent's hands and ears: keys, all actions in one list, tones and notifications, drafts, and two conversations at once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from console import preferences
from handoffs import receiving
from handoffs.models import Agent, Handoff
from tests.browser.test_accessibility import OPTIONS, look
from tests.conftest import reload
from tests.journeys.conftest import Talk
from tests.journeys.test_journeys import press, reply, talk_to_a_person
from tests.servers import Site, wait_for

AgentPage = Callable[..., Page]
Open = Callable[..., Talk]
Held = Callable[..., Handoff]
# What the page would have sounded and shown; whether it is looked at is the test's to say.
EARS = """
  window.heard = []; window.shown = []; window.away = false;
  document.addEventListener("baton:tone", (event) => heard.push(event.detail.kind));
  Object.defineProperty(document, "hidden", { get: () => window.away });
  window.Notification = class {
    static permission = "granted";
    constructor(title, options) { shown.push({ title, body: options.body, open: true }); this.at = shown.length - 1; }
    close() { shown[this.at].open = false; }
  };
"""


@pytest.fixture
def handed_off(talk: Open) -> Held:
    def make(**customer: Any) -> Handoff:
        chat = talk(**customer)
        talk_to_a_person(chat)
        return reload(Handoff.objects.get(conversation=chat.id))

    return make


@pytest.fixture
def held(handed_off: Held, ann: Agent) -> Held:
    def make(**customer: Any) -> Handoff:
        handoff = handed_off(**customer)
        receiving.claim(handoff, ann)
        receiving.saw(reload(handoff), ann, reload(handoff).conversation.last_number)
        return reload(handoff)

    return make


def listen(page: Page) -> Page:
    page.add_init_script(EARS)
    page.reload()
    page.wait_for_load_state()
    return page


def hears(page: Page, *tones: str) -> None:
    wait_for(lambda: page.evaluate("heard") == list(tones), what=f"{tones}")


def written(page: Page) -> str:
    return page.locator("#reply").input_value()


def test_all_actions_claim_with_three_keys(handed_off: Held, agent_page: AgentPage, ann: Agent) -> None:
    handoff = handed_off()
    page = agent_page(ann, **OPTIONS)
    press(page, "Control+k")
    find = page.get_by_role("combobox", name="Find an action")
    expect(find).to_be_focused()
    look(page, "all actions")
    find.fill("claim th")
    expect(page.locator("#palette [role=option]:visible")).to_have_count(1)
    find.press("Enter")
    expect(page.locator("#reply")).to_be_focused()
    assert reload(handoff).agent == ann
    press(page, "Control+k")
    find.fill("to technical")
    find.press("Enter")
    expect(page.get_by_label("Team", exact=True)).to_have_value("technical")


def test_c_takes_the_most_urgent_until_the_cursor_is_moved(handed_off: Held, agent_page: AgentPage, ann: Agent) -> None:
    first = handed_off()
    page = agent_page(ann)
    expect(page.locator(".card--cursor")).to_contain_text("Amara")
    urgent = handed_off(name="Bruno Paz")
    Handoff.objects.filter(pk=urgent.pk).update(rank_at=first.rank_at - timedelta(minutes=1))
    handed_off(name="Clara Roy")
    expect(page.locator(".card--cursor")).to_contain_text("Bruno")
    press(page, "c")
    wait_for(lambda: reload(urgent).agent == ann, what="the claim")


def test_a_key_of_ones_own_holds_on_the_next_page_and_a_taken_one_is_refused(handed_off: Held, agent_page: AgentPage, ann: Agent) -> None:
    handoff = handed_off()
    page = agent_page(ann, "/me/", **OPTIONS)
    page.get_by_label("Claim this, or the most urgent").press("r")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("R is “Reply” already")).to_be_visible()
    page.get_by_label("Claim this, or the most urgent").press("q")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.goto("/queue/")
    expect(page.locator(".card__claim kbd").first).to_have_text("Q")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for key in ("c", "Shift+Q", "?"):
        press(page, key)
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert [url for url in asked if "claim" in url] == []
    press(page, "Escape")
    press(page, "q")
    expect(page.locator("#reply")).to_be_focused()
    assert reload(handoff).agent == ann


def test_a_letter_in_the_box_is_a_letter_and_with_alt_an_act(handed_off: Held, agent_page: AgentPage, ann: Agent) -> None:
    page = agent_page(ann, f"/handoffs/{handed_off().pk}/")
    press(page, "c")
    expect(page.locator("#reply")).to_be_focused()
    press(page, "d")
    assert written(page) == "d"
    page.keyboard.press("Backspace")
    page.keyboard.press("Alt+Shift+D")
    expect(page.locator("[data-from-draft]")).to_be_hidden()
    page.keyboard.press("Alt+d")
    expect(page.locator("[data-from-draft]")).to_be_visible()
    assert "Amara" in written(page)


def test_enter_sends_for_those_who_like_it(held: Held, agent_page: AgentPage, ann: Agent) -> None:
    preferences.switch(ann, "enter_sends", True)
    page = agent_page(ann, f"/handoffs/{held().pk}/")
    page.locator("#reply").fill("One")
    page.locator("#reply").press("Shift+Enter")
    page.keyboard.type("two")
    page.keyboard.press("Enter")
    expect(page.locator("#log .msg[data-by=you] p")).to_have_text("One\ntwo", use_inner_text=True)


def test_a_draft_is_there_in_another_tab_and_never_for_another_agent(held: Held, agent_page: AgentPage, site: Site, ann: Agent, bob: Agent) -> None:
    path = f"/handoffs/{held().pk}/"
    page = agent_page(ann, path)
    page.locator("#reply").fill("Half a thought")
    other = page.context.new_page()
    other.goto(path)
    expect(other.locator("#reply")).to_have_value("Half a thought")
    reply(other, "A whole thought")
    expect(page.locator("#reply")).to_have_value("")
    page.locator("#reply").fill("Between us")
    client = Client()
    client.force_login(bob)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site.url}])
    page.goto(path)
    expect(page.locator(".claimbar")).to_contain_text("Ann claimed this")
    assert "Between us" not in page.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage)")


def test_an_answer_elsewhere_is_marked_heard_and_read_when_opened(talk: Open, held: Held, agent_page: AgentPage, ann: Agent) -> None:
    first, second = held(name="Amara Osei"), held(name="Ben Iversen")
    page = listen(agent_page(ann, f"/handoffs/{first.pk}/"))
    Talk.customer(talk_of(talk, second), "Are you there?")
    mine = page.locator(f".mine[data-handoff='{second.pk}']")
    expect(mine.locator(".count--new")).to_have_text("1 new")
    hears(page, "answer")
    expect(page).to_have_title("1 new · Amara Osei")
    press(page, "Escape")
    press(page, "Alt+2")
    expect(page.locator("h1")).to_have_text("Ben Iversen")
    expect(mine.locator(".count--new")).to_have_count(0)
    expect(page).to_have_title("Ben Iversen")


def talk_of(talk: Open, handoff: Handoff) -> Talk:
    """The assistant's side of a conversation that is open already."""
    again = talk()
    again.id = str(handoff.conversation_id)
    return again


def test_two_conversations_stand_side_by_side(talk: Open, held: Held, agent_page: AgentPage, ann: Agent) -> None:
    first, second = held(name="Amara Osei"), held(name="Ben Iversen")
    page = listen(agent_page(ann, f"/handoffs/{first.pk}/", **OPTIONS))
    page.get_by_role("button", name="Open Ben Iversen beside").click()
    beside = page.frame_locator("iframe.beside")
    expect(beside.locator("h1")).to_have_text("Ben Iversen")
    look(page, "side by side")
    Talk.customer(talk_of(talk, second), "Are you there?")
    expect(beside.locator("#log")).to_contain_text("Are you there?")
    wait_for(lambda: reload(second).conversation.agent_seen == second.conversation.last_number + 1, what="it was seen")
    assert page.evaluate("heard") == []
    page.locator("#reply").fill("To Amara")
    page.keyboard.press("Alt+2")
    page.keyboard.type("To Ben")
    page.keyboard.press("Control+Enter")
    expect(beside.locator("#log")).to_contain_text("To Ben")
    assert written(page) == "To Amara"
    # Read is what has stood there for a second.
    expect(beside.locator("#resolve [data-heard]")).not_to_have_value(str(second.conversation.last_number))
    beside.get_by_role("button", name="Resolve").click()
    beside.locator("#resolve").get_by_role("button", name="Resolve", exact=True).click()
    expect(page.locator("iframe.beside")).to_have_count(0)
    expect(page.locator("h1")).to_have_text("Amara Osei")
    assert (written(page), reload(second).state) == ("To Amara", "resolved")
    press(page, "Escape")
    press(page, "z")
    expect(page.locator("h1")).to_have_text("Ben Iversen")


def left(page: Page, handoff: Handoff, at: datetime | None) -> None:
    """The customer leaves, or with None comes back; ann's page has seen it."""
    Handoff.objects.filter(pk=handoff.pk).update(left_at=at)
    receiving.note(reload(handoff), Agent.objects.get(username="ann"), "look")
    expect(page.locator("#queue-list > li[data-left]")).to_have_count(1 if at else 0)


def test_one_tone_for_a_new_handoff_then_only_while_somebody_waits_at_risk(handed_off: Held, agent_page: AgentPage, ann: Agent, bob: Agent) -> None:
    page = agent_page(ann)
    page.clock.install()
    listen(page)
    handoff = handed_off()
    hears(page, "new")
    expect(page).to_have_title("(1) Queue")
    page.clock.run_for(31000)
    hears(page, "new")
    Handoff.objects.update(promise_due_at=timezone.now() + timedelta(seconds=40), waiting_since=timezone.now() - timedelta(minutes=4))
    receiving.note(reload(handoff), ann, "look")
    hears(page, "new", "risk")
    page.clock.run_for(15000)
    hears(page, "new", "risk")
    page.clock.run_for(16000)
    hears(page, "new", "risk", "risk")
    left(page, handoff, timezone.now())
    page.clock.run_for(62000)
    hears(page, "new", "risk", "risk")
    left(page, handoff, None)
    page.clock.run_for(1000)
    hears(page, "new", "risk", "risk", "risk")
    receiving.claim(reload(handoff), bob)
    expect(page).to_have_title("Queue")
    page.clock.run_for(62000)
    hears(page, "new", "risk", "risk", "risk")


def test_the_computer_notifies_only_behind_another_window(handed_off: Held, agent_page: AgentPage, ann: Agent, bob: Agent) -> None:
    preferences.save(ann, {"notify": True, "sound": True, "tone_new": False}, {})
    page = listen(agent_page(ann))
    handed_off()
    expect(page.locator("#queue-list > li")).to_have_count(1)
    assert page.evaluate("[heard, shown]") == [[], []]
    page.evaluate("window.away = true; localStorage.setItem('baton.looked', '0')")
    handoff = handed_off(name="Ben Iversen")
    wait_for(lambda: len(page.evaluate("shown")) == 1, what="a notification")
    said = page.evaluate("shown[0]")
    assert (said["title"], said["body"]) == (f"Frustrated: {reload(handoff).goal}", "Waits for your teams")
    receiving.claim(reload(handoff), bob)
    wait_for(lambda: page.evaluate("shown[0].open") is False, what="its end")


def test_a_call_for_help_is_heard_on_one_page_alone(handed_off: Held, agent_page: AgentPage, cara: Agent) -> None:
    handed_off()
    Handoff.objects.update(alarmed_at=timezone.now())
    page = listen(agent_page(cara, "/replies/"))
    expect(page.get_by_role("alert")).to_contain_text("Nobody takes this.")
    assert page.evaluate("heard") == []


def test_on_the_wall_m_moves_whoever_needs_it_most(handed_off: Held, agent_page: AgentPage, cara: Agent, dan: Agent) -> None:
    handoff = handed_off()
    Handoff.objects.update(promise_due_at=timezone.now() + timedelta(seconds=40), waiting_since=timezone.now() - timedelta(minutes=4))
    page = agent_page(cara, "/wall/")
    expect(page.get_by_role("button", name="Move to")).to_be_visible()
    press(page, "m")
    wait_for(lambda: reload(handoff).team.code != "billing", what="the move")
    assert reload(handoff).steps.last().by == "supervisor"
