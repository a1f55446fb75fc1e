"""The customer's panel: who says what, how the look-ups stand, and that no record breaks the page."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from console.streams.desk import Desk
from console.streams.wall import Wall
from handoffs import lookups, transitions, waiting_room
from handoffs.lookups.troubles import FAILING_AT
from handoffs.models import Agent, Customer, CustomerRecord, Handoff, Heartbeat, RecordSource, Turn
from handoffs.snapshots import Author
from tests.crm import serving

pytestmark = pytest.mark.django_db
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def crm_source(customer: Customer) -> RecordSource:
    return RecordSource.objects.create(code="crm", name="CRM", plugin="imported")


def panel(handoff: Handoff) -> str:
    return re.sub(r"\s+", " ", Desk(str(handoff.pk)).parts()[f"person-{handoff.pk}"])


def words(handoff: Handoff) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", panel(handoff)))


def says(customer: Customer, source: RecordSource, body: dict[str, Any] | None = None, **columns: Any) -> CustomerRecord:
    columns = {"due_at": None, "loaded_at": timezone.now(), **columns}
    return CustomerRecord.objects.create(customer=customer, source=source, body=body or {}, **columns)


def test_without_sources_the_panel_says_nothing_of_them(handoff: Handoff) -> None:
    assert ("lookups" in panel(handoff), "Sent with" in panel(handoff)) == (False, False)


def test_the_address_left_for_this_conversation_is_named(handoff: Handoff, customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(email="", phone="")
    waiting_room.leave_email(handoff.conversation, "amara@example.com")
    assert "amara@example.com" in words(handoff)


def test_while_it_loads_the_panel_says_so_quietly(handoff: Handoff, customer: Customer, crm_source: RecordSource) -> None:
    says(customer, crm_source, due_at=timezone.now(), loaded_at=None)
    assert "Looking up CRM …" in words(handoff)
    assert "Try again" not in words(handoff)


def test_what_the_assistant_says_meanwhile_is_named_as_its_own(handoff: Handoff, signed_in: Any, ann: Agent) -> None:
    for kind in (Turn.Kind.MEANWHILE, Turn.Kind.SOLUTION):
        transitions.say(handoff.conversation_id, Author.ASSISTANT, "It goes back by Friday.", kind=kind)
    page = re.sub(r"\s+", " ", signed_in(ann).get(reverse("desk", args=[handoff.pk])).content.decode())
    assert ("Juniper while they wait," in page, "Juniper offered a solution," in page, "Waiting update," in page) == (True, True, False)


def test_a_note_of_batons_own_says_what_it_is_about(handoff: Handoff) -> None:
    transitions.note(handoff, "auto_replied", by="baton", note="Away until Monday")
    assert "An automatic reply came, no words of the customer: Away until Monday" in Desk(str(handoff.pk)).parts()[f"notes-{handoff.pk}"]


def test_what_could_not_be_loaded_can_be_tried_again(handoff: Handoff, customer: Customer, crm_source: RecordSource, signed_in: Any, ann: Agent) -> None:
    says(customer, crm_source, error="took longer than 2 s", tries=3, loaded_at=None)
    url = reverse("look_up", args=[handoff.pk, "crm"])
    assert "Couldn’t load from CRM It took longer than 2 s Try again" in words(handoff)
    assert f'form="act" formaction="{url}"' in panel(handoff)
    assert signed_in(ann).post(url).status_code == 303
    assert "Looking up CRM again …" in words(handoff)
    assert signed_in(ann).post(url, headers={"Accept": "application/json"}).status_code == 202


def test_only_who_may_see_the_desk_tries_again(handoff: Handoff, crm_source: RecordSource, signed_in: Any, dan: Agent, ann: Agent) -> None:
    url = reverse("look_up", args=[handoff.pk, "crm"])
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(ann)
    statuses = [signed_in(dan).post(url).status_code, signed_in(ann).get(url).status_code, guarded.post(url).status_code]
    assert (statuses, CustomerRecord.objects.count()) == ([404, 405, 403], 0)


def test_an_ended_handoff_has_nothing_to_try(handoff: Handoff, customer: Customer, crm_source: RecordSource) -> None:
    says(customer, crm_source, error="answered 500")
    Handoff.objects.update(state="closed", due_at=None, ended_at=timezone.now())
    assert ("Couldn’t load" in words(handoff), "Try again" in words(handoff)) == (True, False)


def test_the_panel_says_where_each_thing_comes_from(handoff: Handoff, customer: Customer, crm_source: RecordSource) -> None:
    Customer.objects.update(account={"plan": "Solo"}, orders=[{"id": "A-1", "item": "Lamp"}])
    orders = [{"id": "A-1", "state": "paid"}, {"id": "A-2", "item": "Chair"}]
    body = {"account": {"plan": "Family", "since": 2021}, "orders": orders, "tickets": [{"subject": "Noise"}]}
    says(customer, crm_source, body, loaded_at=timezone.now() - timedelta(days=3))
    shown = words(handoff)
    assert re.search(r"Sent with the conversation Plan Solo CRM, \d+ \w{3}, \d\d:\d\d Plan Family Since 2021", shown)
    assert re.search(r"Orders 2 Sent with the conversation and CRM, .* Lamp paid A-1 CRM, .* Chair A-2", shown)
    assert "Noise" in shown


def test_a_source_without_a_record_is_named(handoff: Handoff, customer: Customer, crm_source: RecordSource) -> None:
    says(customer, crm_source, {"account": {}, "orders": [], "tickets": []})
    assert "No record in CRM" in words(handoff)


def test_an_older_record_stays_when_it_cannot_be_loaded_anew(handoff: Handoff, customer: Customer, crm_source: RecordSource) -> None:
    says(customer, crm_source, {"account": {"plan": "Family"}}, error="answered 500")
    assert ("Couldn’t load from CRM" in words(handoff), "Family" in words(handoff)) == (True, True)


def test_a_source_no_longer_in_use_says_nothing(handoff: Handoff, customer: Customer, crm_source: RecordSource) -> None:
    says(customer, crm_source, {"account": {"plan": "Family"}}, error="answered 500")
    RecordSource.objects.update(enabled=False)
    assert ("CRM" in words(handoff), "Family" in words(handoff)) == (False, False)


def test_a_giant_record_keeps_the_panels_shape(handoff: Handoff, customer: Customer, crm_source: RecordSource) -> None:
    nested: Any = "deep"
    for _ in range(30):
        nested = {"a": [nested]}
    account = {EVIL: EVIL, "long": "x" * 20_000, "nested": nested, **{f"field {number}": number for number in range(40)}}
    says(customer, crm_source, {"account": account, "orders": [{"id": f"A-{number}", "item": EVIL} for number in range(300)]})
    html = panel(handoff)
    assert (EVIL in html, html.count("&lt;script&gt;") > 0, len(html) < 60_000) == (False, True, True)
    first, _, folded = html.partition(f'id="more-orders-{handoff.pk}"')
    assert ("A-4<" in first, "A-5<" in first, "A-49<" in folded, "A-50<" in folded) == (True, False, True, False)
    assert "295 more" in html
    assert "And 250 that this page leaves out." in html


@pytest.mark.parametrize("account", [{}, {"a": None}, {"items": "x", "keys": "y"}, {"list": [1, [2, {"b": 3}]]}])
def test_odd_accounts_are_shown(handoff: Handoff, account: dict[str, Any]) -> None:
    Customer.objects.update(account=account, orders=["gift card", {}], tickets=[{}])
    assert "gift card" in words(handoff)


def test_the_panel_takes_the_same_queries_for_any_number_of_sources(handoff: Handoff, customer: Customer, django_assert_num_queries: Any) -> None:
    def queries(count: int) -> int:
        for number in range(count):
            source = RecordSource.objects.create(code=f"s{count}-{number}", name=f"S {count} {number}", plugin="imported")
            says(customer, source, {"account": {f"f{number}": number}})
        with django_assert_num_queries(1):
            return len(lookups.of(customer))

    assert (queries(1), queries(10)) == (1, 11)


def test_a_source_that_keeps_failing_is_named_by_readyz_and_the_wall(crm_source: RecordSource) -> None:
    Heartbeat.beat("sweep")
    RecordSource.objects.update(failures=FAILING_AT, failing_since=timezone.now())
    ready = Client().get("/readyz")
    assert (ready.status_code, [words for words in ready.json()["warnings"] if "CRM" in words]) == (200, list(lookups.problems()))
    assert "Records from CRM do not load" in Wall("all").parts()["wall-failures"]


def test_the_desk_opens_at_once_and_is_filled_when_the_source_has_answered(hand_off: Any, signed_in: Any, ann: Agent) -> None:
    with serving() as crm:
        settings = {"url": f"{crm.url}/c/{{external_id}}", "account": {"plan": "subscription.plan"}, "timeout": 5}
        slow = {**settings, "url": f"{crm.url}/hang/{{external_id}}", "timeout": 0.2}
        RecordSource.objects.create(code="crm", name="CRM", plugin="http", settings=settings)
        RecordSource.objects.create(code="slow", name="Slow", plugin="http", settings=slow)
        handoff = hand_off()
        page = signed_in(ann).get(reverse("desk", args=[handoff.pk]))
        assert (crm.seen, page.status_code, "Looking up CRM, Slow …" in words(handoff)) == ([], 200, True)
        lookups.work()
    assert ("Plan Family" in words(handoff), "Looking up Slow again …" in words(handoff)) == (True, True)
