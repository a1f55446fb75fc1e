"""The check while an agent types: whom it answers, what it says, and what it makes of garbage."""

from collections.abc import Callable

import pytest
from django.test import Client

from console.streams.wall import Wall
from handoffs import receiving
from handoffs.models import Agent, Handoff
from handoffs.snapshots import LONGEST_TEXT
from tests.conftest import reload

ASKING = "Could you tell me your order number?"


@pytest.fixture
def ask(claimed: Handoff, ann: Agent, signed_in: Callable[[Agent], Client]) -> Callable[..., tuple[int, str]]:
    def post(text: object = ASKING, agent: Agent = ann) -> tuple[int, str]:
        answer = signed_in(agent).post(f"/handoffs/{claimed.pk}/check/", {"text": text}, headers={"Accept": "application/json"})
        return answer.status_code, " ".join(answer.content.decode().split())

    return post


def test_the_agent_is_told_what_is_known_and_where_it_was_said(ask: Callable[..., tuple[int, str]]) -> None:
    status, page = ask()
    assert status == 200
    assert "You already have this: <b>Order number A-20817</b>, <a class=\"link\" href=\"#turn-1\">turn 1</a>" in page
    assert 'data-insert-value="A-20817"' in page


def test_nothing_is_said_of_other_messages(ask: Callable[..., tuple[int, str]]) -> None:
    for text in ("So A-20817, right?", "", "\x00", "I am on it.", "🤷" * 10):
        assert ask(text) == (204, ""), text


def test_only_the_agent_who_holds_it_is_answered(ask: Callable[..., tuple[int, str]], claimed: Handoff, bob: Agent, dan: Agent, cara: Agent) -> None:
    assert [ask(agent=agent)[0] for agent in (bob, dan, cara)] == [403, 404, 403]
    assert Client().post(f"/handoffs/{claimed.pk}/check/", {"text": ASKING}).status_code == 302
    assert Client(enforce_csrf_checks=True).post(f"/handoffs/{claimed.pk}/check/", {"text": ASKING}).status_code == 403


def test_what_could_not_be_sent_is_not_checked(ask: Callable[..., tuple[int, str]]) -> None:
    assert ask("a" * (LONGEST_TEXT + 1))[0] == 400


def test_names_of_others_stay_words(ask: Callable[..., tuple[int, str]], claimed: Handoff) -> None:
    fact = {"name": "<b>seat</b> preference", "value": "\"><script>alert(1)</script>", "by": "assistant"}
    Handoff.objects.filter(pk=claimed.pk).update(brief={"version": 2, "facts": [fact]})
    status, page = ask("What is your seat preference?")
    assert (status, "<script>" in page, "<b>seat" in page) == (200, False, False)


def test_what_the_page_says_it_showed_is_kept(claimed: Handoff, ann: Agent, signed_in: Callable[[Agent], Client]) -> None:
    sent = {"text": ASKING, "warned": "order number\nname", "excused": "order number"}
    assert signed_in(ann).post(f"/handoffs/{claimed.pk}/turns/", sent, headers={"Accept": "application/json"}).status_code == 201
    assert list(claimed.repeat_asks.values_list("field", "warned", "excused")) == [("order number", True, True)]


def test_the_wall_puts_what_agents_asked_again_beside_what_customers_said(claimed: Handoff, ann: Agent) -> None:
    receiving.say(reload(claimed), ann, ASKING)
    panel = " ".join(Wall("all").parts()["wall-quality"].split())
    assert "Asked again by an agent</dt> <dd>100% <small>1 of 1, 21% to 100%</small>" in panel
    assert "For order number (1). Billing 1 of 1" in panel
