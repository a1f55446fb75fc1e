"""A team that gives its work out: taken with one key, passed on when nobody answers, and never left lying."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from handoffs.models import Agent, Handoff, Offer, Team
from tests.journeys.conftest import Talk
from tests.journeys.test_journeys import press, talk_to_a_person
from tests.servers import wait_for

AgentPage = Callable[..., Page]
Open = Callable[..., Talk]


@pytest.fixture(autouse=True)
def _push(teams: dict[str, Any]) -> None:
    Team.objects.filter(code="billing").update(push=True)



def test_an_offer_is_taken_with_one_key_from_any_page(talk: Open, agent_page: AgentPage, ann: Agent) -> None:
    page = agent_page(ann, "/replies/")
    expect(page.locator("[data-live]")).to_be_visible()
    talk_to_a_person(talk())
    expect(page.locator(".offer")).to_contain_text("Frustrated")
    press(page, "a")
    expect(page.locator("#reply")).to_be_focused()
    assert (Handoff.objects.get().agent, Offer.objects.get().outcome) == (ann, "accepted")


def test_what_nobody_answers_goes_on_until_a_supervisor_is_called(talk: Open, agent_page: AgentPage, person: Callable[..., Agent], cara: Agent) -> None:
    ann, bob = person("ann", "billing"), person("bob", "billing", here=False)
    hers, wall = agent_page(ann), agent_page(cara, "/wall/")
    chat = talk()
    talk_to_a_person(chat)
    expect(hers.locator(".offer")).to_be_visible()
    his = agent_page(bob)
    expect(his.locator("#queue-list")).to_contain_text("Offered to Ann")
    Offer.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    expect(his.locator(".offer")).to_be_visible()
    expect(hers.locator(".offer")).to_have_count(0)
    expect(hers.locator("#queue-list")).to_contain_text("Offered to Bob")
    his.get_by_role("button", name="Decline").click()
    expect(his.locator(".offer")).to_have_count(0)
    expect(wall.get_by_role("alert")).to_contain_text("Nobody takes this.")
    wait_for(lambda: chat.conversation.turns.filter(text__contains="the person in charge").count() == 1, what="word to the customer")


def test_on_a_phone_a_call_covers_nothing_and_can_be_put_aside(talk: Open, agent_page: AgentPage, cara: Agent) -> None:
    for name in ("Amara Osei", "Ben Iversen", "Clara Roy"):
        talk_to_a_person(talk(name=name))
    Handoff.objects.update(alarmed_at=timezone.now())
    page = agent_page(cara, "/wall/", viewport={"width": 390, "height": 844})
    alarm = page.get_by_role("alert")
    expect(alarm).to_contain_text("Amara Osei")
    expect(page.locator(".calls")).to_contain_text("And 2 more.")
    covered = """() => { const title = document.querySelector("h1").getBoundingClientRect();
      return document.elementFromPoint(title.left + title.width / 2, title.top + title.height / 2).closest("h1") === null; }"""
    assert page.evaluate(covered) is False
    alarm.get_by_role("button", name="Put aside").click()
    expect(alarm).to_contain_text("Ben Iversen")
    expect(page.locator(".calls")).to_contain_text("And 1 more.")
    page.reload()
    expect(alarm).to_contain_text("Ben Iversen")
    Handoff.objects.update(alarmed_at=timezone.now() + timedelta(seconds=1))
    page.reload()
    expect(alarm).to_contain_text("Amara Osei")
