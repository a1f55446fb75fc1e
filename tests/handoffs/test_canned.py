"""Canned replies: filled without running anything, kept by those whose team it is, and never changed behind somebody's back."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from handoffs import canned
from handoffs.briefs import revise
from handoffs.canned import Behind, Unfit, Written, fill
from handoffs.management import demo
from handoffs.models import Agent, CannedReply, Customer, Handoff, Team
from handoffs.snapshots import Brief, Fact
from handoffs.transitions import Forbidden
from tests.conftest import reload

HELLO = Written("billing", "hello", "Hello", "Hi {{ customer }}, I’m {{ agent }}.")


@pytest.mark.parametrize(("text", "expected", "gaps"), [
    ("Hi {{ customer }}!", "Hi Amara!", ()),
    ("{{customer}} {{  Customer }} {{ CUSTOMER }}", "Amara Amara Amara", ()),
    ("About {{ order number }} or {{order_number}}, {{ plan }}.", "About [order number] or [order number], [plan].", ("[order number]", "[plan]")),
    ("{{ odd }}", "{{ customer }} {% x %}", ()),
    ("{{ customer.__class__ }} {{ 7*7 }}", "[customer. class] [7*7]", ("[customer. class]", "[7*7]")),
    ("{% include 'x' %} {{ customer", "{% include 'x' %} {{ customer", ()),
    ("{{" * 2000, "{{" * 2000, ()),
    ("", "", ()),
])
def test_variables_are_replaced_and_nothing_is_run(text: str, expected: str, gaps: tuple[str, ...]) -> None:
    assert fill(text, {"customer": "Amara", "odd": "{{ customer }} {% x %}"}) == (expected, gaps)


def test_a_place_of_nothing_but_blanks_is_read_at_once() -> None:
    text = "{{" + " " * 3900
    began = time.process_time()
    assert fill(text, {}) == (text, ())
    assert time.process_time() - began < 0.1


def knows(handoff: Handoff, *facts: Fact) -> Handoff:
    def change(brief: Brief) -> Brief:
        return brief.model_copy(update={"facts": facts, "goal": "Get the second charge back"})

    revise(handoff.pk, change)
    return reload(handoff)


def test_a_reply_is_filled_from_the_brief_the_account_and_who_is_who(claimed: Handoff, ann: Agent, customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(account={"plan": "Family", "seats": 3, "address": {"city": "Lyon"}})
    said = {"order number": "A-20817", "card number": "4111 1111 1111 1111", "Room": " 12\nB "}
    handoff = knows(claimed, *(Fact(name=name, value=value) for name, value in said.items()))
    values = canned.values_of(handoff, ann)
    assert {name: values.get(name) for name in ("customer", "agent", "team", "assistant", "goal", "order number", "room", "plan", "seats", "e-mail")} == {
        "customer": "Amara", "agent": "Ann", "team": "Plans and billing", "assistant": "Juniper", "goal": "Get the second charge back",
        "order number": "A-20817", "room": "12 B", "plan": "Family", "seats": "3", "e-mail": "amara@example.com",
    }
    assert "card number" not in values
    assert "address" not in values


def test_a_customer_without_a_name_is_a_gap(claimed: Handoff, ann: Agent, customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(name="")
    assert "customer" not in canned.values_of(reload(claimed), ann)


def test_a_handoff_is_offered_its_teams_replies_and_everybodys_and_its_own_of_one_shortcut(claimed: Handoff, ann: Agent, teams: dict[str, Team]) -> None:
    for team, shortcut, text in ((None, "bye", "Goodbye"), (None, "hello", "Hello all"), ("billing", "hello", "Hello"), ("fraud", "stop", "Stop")):
        CannedReply.objects.create(team=teams.get(team or ""), shortcut=shortcut, title=text, text=text)
    assert [(each.reply.shortcut, each.text) for each in canned.filled(reload(claimed), ann)] == [("bye", "Goodbye"), ("hello", "Hello")]


def test_agents_keep_their_own_teams_replies_and_leads_all(ann: Agent, dan: Agent, cara: Agent) -> None:
    reply = canned.save(ann, HELLO)
    assert (str(reply), reply.team.code, reply.changed_by) == ("/hello", "billing", ann)
    with pytest.raises(Forbidden):
        canned.save(dan, Written("technical", "hello", "Hello", "Hi"), reply=reply, seen=canned.mark(reply))
    with pytest.raises(Forbidden):
        canned.delete(dan, reply, seen=canned.mark(reply))
    assert canned.save(cara, Written("", "bye", "Bye", "Bye")).team is None
    assert [canned.seen_by(agent).count() for agent in (ann, dan, cara)] == [2, 1, 2]


@pytest.mark.parametrize(("typed", "errors"), [
    (Written("billing"), {"shortcut": "Fill this in.", "title": "Fill this in.", "text": "Fill this in."}),
    (Written("billing", "Über uns", "x", "x"), {"shortcut": "Small letters, digits and hyphens, as late-parcel."}),
    (Written("billing", "a" * 41, "b" * 81, "c" * 4001), {name: f"At most {most} characters." for name, most in canned.LONGEST.items()}),
    (Written("billing", "x", "x", "Hi {{ customer"), {"text": "A variable is not closed: write {{ order number }}."}),
    (Written("", "x", "x", "x"), {"team": "Only leads keep replies for every team."}),
    (Written("fraud", "x", "x", "x"), {"team": "You are not in this team."}),
    (Written("nowhere", "x", "x", "x"), {"team": "Choose a team."}),
], ids=["empty", "shortcut", "long", "open", "all", "other", "unknown"])
def test_what_cannot_be_kept_is_said_by_field(ann: Agent, typed: Written, errors: dict[str, str]) -> None:
    with pytest.raises(Unfit) as unfit:
        canned.save(ann, typed)
    assert (unfit.value.errors, CannedReply.objects.count()) == (errors, 0)


def test_a_shortcut_is_a_teams_once(ann: Agent, cara: Agent) -> None:
    canned.save(ann, HELLO)
    canned.save(cara, Written("", "hello", "Hello", "Hi"))
    for by, team, words in ((ann, "billing", "Billing has /hello already."), (cara, "", "Every team has /hello already.")):
        with pytest.raises(Unfit) as unfit:
            canned.save(by, Written(team, "hello", "x", "x"))
        assert unfit.value.errors == {"shortcut": words}


def test_what_somebody_else_changed_meanwhile_is_not_undone(ann: Agent, bob: Agent) -> None:
    reply = canned.save(ann, HELLO)
    seen = canned.mark(reply)
    canned.save(bob, Written("billing", "hello", "Hello", "Bob's"), reply=CannedReply.objects.get(pk=reply.pk), seen=seen)
    now = CannedReply.objects.get(pk=reply.pk)
    with pytest.raises(Behind):
        canned.save(ann, HELLO, reply=now, seen=seen)
    for row in (now, reply):
        with pytest.raises(Behind):
            canned.delete(ann, row, seen=seen)
    assert CannedReply.objects.get(pk=reply.pk).text == "Bob's"
    canned.delete(ann, now, seen=canned.mark(now))
    assert not CannedReply.objects.exists()


def test_the_demo_world_has_replies_that_can_be_kept(db: Any, settings: Any, tmp_path: Any, person: Callable[..., Agent], claimed: Handoff) -> None:
    settings.VAR = tmp_path
    demo.build()
    demo.build()
    rows = CannedReply.objects.select_related("team")
    lead = Agent.objects.get(username="ines")
    for row in rows:
        written = Written(row.team.code if row.team else "", row.shortcut, row.title, row.text)
        assert canned.save(lead, written, reply=row, seen=canned.mark(row)) == row
    assert rows.count() == len(demo.REPLIES.read_text(encoding="utf-8").splitlines()) >= 8
    assert {name for row in rows for name in canned.VARIABLE.findall(row.text)} >= {"customer", "order number"}
