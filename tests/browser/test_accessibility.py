"""No A or AA violation of WCAG 2.2 on any page, in both themes, wide and narrow; and nothing scrolls sideways at 320."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import BrowserContext, Page

from handoffs import canned, handback, publishing, receiving, simulation, turns, verdicts, waiting_room
from handoffs.canned import Written
from handoffs.models import Agent, Conversation, Handoff, PolicyVersion, Replay
from handoffs.snapshots import Proposal
from tests.conftest import reload
from tests.servers import wait_for

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}, "resultTypes": ["violations"]}
# What is right is not sent: it would take far longer than the look.
LOOK = "([where, rules]) => axe.run(where, rules).then(({ violations }) => ({ violations }))"
WIDTHS = (1440, 390)
# Parts of a page that scroll sideways, but for rows of teams and tables of figures, which are meant to.
SIDEWAYS = """[...document.querySelectorAll("body *")]
  .filter((one) => one.scrollWidth > one.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(one).overflowX) && !one.matches(".seg--line, .policy-scroll"))
  .map((one) => one.id || one.className || one.tagName)"""
# Axe is put into the page by the test, which the page's own policy would rightly refuse.
OPTIONS = {"bypass_csp": True, "reduced_motion": "reduce"}


@pytest.fixture
def world(hand_off: Callable[..., Handoff], start: Callable[..., Conversation], ann: Agent, bob: Agent, dan: Agent) -> dict[str, Any]:
    """One of everything there is to look at."""
    things: dict[str, Any] = {"talking": start()}
    turns.take(things["talking"], "How do I cancel Pro?")
    turns.propose(Conversation.objects.get(pk=things["talking"].pk), Proposal("In Settings.", confidence=0.9, sources=({"title": "Cancel"},)), client_id="1")
    things["reply"] = canned.save(ann, Written("billing", "hello", "Hello", "Hi {{ customer }}."))
    things["waiting"], things["mine"], things["theirs"], things["done"], things["closed"] = (hand_off() for _ in range(5))
    hand_off("THIS IS RIDICULOUS!! charged twice, you are useless!!")
    waiting_room.leave_email(things["waiting"].conversation, "amara@example.com")
    for name, agent in (("mine", ann), ("theirs", bob), ("done", ann), ("closed", ann)):
        receiving.claim(things[name], agent)
        receiving.say(reload(things[name]), agent, "I have read everything, one moment.", client_id="x")
    receiving.note(reload(things["mine"]), ann, "Checked the invoice")
    handback.hand_back(reload(things["done"]), ann, resolution="Refunded €14\nSent a letter")
    receiving.resolve(reload(things["closed"]), ann, hands_back=False)
    handback.finish(reload(things["closed"]))
    return things


def look(page: Page, name: str, themes: tuple[str, ...] = ("light", "dark")) -> None:
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        breaks_no_rule(page, f"{name}, {theme}")


def breaks_no_rule(page: Page, name: str, where: str = "html") -> None:
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"() => {{ {AXE_SCRIPT} }}")
    found = AxeResults(page.evaluate(LOOK, [where, RULES]))
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"


def fits(page: Page, name: str) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} scrolls sideways at 320"
    assert page.evaluate(SIDEWAYS) == [], f"{name} has parts that scroll sideways at 320"


@pytest.mark.parametrize("width", WIDTHS)
def test_agents_pages(world: dict[str, Any], ann: Agent, agent_page: Callable[..., Page], width: int) -> None:
    whole = {"width": width, "height": 900 if width > 400 else 844}
    page = agent_page(ann, "/queue/", viewport=whole, **OPTIONS)
    desks = (f"/handoffs/{world[name].pk}/" for name in ("waiting", "mine", "theirs", "done", "closed"))
    searches = ("/search/", "/search/?q=refund", "/search/?q=zz")
    for path in ("/queue/", *desks, "/handoffs/none/", "/wall/", "/replies/", f"/replies/{world['reply'].pk}/", "/me/", *searches):
        page.goto(path)
        look(page, path)
        fits(page, path)
        page.set_viewport_size(whole)


@pytest.mark.parametrize("width", WIDTHS)
def test_supervisors_wall(world: dict[str, Any], cara: Agent, agent_page: Callable[..., Page], width: int) -> None:
    page = agent_page(cara, "/wall/", viewport={"width": width, "height": 900}, **OPTIONS)
    look(page, "wall")
    fits(page, "wall")


@pytest.fixture
def replayed(world: dict[str, Any], cara: Agent) -> Replay:
    """A draft policy that was replayed on the world, with judged answers and a version before it."""
    PolicyVersion.objects.create(body={"answer_at": 0.9}, why="Careful at first", made_by=cara, published_by=cara)
    limits = {"refund": {"answer_at": 0.95, "clarify_at": 0.9}}
    draft = publishing.change(publishing.begin(cara), {"answer_at": 0.99, "clarify_at": 0.95, "limits": limits}, cara)
    simulation.ask(draft, cara)
    simulation.work()
    # The product's own worker may have been first.
    wait_for(lambda: Replay.objects.filter(state=Replay.State.DONE).exists(), what="the replay")
    while answer := verdicts.next_to_judge():
        verdicts.judge(answer, True, cara)
    turns.propose(Conversation.objects.get(pk=world["talking"].pk), Proposal("Under plans.", confidence=0.97), client_id="2")
    return Replay.objects.get()


@pytest.mark.parametrize("width", WIDTHS)
def test_supervisors_policy(replayed: Replay, cara: Agent, agent_page: Callable[..., Page], width: int) -> None:
    # As tall as the page, so that nothing lies under the bar at its foot.
    tall = {"width": width, "height": 9000}
    page = agent_page(cara, "/policy/", viewport=tall, **OPTIONS)
    for path in ("/policy/", f"/policy/flips/{replayed.flips.first().pk}/", "/policy/answers/"):
        page.goto(path)
        page.evaluate("for (const folded of document.querySelectorAll('details')) folded.open = true")
        look(page, path)
        fits(page, path)
        page.set_viewport_size(tall)


def look_at_dialogs(page: Page, *popovers: str) -> None:
    for popover in popovers:
        page.evaluate("id => document.getElementById(id).showPopover()", popover)
        look(page, popover, themes=("light",))
        page.evaluate("id => document.getElementById(id).hidePopover()", popover)


def test_the_policys_dialogs(replayed: Replay, cara: Agent, agent_page: Callable[..., Page]) -> None:
    page = agent_page(cara, "/policy/", **OPTIONS)
    look_at_dialogs(page, "publish", "discard", "replay-options", "own-1", "own-new", "topic-humans_only-new", "topic-humans_only-bereavement")


def test_dialogs(world: dict[str, Any], ann: Agent, agent_page: Callable[..., Page]) -> None:
    page = agent_page(ann, f"/handoffs/{world['mine'].pk}/", **OPTIONS)
    look_at_dialogs(page, "transfer", "resolve", "hand-back", "snooze", "note", "reject-draft", "keys", "me")


@pytest.mark.parametrize("width", WIDTHS)
def test_customers_page(world: dict[str, Any], customer_page: Callable[..., Page], width: int) -> None:
    for state in ("talking", "waiting", "mine", "done", "closed"):
        thing = world[state]
        conversation = thing if isinstance(thing, Conversation) else thing.conversation
        page = customer_page(conversation, viewport={"width": width, "height": 844}, **OPTIONS)
        look(page, state)
        fits(page, state)


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_without_a_log_in(site: Any, person_at: Callable[..., BrowserContext], width: int) -> None:
    page = person_at(viewport={"width": width, "height": 844}, **OPTIONS).new_page()
    for path in ("/login/", "/chat/", "/c/made.up/", "/nowhere/"):
        page.goto(path)
        look(page, path)
        fits(page, path)
        page.set_viewport_size({"width": width, "height": 844})
