"""Statements put together once do what Django's own do; an upgrade of Django that changes what they take from its inside fails here."""

import sys
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import CharField, Count, DateTimeField, F, IntegerField, Model, QuerySet, UUIDField
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from handoffs.models import Conversation, Customer, Handoff, Step, Team, Turn
from handoffs.prepared import Given, Insert, Prepared, Update, together
from handoffs.snapshots import Author
from handoffs.states import Owner

# A value for whatever any statement of the project wants named.
KEYS = ("key", "conversation", "handoff")
TIMES = ("arrived", "now", "rank_at", "at", "due", "closed_at", "since")
WORDS = ("code", "digest", "intent", "owner")
NUMBERS = ("agent", "assistant", "customer", "team", "priority", "seen", "number", "place")


def whole(row: Any) -> Any:
    """A row with all that was loaded of it and of what it is joined to."""
    if not isinstance(row, Model):
        return row
    loaded = {name: value for name, value in row.__dict__.items() if name != "_state"}
    return type(row), loaded, {name: whole(value) for name, value in row._state.fields_cache.items()}


def one_by_key(key: Any) -> QuerySet[Handoff]:
    return Handoff.objects.select_related("team", "agent", "conversation__customer").filter(pk=key, state="waiting")


def partly(key: Any) -> QuerySet[Handoff]:
    return Handoff.objects.filter(conversation=key).only("goal", "brief", "created_at", "team__name").select_related("team")


def counted(key: Any) -> QuerySet[Turn, tuple[Any, ...]]:
    return Turn.objects.filter(conversation=key).order_by().values("author").annotate(count=Count("pk")).values_list("author", "count")


def annotated(key: Any) -> QuerySet[Turn]:
    return Turn.objects.filter(conversation=key).exclude(text__contains="100%").annotate(next=F("number") + 1).order_by("-number")[:2]


@pytest.mark.parametrize("rows", [one_by_key, partly, annotated], ids=lambda rows: rows.__name__)
def test_rows_are_the_same_as_djangos(rows: Callable[[Any], QuerySet[Any]], handoff: Handoff) -> None:
    key = handoff.pk if rows is one_by_key else handoff.conversation_id
    found = Prepared(lambda: rows(Given("key", UUIDField()))).all(key=key)
    assert [whole(row) for row in found] == [whole(row) for row in rows(key)] != []


def test_values_are_the_same_as_djangos(handoff: Handoff) -> None:
    found = Prepared(lambda: counted(Given("key", UUIDField()))).all(key=handoff.conversation_id)
    assert sorted(found) == sorted(counted(handoff.conversation_id)) != []


def test_a_question_is_one_statement_with_the_values_of_its_time(teams: dict[str, Team]) -> None:
    by_code = Prepared(lambda: Team.objects.filter(code=Given("code", CharField())))
    with CaptureQueriesContext(connection) as asked:
        assert [by_code.one(code=code) for code in ("billing", "fraud")] == [teams["billing"], teams["fraud"]]
    assert ["billing" in asked[0]["sql"], "fraud" in asked[1]["sql"], len(asked)] == [True, True, 2]
    with pytest.raises(Team.DoesNotExist):
        by_code.one(code="nobody")


def test_several_questions_are_answered_in_their_order(teams: dict[str, Team], customer: Customer) -> None:
    by_code = Prepared(lambda: Team.objects.filter(code=Given("code", CharField())))
    everybody = Prepared(Customer.objects.all)
    assert together(by_code.asked(code="fraud"), everybody.asked(), by_code.asked(code="none")) == [[teams["fraud"]], [customer], []]


def test_rows_put_in_are_the_same_as_djangos(handoff: Handoff) -> None:
    now = timezone.now()
    rows = [Step(handoff=handoff, verb=verb, by="baton", at=now, detail={"100%": ["ü"]}) for verb in ("one", "two")]
    put = Insert(Step).all(*rows)
    kept = list(Step.objects.filter(verb__in=["one", "two"]).order_by("pk"))
    assert [(row.pk, row.verb, row.detail, row.at, row._state.adding) for row in put] == [(row.pk, row.verb, row.detail, row.at, False) for row in kept]


def test_a_row_with_a_key_of_its_own_keeps_it(customer: Customer) -> None:
    row = Conversation(assistant=customer.assistant, answered_by=customer.assistant, customer=customer, external_id="own")
    key = row.pk
    Insert(Conversation).all(row)
    assert Conversation.objects.get(external_id="own").pk == key == row.pk


def test_a_row_that_breaks_a_rule_is_refused_and_nothing_of_its_trip_is_kept(conversation: Conversation) -> None:
    said = Turn(conversation=conversation, number=1, author=Author.CUSTOMER, text="Hello")
    again = Turn(conversation=conversation, number=1, author=Author.CUSTOMER, text="Hello again")
    insert = Insert(Turn)
    with pytest.raises(IntegrityError), transaction.atomic():
        together(insert.asked(said), insert.asked(again))
    assert not Turn.objects.filter(conversation=conversation).exists()


def test_a_change_says_what_it_came_to_and_only_where_its_guard_holds(conversation: Conversation, teams: dict[str, Team]) -> None:
    def rows() -> QuerySet[Conversation]:
        return Conversation.objects.filter(pk=Given("key", UUIDField()), epoch=Given("seen", IntegerField()))

    update = Update(rows, ("epoch", "last_number"), epoch=F("epoch") + 1, owner=Owner.TEAM, team=Given("team", IntegerField()),
                    silence_due_at=Given("due", DateTimeField()))
    given = {"key": conversation.pk, "team": teams["billing"].pk, "due": None}
    assert update.first(seen=conversation.epoch, **given) == (conversation.epoch + 1, 0)
    assert update.first(seen=conversation.epoch, **given) is None
    assert Conversation.objects.values_list("owner", "team", "epoch").get(pk=conversation.pk) == ("team", teams["billing"].pk, conversation.epoch + 1)


def test_every_prepared_statement_of_the_project_runs(teams: dict[str, Team]) -> None:
    given = dict.fromkeys(KEYS, uuid4()) | dict.fromkeys(TIMES, timezone.now()) | dict.fromkeys(WORDS, "x") | dict.fromkeys(NUMBERS, 1)
    modules = [module for name, module in list(sys.modules.items()) if name.startswith(("handoffs.", "console."))]
    ours = [each for module in modules for each in vars(module).values() if type(each) is Prepared]
    assert len(ours) > 12
    assert all(isinstance(rows, list) for each in ours for rows in together(each.asked(**given)))
