"""A supervisor changes when assistants hand over, sees what that would have done before it does anything, and puts it in force."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from handoffs import publishing
from handoffs.models import Agent, PolicyVersion, Replay
from tests.journeys.conftest import Talk
from tests.servers import wait_for

UNSURE = 0.8


def answer(talk: Callable[..., Talk]) -> str:
    """What becomes of an answer of which the assistant is 80 % sure."""
    chat = talk()
    chat.customer("How do I change my plan?")
    return str(chat.assistant("In the settings, under plans.", confidence=UNSURE)["decision"]["action"])


def test_policy_change(talk: Callable[..., Talk], agent_page: Callable[..., Page], cara: Agent) -> None:
    """Nothing goes live that was not replayed on real conversations and looked at."""
    assert [answer(talk) for _ in range(3)] == ["clarify"] * 3
    page = agent_page(cara, "/wall/")
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page.locator("#policy-head")).to_contain_text("Live: the standard policy")
    page.get_by_label("Hand over under").first.fill("0.7")
    page.get_by_label("Answer from").first.fill("0.78")
    page.get_by_label("Answer from").first.press("Tab")
    expect(page.locator("#policy-head")).to_contain_text("not live")
    assert answer(talk) == "clarify"
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("[data-flip]")).to_have_count(4)
    expect(page.get_by_role("button", name="Publish…")).to_have_attribute("aria-disabled", "true")
    for marked in range(1, 5):
        page.keyboard.press("j")
        page.keyboard.press("y")
        expect(page.locator("#gate")).to_contain_text(f"{marked} right, 0 wrong")
    page.get_by_role("button", name="Publish…").click()
    page.get_by_label("Why?").fill("Sure enough, says the replay")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator("#policy-head")).not_to_contain_text("not live")
    assert answer(talk) == "answer"
    assert (PolicyVersion.live().published_by, PolicyVersion.live().why) == (cara, "Sure enough, says the replay")


def test_a_topic_for_people_only(talk: Callable[..., Talk], agent_page: Callable[..., Page], cara: Agent) -> None:
    """A topic goes onto the list by keyboard alone, and what was typed wrong is said where it was typed."""
    page = agent_page(cara, "/policy/")
    page.get_by_role("button", name="Add to People only").press("Enter")
    dialog = page.get_by_role("dialog", name="New: People only")
    dialog.get_by_label("Name").fill("My pets")
    dialog.get_by_label("Name").press("Enter")
    expect(dialog).to_contain_text("Say by which words or intents it is recognised.")
    expect(dialog.get_by_label("Words that mean it")).to_be_focused()
    dialog.get_by_label("Words that mean it").fill("my dog")
    dialog.get_by_role("button", name="Add", exact=True).press("Enter")
    expect(page.get_by_role("button", name="My pets")).to_be_visible()
    assert publishing.draft().body["humans_only"][-1]["phrases"] == ["my dog"]


def test_two_leads(site: object, agent_page: Callable[..., Page], cara: Agent, person: Callable[..., Agent]) -> None:
    """Who looks at a draft while another lead changes it is told, and overwrites nothing."""
    ours, theirs = agent_page(cara, "/policy/"), agent_page(person("eve", is_supervisor=True), "/policy/")
    theirs.get_by_label("Answer from").first.fill("0.95")
    theirs.get_by_label("Answer from").first.press("Tab")
    expect(ours.locator("[data-behind]")).to_be_visible()
    ours.get_by_label("Mood falls").fill("4")
    ours.get_by_label("Mood falls").press("Tab")
    expect(ours.locator("[role=alert]")).to_contain_text("Somebody changed the policy")
    expect(ours.get_by_label("Answer from").first).to_have_value("0.95")
    expect(ours.get_by_label("Mood falls")).to_have_value("2")


@pytest.fixture
def drafting(site: object, agent_page: Callable[..., Page], cara: Agent) -> Page:
    """A lead at a draft that was replayed, so that it may be published."""
    draft = publishing.begin(cara)
    publishing.change(draft, {**draft.body, "answer_at": 0.9}, cara)
    page = agent_page(cara, "/policy/")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#gate-why")).to_have_text("Publishing is open.")
    return page


def change(page: Page, label: str, value: str) -> None:
    page.get_by_label(label).first.fill(value)
    page.get_by_label(label).first.press("Tab")


def test_what_could_not_be_saved_is_said_and_nothing_is_built_on_it(drafting: Page) -> None:
    """The old limit never goes into force while the page shows another."""
    page, refused = drafting, iter([500, 403, 500])
    page.route("**/policy/draft/", lambda route: route.fulfill(status=next(refused)))
    change(page, "Answer from", "0.95")
    expect(page.locator("#f-answer_at-wrong")).to_have_text("Not saved yet.")
    expect(page.locator("[data-not-saved]")).to_contain_text("Not saved: the server did not answer.")
    page.get_by_role("button", name="Publish…").click()
    expect(page.locator("[data-not-saved]")).to_contain_text("Not saved: the server did not take it.")
    page.get_by_role("button", name="Run again").click()
    expect(page.locator("[data-not-saved]")).to_contain_text("Not saved: the server did not answer.")
    expect(page.get_by_role("dialog", name="Publish the draft")).to_be_hidden()
    assert (Replay.objects.count(), publishing.draft().body["answer_at"]) == (1, 0.9)
    page.unroute("**/policy/draft/")
    change(page, "Mood falls", "4")
    expect(page.locator("#f-answer_at-wrong")).to_be_empty()
    expect(page.locator("[data-not-saved]")).to_be_hidden()
    assert [publishing.draft().body[name] for name in ("answer_at", "mood_falls")] == [0.95, 4]
    page.get_by_role("button", name="Run again").click()
    wait_for(lambda: page.evaluate("true") and Replay.objects.count() == 2, what="the replay")


def test_what_was_typed_on_a_cut_line_is_saved_when_it_is_back(drafting: Page) -> None:
    page = drafting
    page.context.set_offline(True)
    change(page, "Answer from", "0.95")
    expect(page.locator("[data-not-saved]")).to_contain_text("Not saved: no connection.")
    page.context.set_offline(False)
    expect(page.locator("#f-answer_at-wrong")).to_be_empty()
    assert publishing.draft().body["answer_at"] == 0.95


def test_who_was_signed_out_is_told_that_a_change_is_not_saved(drafting: Page) -> None:
    drafting.context.clear_cookies(name="sessionid")
    change(drafting, "Answer from", "0.95")
    expect(drafting.locator("[data-not-saved]")).to_contain_text("Not saved: the server did not take it.")
