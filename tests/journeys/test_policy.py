"""A supervisor changes when assistants hand over, sees what that would have done before it does anything, and puts it in force."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from handoffs import publishing
from handoffs.models import Agent, PolicyVersion
from tests.journeys.conftest import Talk

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
