"""The markup of the brief: the feeling first, traces, folds, and the acts that put it right, for agents and for customers."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from console import brief
from console.streams.desk import Desk
from console.streams.queue import Queue
from handoffs import addresses, briefs, corrections, receiving, turns
from handoffs.briefing.putting_right import Fix
from handoffs.models import Agent, Correction, Handoff
from handoffs.snapshots import Brief, BriefAttempt, Fact, Outcome, Sentence, Source, Was
from tests.conftest import reload

pytestmark = pytest.mark.django_db
SignIn = Callable[[Agent], Client]
BRIEF = Brief(
    goal="Get €14 back", goal_turns=(1,), reason="Asked for a person", written_by="model", sources=(Source(title="Limits", url="https://help.example/limits"),),
    sentences=(Sentence(text="Amara paid twice.", turns=(1,)), Sentence(text="It was refused.", about="obstacle", turns=(1, 2)),
               Sentence(text="Fine.", about="open_to")),
    attempts=tuple(BriefAttempt(step=f"Step {n}", outcome=Outcome.FAILED if n == 2 else Outcome.DONE, detail="why", shown=n == 2, times=n)
                   for n in range(1, 7)),
    facts=(Fact(name="order number", value="A-2", turn=2, was=(Was(value="A-1", turn=1),)), Fact(name="plan", value="Pro", by="record")),
)


class Outline(HTMLParser):
    """The classes of a markup's elements in order, each with how deep it lies."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.depth, self.found = 0, list[tuple[int, str]]()
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.found.append((self.depth, dict(attributes).get("class") or tag))
        self.depth += tag not in ("path", "circle", "input", "br")

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag not in ("path", "circle", "input", "br")


def first_within(html: str, name: str) -> str:
    """The class of the first child of the element with this class."""
    found = Outline(html).found
    at = next(index for index, (_, kind) in enumerate(found) if kind == name)
    assert found[at + 1][0] == found[at][0] + 1
    return found[at + 1][1]


def put(handoff: Handoff, known: Brief) -> Handoff:
    briefs.revise(handoff.pk, lambda _: known)
    return reload(handoff)


def desk(handoff: Handoff) -> str:
    return " ".join(" ".join(Desk(str(handoff.pk)).parts().values()).split())


def post(client: Client, handoff: Handoff, /, to: str = "put_right", **values: str) -> Any:
    return client.post(reverse(to, args=[handoff.pk]), values, headers={"Accept": "application/json"})


def customer_says(handoff: Handoff, **values: str) -> HttpResponse:
    return Client().post(reverse("customer_put_right", args=[addresses.token(handoff.conversation_id)]), values)


def test_the_feeling_is_the_first_child_of_card_and_banner(handoff: Handoff) -> None:
    cards, banner = Queue("billing").parts()["queue-list"], Desk(str(handoff.pk)).parts()[f"mood-{handoff.pk}"]
    assert (first_within(cards, "card"), first_within(banner, "mood-bar")) == ("mood", "face")
    assert re.search(r'class="face".*?<strong>\w+', banner, re.S)


def test_words_name_the_turns_they_came_from(handoff: Handoff) -> None:
    page = desk(put(handoff, BRIEF))
    assert '<a class="trace" id="trace-2" href="#turn-1" data-turns="1 2" title="from turns 1 and 2">It was refused.</a>' in page
    assert '<a class="trace" id="trace-goal" href="#turn-1"' in page
    assert "<span>Fine.</span>" in page


def test_four_steps_stand_on_the_card_and_failures_first(handoff: Handoff) -> None:
    page = desk(put(handoff, BRIEF))
    shown, folded = page.split("2 more</summary>")
    assert re.findall(r"<b>(Step \d)</b>", shown) == ["Step 2", "Step 6", "Step 5", "Step 4"]
    assert re.findall(r"<b>(Step \d)</b>", folded) == ["Step 1", "Step 3"]
    assert ("2 times" in shown, "Amara saw this" in shown, "not shown to Amara" in shown) == (True, True, True)


def test_the_desk_says_who_worded_and_who_put_right(handoff: Handoff, ann: Agent) -> None:
    handoff = put(handoff, BRIEF)
    assert desk(handoff).count("worded by a model") == 1
    corrections.by_agent(handoff, ann, Fix("attempt", "unknown", "Step 6", "done"))
    corrections.by_customer(handoff, Fix("fact", "A-3", "order number", "A-2"))
    page = desk(handoff)
    assert f'put right by <span data-agent="{ann.pk}" data-you="you">Ann</span>' in page
    assert (page.count("corrected by Amara"), "before: <bdi>A-1</bdi>" in page, "before: <bdi>A-2</bdi>" in page) == (1, True, True)


def test_the_desk_takes_the_same_queries_for_any_brief(handoff: Handoff, ann: Agent, django_assert_num_queries: DjangoAssertNumQueries,
                                                       django_assert_max_num_queries: Any) -> None:
    handoff = put(handoff, BRIEF)
    turns.take(handoff.conversation, "and more", client_id="more")
    with django_assert_max_num_queries(60) as few:
        desk(handoff)
    for number in range(4):
        turns.take(handoff.conversation, f"and {number}", client_id=f"more-{number}")
        corrections.by_agent(handoff, ann, Fix("fact", f"value {number}", f"fact {number}"))
    with django_assert_num_queries(len(few)):
        desk(handoff)


def test_an_agent_puts_right_over_a_form(signed_in: SignIn, claimed: Handoff, ann: Agent) -> None:
    client, handoff = signed_in(ann), put(claimed, BRIEF)
    assert post(client, handoff, field="goal", after="Refund one payment").status_code == 200
    assert post(client, handoff, field="fact", name="plan", before="Pro", after="Max").status_code == 200
    assert post(client, handoff, field="fact", name="order number", before="A-2", remove="1").status_code == 200
    assert post(client, handoff, to="mark_source", out_of_date="https://help.example/limits").status_code == 200
    now = reload(handoff).what_to_know
    assert (now.goal, [(fact.name, fact.value) for fact in now.facts]) == ("Refund one payment", [("plan", "Max")])
    assert now.sources[0].out_of_date
    assert now.corrected == ("goal", "summary", "fact", "source")


def test_without_a_script_the_form_leads_back_to_the_desk(signed_in: SignIn, claimed: Handoff, ann: Agent) -> None:
    answer = signed_in(ann).post(reverse("put_right", args=[claimed.pk]), {"field": "goal", "after": "Refund"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/handoffs/{claimed.pk}/")


@pytest.mark.parametrize(("who", "values", "status"), [
    ("ann", {"field": "goal", "after": " "}, 422), ("ann", {"field": "goal", "after": "x" * 300}, 422), ("ann", {"field": "feeling", "after": "odd"}, 422),
    ("ann", {"field": "draft", "after": "x"}, 404), ("ann", {"field": "attempt", "name": "Nothing", "before": "done", "after": "failed"}, 409),
    ("bob", {"field": "goal", "after": "Mine"}, 409), ("dan", {"field": "goal", "after": "Mine"}, 404), ("cara", {"field": "goal", "after": "Hers"}, 200),
], ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_refused_changes_nothing(request: Any, signed_in: SignIn, claimed: Handoff, who: str, values: dict[str, str], status: int) -> None:
    answer = post(signed_in(request.getfixturevalue(who)), claimed, **values)
    assert (answer.status_code, Correction.objects.count()) == (status, int(status == 200))


def test_a_form_of_another_site_is_refused(claimed: Handoff, ann: Agent) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann)
    assert post(client, claimed, field="goal", after="Forged").status_code == 403


def test_the_wall_names_sources_that_are_out_of_date(signed_in: SignIn, claimed: Handoff, ann: Agent, cara: Agent) -> None:
    handoff = put(claimed, BRIEF)
    corrections.by_agent(handoff, ann, Fix("source", True, "https://help.example/limits"))
    corrections.by_agent(handoff, ann, Fix("feeling", "worried"))
    wall = signed_in(cara).get("/wall/").content.decode()
    assert "1 source out of date, feeling put right in 1 of 1" in wall
    assert ("https://help.example/limits" in wall, f'href="/handoffs/{handoff.pk}/"' in wall) == (True, True)


def test_the_customer_reads_what_they_said_and_nothing_internal(client: Client, handoff: Handoff) -> None:
    handoff = put(handoff, BRIEF.model_copy(update={"facts": (*BRIEF.facts, Fact(name="account number", value="DE445001051754"))}))
    page = client.get(f"/c/{addresses.token(handoff.conversation_id)}/").content.decode()
    told = page[page.index('<div id="told"') : page.index('id="leave"')]
    assert ("Get €14 back" in told, "A-2" in told, "••••1754" in told) == (True, True, True)
    for internal in ("Pro", "frustrated", "refused", "Step", "Limits", "DE4450", "Asked"):
        assert internal not in told
    assert told.count("That’s not right") == 2


def test_the_customer_is_spoken_to_as_you() -> None:
    assert brief.to_you("They're missing $500 of their refund") == "You're missing $500 of your refund"


def test_a_customer_puts_right_and_the_agent_sees_it(handoff: Handoff) -> None:
    handoff = put(handoff, BRIEF)
    values = {"before-0": "Get €14 back", "after-0": "Get €28 back", "name-1": "order number", "before-1": "A-2", "after-1": "A-2"}
    answer = customer_says(handoff, **values)
    assert (answer.status_code, answer.headers["Location"].endswith("/#told")) == (303, True)
    assert list(Correction.objects.values_list("agent", "field", "before", "after")) == [(None, "goal", "Get €14 back", "Get €28 back")]
    assert desk(handoff).count("corrected by Amara") == 1


@pytest.mark.parametrize(("values", "status"), [
    ({"before-0": "a", "after-0": "x" * 201}, 422), ({"before-0": "a", "after-0": ""}, 422), ({"name-1": "plan", "before-1": "Pro", "after-1": "Max"}, 422),
    ({"name-1": "order number", "before-1": "A-0", "after-1": "A-9"}, 409), ({}, 303), ({"after-0": "<b>\x00</b>"}, 303),
], ids=range(6))
def test_what_a_customer_may_not_say_is_refused_with_words(handoff: Handoff, values: dict[str, str], status: int) -> None:
    answer = customer_says(put(handoff, BRIEF), **values)
    assert answer.status_code == status
    assert ('role="alert"></p>' in answer.content.decode()) is False


def test_a_customer_puts_nothing_right_when_it_is_over(claimed: Handoff, ann: Agent) -> None:
    receiving.resolve(claimed, ann)
    assert customer_says(claimed, **{"after-0": "Late"}).status_code == 409
    assert Correction.objects.count() == 0
