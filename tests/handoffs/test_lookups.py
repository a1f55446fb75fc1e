"""Looking customers up: wanted at a handoff, asked for afterwards, and never holding anybody."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from handoffs import lookups, pipeline, plugins
from handoffs.lookups import asking, troubles
from handoffs.models import Assistant, Customer, CustomerRecord, Handoff, ImportedRecord, RecordSource
from handoffs.records import http
from handoffs.snapshots import Author as By
from handoffs.snapshots import Detection, Line, Record, Transcript
from tests.conftest import forget_what_is_kept, reload
from tests.crm import Crm, serving, waited

pytestmark = pytest.mark.django_db
MAPPED = {"account": {"plan": "subscription.plan"}, "orders": {"at": "orders", "fields": {"id": "number", "status": "state"}}, "tickets": {"at": "cases"}}
ASKED = Detection("explicit_request", "Asked for a person")


@pytest.fixture(scope="module")
def crm() -> Iterator[Crm]:
    with serving() as server:
        yield server


@pytest.fixture
def source(crm: Crm) -> Callable[..., RecordSource]:
    def make(path: str = "c", name: str = "CRM", **settings: Any) -> RecordSource:
        url = f"{crm.url}/{path}/{{external_id}}"
        return RecordSource.objects.create(code=f"{path}-{RecordSource.objects.count()}", name=name, plugin="http", settings={"url": url, **MAPPED, **settings})

    return make


def row() -> CustomerRecord:
    return CustomerRecord.objects.select_related("source").get()


def due_now() -> None:
    CustomerRecord.objects.filter(due_at__isnull=False).update(due_at=timezone.now())


def test_a_handoff_wants_each_source_once(source: Any, hand_off: Any) -> None:
    source(), source("closed"), RecordSource.objects.create(code="off", name="Off", plugin="http", enabled=False)
    hand_off(), hand_off()
    assert sorted(CustomerRecord.objects.filter(due_at__isnull=False).values_list("source__code", flat=True)) == ["c-0", "closed-1"]


def test_what_is_found_is_kept_and_stands_in_the_brief(source: Any, hand_off: Any) -> None:
    source()
    handoff = hand_off()
    assert (lookups.work(), lookups.work()) == (1, 0)
    brief = reload(handoff).what_to_know
    assert brief.record.account == {"plan": "Family"}
    assert brief.record.orders == ({"id": "A-20817", "status": "paid"}, {"id": "A-20911"})
    found = row()
    assert (found.due_at, found.error, found.tries, found.body["tickets"]) == (None, "", 0, [{"subject": "Camera offline", "number": "77"}])


def test_what_the_assistants_side_sent_stays(source: Any, customer: Customer, hand_off: Any) -> None:
    source()
    Customer.objects.filter(pk=customer.pk).update(account={"Plan": "Solo", "since": 2019}, orders=["gift card", {"number": "A-20817", "total": "49"}])
    customer.refresh_from_db()
    handoff = hand_off()
    lookups.work()
    record = reload(handoff).what_to_know.record
    assert record.account == {"Plan": "Solo", "since": 2019}
    assert record.orders == ({"title": "gift card"}, {"status": "paid", "number": "A-20817", "total": "49"}, {"id": "A-20911"})
    fields, orders, _ = lookups.pieces(customer, lookups.of(customer))
    assert [(piece.name, piece.value, piece.by) for piece in fields] == [("Plan", "Solo", ("",)), ("since", 2019, ("",)), ("plan", "Family", ("CRM",))]
    assert [piece.by for piece in orders] == [("",), ("", "CRM"), ("CRM",)]


def test_a_newer_answer_takes_the_place_of_the_older_in_the_brief(source: Any, crm: Crm, customer: Customer, hand_off: Any) -> None:
    made, handoff = source(), hand_off()
    lookups.work()
    crm.answers["amara"], kept = {"subscription": {"plan": "Solo"}}, crm.answers["amara"]
    assert lookups.again(customer, made.code)
    lookups.work()
    crm.answers["amara"] = kept
    assert reload(handoff).what_to_know.record.account == {"plan": "Solo"}


def test_the_source_made_first_is_believed_first() -> None:
    rows = [CustomerRecord(source=RecordSource(name=name), body={"account": {"plan": name, name: 1}, "orders": [{"id": "7", name: 1}]}) for name in ("A", "B")]
    record = lookups.filled(Record(), Customer(), rows)
    assert record == Record(account={"plan": "A", "A": 1, "B": 1}, orders=({"B": 1, "id": "7", "A": 1},))


def test_two_orders_without_or_with_the_same_number_from_one_side_stay_two() -> None:
    _, orders, _ = lookups.pieces(Customer(orders=[{"item": "Lamp"}, {"item": "Lamp"}, {"id": "7"}, {"id": "7"}]), [])
    assert len(orders) == 4


def test_a_fresh_answer_is_not_asked_for_again_and_an_old_one_is(source: Any, crm: Crm, hand_off: Any) -> None:
    source(fresh_for=600)
    hand_off()
    lookups.work()
    asked = len(crm.seen)
    hand_off()
    assert (lookups.work(), len(crm.seen)) == (0, asked)
    CustomerRecord.objects.update(loaded_at=timezone.now() - timedelta(seconds=601))
    hand_off()
    assert (lookups.work(), len(crm.seen)) == (1, asked + 1)


def test_what_was_found_before_stands_in_the_next_brief_at_once(source: Any, hand_off: Any) -> None:
    source()
    hand_off()
    lookups.work()
    record = hand_off().what_to_know.record
    assert (record.account, record.orders[1]) == ({"plan": "Family"}, {"id": "A-20911"})


@pytest.mark.parametrize("body", [{"account": [1], "orders": "x"}, {"orders": [None, 5, []]}, [1]], ids=["lists", "odd orders", "no object"])
def test_a_record_nobody_foresaw_stops_no_handoff(customer: Customer, hand_off: Any, body: Any) -> None:
    made = RecordSource.objects.create(code="file", name="File", plugin="imported")
    CustomerRecord.objects.create(customer=customer, source=made, body=body, due_at=None, loaded_at=timezone.now())
    assert hand_off().state == "waiting"


def test_nobody_known_there_is_no_failure(source: Any, customer: Customer, hand_off: Any) -> None:
    source()
    Customer.objects.filter(pk=customer.pk).update(external_id="nobody")
    handoff = hand_off()
    lookups.work()
    assert (row().error, row().body, row().loaded_at is not None) == ("", {}, True)
    assert reload(handoff).what_to_know.record == Record()


def test_a_failure_is_tried_twice_more_and_then_waits_for_a_person(source: Any, customer: Customer, hand_off: Any) -> None:
    made = source("broken")
    hand_off()
    for pause in (2, 10):
        lookups.work()
        assert row().error == "answered 500"
        assert 0 < (row().due_at - timezone.now()).total_seconds() <= pause  # type: ignore[operator]
        due_now()
    lookups.work()
    assert (row().due_at, row().tries, RecordSource.objects.get().failures) == (None, 3, 3)
    assert lookups.work() == 0
    assert (lookups.again(customer, made.code), lookups.again(customer, made.code), lookups.again(customer, "other")) == (True, False, False)
    assert (row().due_at is None, row().tries) == (False, 0)


def test_an_answer_ends_the_failures(source: Any, customer: Customer, hand_off: Any) -> None:
    made = source()
    RecordSource.objects.update(failures=troubles.FAILING_AT, failing_since=timezone.now())
    assert "Records from CRM do not load: 5 look-ups in a row failed since" in lookups.problems()[0]
    lookups.again(customer, made.code)
    lookups.work()
    assert lookups.problems() == ()


def test_look_ups_that_nobody_does_are_said(source: Any, hand_off: Any) -> None:
    source()
    hand_off()
    assert lookups.problems() == ()
    CustomerRecord.objects.update(due_at=timezone.now() - timedelta(minutes=2))
    assert "worker for outside calls" in lookups.problems()[0]


def test_the_handoff_commits_although_every_source_hangs_or_is_broken(source: Any, crm: Crm, hand_off: Any) -> None:
    asked = len(crm.seen)
    source("hang")
    RecordSource.objects.create(code="gone", name="Gone", plugin="uninstalled")
    RecordSource.objects.create(code="odd", name="Odd", plugin="http", settings=[1])
    assert (hand_off().state, CustomerRecord.objects.filter(due_at__lte=timezone.now()).count(), len(crm.seen)) == ("waiting", 3, asked)


def test_a_handoff_takes_as_many_queries_for_many_sources(source: Any, conversation: Any) -> None:
    lines = Transcript(lines=(Line(By.CUSTOMER, "A person please", 1),))

    def queries(sources: int) -> int:
        for _ in range(sources):
            source()
        forget_what_is_kept()
        with CaptureQueriesContext(connection) as seen:
            pipeline.hand_off(conversation, lines, (ASKED,))
        Handoff.objects.update(state="closed", due_at=None)
        CustomerRecord.objects.all().delete()
        return len(seen)

    assert queries(1) == queries(20)


def test_a_source_that_cannot_be_asked_says_why(hand_off: Any) -> None:
    RecordSource.objects.create(code="odd", name="Odd", plugin="http", settings={"url": 5})
    hand_off()
    lookups.work()
    assert row().error == "has settings that cannot be read"


def test_a_slow_source_holds_only_its_own_places(crm: Crm, source: Any, juniper: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers nobody until the quick one was asked for everybody: each would wait for the other if it held more."""
    monkeypatch.setattr(asking, "BEGIN_FOR", 30)
    crm.seen.clear()
    slow, quick = source("last", timeout=5), source(timeout=5)
    rows = [Customer.objects.create(assistant=juniper, external_id=f"u-{number}") for number in range(8)]
    for made in (slow, quick):
        CustomerRecord.objects.bulk_create(CustomerRecord(customer=customer, source=made) for customer in rows)
    lookups.work()
    loaded = Counter(CustomerRecord.objects.filter(loaded_at__isnull=False).values_list("source", flat=True))
    assert loaded == {slow.pk: 8, quick.pk: 8}


def test_runs_leave_threads_to_other_duties(source: Any, hand_off: Any) -> None:
    source()
    hand_off()
    with asking.RUNS, asking.RUNS:
        assert lookups.work() == 0
    assert lookups.work() == 1


class Endless(http.Http):
    code = "endless"

    def look_up(self, settings: Any, who: Any) -> None:
        threading.Event().wait(60)


def test_a_plug_in_that_never_answers_is_given_up(source: Any, hand_off: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    source()
    monkeypatch.setitem(plugins.load("handoffs.records"), "http", Endless())
    hand_off()
    assert waited(lambda: lookups.work(longest=0.1)) < 10
    assert row().error == "did not answer in time"


def test_the_row_of_a_worker_that_died_is_taken_again_but_not_for_ever(source: Any, hand_off: Any) -> None:
    source()
    hand_off()
    taken = asking._taken(asking.Counter())
    assert (len(taken), lookups.work()) == (1, 0)
    due_now()
    assert (lookups.work(), row().error) == (1, "")
    CustomerRecord.objects.update(due_at=timezone.now(), tries=3)
    assert (lookups.work(), row().due_at, row().error) == (0, None, asking.LOST)


def test_the_answer_to_a_row_somebody_else_has_taken_is_dropped(source: Any, hand_off: Any) -> None:
    source()
    hand_off()
    taken = asking._taken(asking.Counter())[0]
    due_now()
    lookups.work()
    asking._failed(taken, "late")
    assert (row().error, row().source.failures) == ("", 0)


def test_a_customer_with_very_many_fields_holds_nobody(customer: Customer) -> None:
    customer.account = {f"Field {number}": number for number in range(10_000)}
    began = time.process_time()
    assert lookups.filled(Record(account={"field 7": 8, "plan": "Pro"}), customer, []).account == {**customer.account, "plan": "Pro"}
    assert time.process_time() - began < 1


def test_imported_rows_are_found_by_id_or_e_mail(customer: Customer, hand_off: Any) -> None:
    made = RecordSource.objects.create(code="file", name="File", plugin="imported")
    ImportedRecord.objects.create(source=made, key="amara@example.com", body={"account": {"plan": "Family"}, "orders": [{"id": "A-1"}]})
    Customer.objects.filter(pk=customer.pk).update(email="Amara@Example.com")
    handoff = hand_off()
    lookups.work()
    assert reload(handoff).what_to_know.record == Record(account={"plan": "Family"}, orders=({"id": "A-1"},))


def test_an_e_mail_typed_on_our_page_finds_nobodys_record(customer: Customer, hand_off: Any) -> None:
    made = RecordSource.objects.create(code="file", name="File", plugin="imported")
    ImportedRecord.objects.create(source=made, key="amara@example.com", body={"account": {"plan": "Family"}})
    Customer.objects.filter(pk=customer.pk).update(email="amara@example.com")
    Assistant.objects.filter(pk=customer.assistant_id).update(plugin="front_desk")
    hand_off()
    lookups.work()
    assert row().body == {}
