"""An answer that does not come: its agent, every lead and the customer are told, and somebody else can have it."""

from collections.abc import Callable
from datetime import timedelta

from django.db.models import F
from django.utils import timezone
from playwright.sync_api import Page, expect

from handoffs.models import Agent, Handoff, Turn
from tests.journeys.conftest import Talk
from tests.journeys.test_journeys import press, talk_to_a_person

AgentPage = Callable[..., Page]


def let_time_pass(minutes: int) -> None:
    """Everything there is becomes so much older, and is looked at."""
    span = timedelta(minutes=minutes)
    Turn.objects.update(at=F("at") - span)
    Handoff.objects.update(**{name: F(name) - span for name in ("created_at", "claimed_at", "alarmed_at")}, due_at=timezone.now())


def test_who_is_not_answered_is_given_to_somebody_else(talk: Callable[..., Talk], agent_page: AgentPage, customer_page: Callable[..., Page], ann: Agent,
                                                       cara: Agent) -> None:
    chat, hers, wall = talk(), agent_page(ann), agent_page(cara, "/wall/")
    talk_to_a_person(chat)
    amaras = customer_page(chat.conversation)
    expect(hers.locator("#queue-list")).to_contain_text("Amara Osei")
    press(hers, "c")
    expect(hers.locator("#reply")).to_be_focused()
    let_time_pass(11)
    expect(hers.get_by_role("alert")).to_contain_text("Your answer is overdue.")
    # Where the call would cover the box of the reply it leaves it free.
    hers.set_viewport_size({"width": 1100, "height": 800})
    hers.reload()
    expect(hers.locator("#reply")).to_be_visible()
    expect(hers.get_by_role("alert")).to_have_count(0)
    expect(wall.get_by_role("alert")).to_contain_text("Ann hasn’t answered.")
    expect(wall.locator("#wall-risks")).to_contain_text("Amara Osei, with Ann")
    let_time_pass(5)
    expect(amaras.locator("#log")).to_contain_text("Ann hasn’t been able to answer you yet, and we’re sorry. We’ve asked the person in charge")
    wall.locator("#wall-risks").get_by_role("button", name="To the queue").click()
    expect(wall.locator("#wall-risks")).to_contain_text("Every promise is safe.")
    expect(wall.get_by_role("alert")).to_have_count(0)
    expect(amaras.locator("#log")).to_contain_text("Ann had to pass this on.")
    assert Handoff.objects.get().state == "waiting"
