"""The search page: only what one may see, marked words without markup of the customer's, filters and pages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from handoffs import handback, receiving, search, turns
from handoffs.models import Agent, Handoff, Team
from tests.conftest import reload

Make = Callable[..., Handoff]


@pytest.fixture
def asks(signed_in: Any) -> Callable[..., str]:
    """The page one agent gets: asks(ann, q="refund")."""

    def ask(agent: Agent, **asked: str) -> str:
        answer = signed_in(agent).get("/search/", asked)
        assert answer.status_code == 200
        return str(answer.content.decode())

    return ask


def shows(page: str, handoff: Handoff) -> bool:
    return f'class="hit" href="/handoffs/{handoff.pk}/' in page


def test_a_result_leads_to_the_desk_at_the_words(asks: Callable[..., str], ann: Agent, handoff: Handoff) -> None:
    page = asks(ann, q="twice")
    assert (f'href="/handoffs/{handoff.pk}/#turn-1"' in page, "<mark>twice</mark>" in page, "1 found" in page) == (True, True, True)


def test_strangers_find_nothing_not_even_a_count(asks: Callable[..., str], ann: Agent, dan: Agent, cara: Agent, handoff: Handoff) -> None:
    assert [shows(asks(agent, q="refund"), handoff) for agent in (ann, dan, cara)] == [True, False, True]
    assert ("Nothing found" in asks(dan, q="refund"), "Nothing found" in asks(dan, q="amara", team="billing")) == (True, True)


def test_another_teams_part_of_a_conversation_stays_theirs(asks: Callable[..., str], ann: Agent, dan: Agent, claimed: Handoff, teams: dict[str, Team]) -> None:
    """Ann's team had it before; what the next team's handoff is about is not found by its words."""
    handback.hand_back(claimed, ann)
    turns.ask_for_person(reload(claimed).conversation)
    theirs = Handoff.objects.exclude(pk=claimed.pk).get()
    Handoff.objects.filter(pk=theirs.pk).update(team=teams["technical"], goal="Giraffe")
    assert [shows(asks(ann, q="amara"), each) for each in (claimed, theirs)] == [True, False]
    assert (shows(asks(ann, q="giraffe"), claimed), shows(asks(dan, q="giraffe"), theirs)) == (False, True)


def test_the_customers_markup_is_only_words(asks: Callable[..., str], ann: Agent, hand_off: Make) -> None:
    hand_off("<script>alert(1)</script> zebra <b>refund</b> & more")
    page = asks(ann, q="zebra alert")
    assert ("<script>alert" in page, "&lt;script&gt;<mark>alert</mark>(1)&lt;/script&gt; <mark>zebra</mark> &lt;b&gt;" in page) == (False, True)


def test_filters_let_less_through(asks: Callable[..., str], ann: Agent, hand_off: Make) -> None:
    waits, mine = hand_off(), hand_off()
    receiving.claim(mine, ann)
    old = hand_off()
    Handoff.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=30))
    recent = (timezone.localdate() - timedelta(days=7)).isoformat()

    def seen(**asked: str) -> list[bool]:
        page = asks(ann, **asked)
        return [shows(page, each) for each in (waits, mine, old)]

    assert seen(q="refund", mine="1") == [False, True, False]
    assert seen(q="refund", state="waiting", since=recent) == [True, False, False]
    assert seen(state="with") == [False, True, False]
    assert seen(q="refund", team="technical") == [False] * 3
    assert seen(q="refund", team="nowhere", state="x", since="2026-99-99") == [False] * 3


def test_more_goes_on(asks: Callable[..., str], ann: Agent, hand_off: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "PAGE", 1)
    first, second = hand_off(), hand_off()
    page = asks(ann, q="refund")
    after = page.partition("after=")[2].partition('"')[0].replace("%7E", "~").replace("%3A", ":").replace("%2B", "+")
    assert (shows(page, second), shows(page, first), shows(asks(ann, q="refund", after=after), first)) == (True, False, True)


@pytest.mark.parametrize("asked", [{}, {"q": "!?"}, {"q": "\x00"}, {"q": "x" * 10_000}, {"q": '"👩'}, {"q": "a", "after": "x"},
                                   {"since": "\x00", "team": "\x00"}],
                         ids=lambda asked: ascii(asked)[:24])
def test_whatever_is_asked_there_is_a_page(asks: Callable[..., str], ann: Agent, handoff: Handoff, asked: dict[str, str]) -> None:
    assert 'name="q"' in asks(ann, **asked)


def test_the_page_costs_the_same_whatever_is_found(signed_in: Any, ann: Agent, hand_off: Make) -> None:
    client, counts = signed_in(ann), []
    for _ in range(2):
        hand_off()
        with CaptureQueriesContext(connection) as queries:
            client.get("/search/", {"q": "refund"})
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_what_is_over_can_be_read(signed_in: Any, ann: Agent, claimed: Handoff) -> None:
    handback.hand_back(claimed, ann)
    page = signed_in(ann).get(f"/handoffs/{claimed.pk}/").content.decode()
    assert ('data-hold="over"' in page, 'id="turn-1"' in page) == (True, True)
