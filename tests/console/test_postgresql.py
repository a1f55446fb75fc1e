"""What our PostgreSQL connections do beyond Django's."""

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from typing import Any

import pytest
from django.db import DataError, IntegrityError, NotSupportedError, OperationalError, connection, transaction
from django.db.models import CharField
from django.db.transaction import TransactionManagementError
from django.db.utils import ConnectionHandler
from django.test.utils import CaptureQueriesContext

from console.postgresql.line import MOST_PLANNED
from console.settings import database
from handoffs.models import Conversation, Team, Turn
from handoffs.prepared import Given, Insert, Prepared, last, together
from tests.servers import database_url, wait_for

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="about PostgreSQL's connections"),
    pytest.mark.django_db(transaction=True),
]


def test_a_pooled_connection_that_the_server_ended_is_given_to_nobody() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (ended,) = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        connection.close()
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])
    other.close()
    assert Team.objects.count() == 0


def test_the_transaction_begins_with_its_first_question_and_ends_as_any_other() -> None:
    everybody = Prepared(Team.objects.all)
    with transaction.atomic():
        together(everybody.asked(), everybody.asked())
        Team.objects.create(code="a", name="A", public_name="A")
        transaction.set_rollback(True)
    assert everybody.all() == []


def test_statements_are_planned_once_for_a_connection() -> None:
    names = Prepared(lambda: Team.objects.filter(code=Given("code", CharField())).values_list("public_name", "code"))
    names.all(code="a")
    names.all(code="b")
    with connection.cursor() as cursor:
        cursor.execute("SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE %s", ['SELECT "handoffs_team"."public_name"%'])
        assert cursor.fetchall() == [(2, 0)]


def test_what_is_planned_on_a_connection_is_bounded_and_a_transaction_goes_on() -> None:
    with transaction.atomic():
        Team.objects.create(code="a", name="A", public_name="A")
        connection.run_together([(f"SELECT {number}", ()) for number in range(MOST_PLANNED)])
        assert connection.run_together([("SELECT 7", ()), ("SELECT 'one more'", ())]) == [[(7,)], [("one more",)]]
        Team.objects.create(code="b", name="B", public_name="B")
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_prepared_statements")
            assert cursor.fetchone()[0] < 10
    assert Team.objects.count() == 2


ONE = [("SELECT * FROM scratch", ())]
Elsewhere = Callable[[str], None]


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    """Does something over a connection of somebody else."""
    other = connection.copy()

    def does(statement: str) -> None:
        with other.cursor() as cursor:
            cursor.execute(statement)

    yield does
    other.close()


@pytest.fixture
def scratch(elsewhere: Elsewhere) -> Iterator[None]:
    """A table with one row, planned for on this connection."""
    elsewhere("CREATE TABLE scratch AS SELECT 7 AS number")
    connection.run_together(ONE)
    yield
    connection.close()
    elsewhere("DROP TABLE scratch")


def test_a_migration_that_changes_a_column_does_not_break_what_was_planned_before(scratch: None, elsewhere: Elsewhere) -> None:
    elsewhere("ALTER TABLE scratch ALTER number TYPE text")
    assert connection.run_together(ONE) == [[("7",)]]
    elsewhere("ALTER TABLE scratch ADD more int")
    with transaction.atomic():
        assert connection.run_together(ONE * 2) == [[("7", None)]] * 2
        assert connection.run_together(ONE) == [[("7", None)]]


def test_in_the_middle_of_a_transaction_it_fails_once_and_nothing_of_it_is_kept(scratch: None, elsewhere: Elsewhere) -> None:
    elsewhere("ALTER TABLE scratch ADD more int")

    @transaction.atomic
    def store_and_ask() -> list[list[Any]]:
        Team.objects.create(code="a", name="A", public_name="A")
        return connection.run_together(ONE)  # type: ignore[no-any-return,attr-defined]

    with pytest.raises(NotSupportedError):
        store_and_ask()
    assert not Team.objects.exists()
    assert store_and_ask() == [[(7, None)]]


def test_what_somebody_else_threw_away_is_planned_again(scratch: None) -> None:
    """As a pooler does between two clients."""
    with connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")
    assert connection.run_together(ONE) == connection.run_together(ONE) == [[(7,)]]


def test_a_trip_that_fails_half_way_leaves_nothing_half_known() -> None:
    new = ("SELECT 'new'", ())
    with pytest.raises(DataError):
        connection.run_together([("SELECT 1 / 0", ()), new])
    assert connection.run_together([new, new]) == connection.run_together([new, new]) == [[("new",)]] * 2


def test_a_connection_that_is_cut_in_the_middle_of_a_trip_is_followed_by_a_good_one() -> None:
    new = ("SELECT 'new'", ())
    with pytest.raises(OperationalError):
        connection.run_together([new, ("SELECT pg_terminate_backend(pg_backend_pid())", ()), new])
    connection.close_if_unusable_or_obsolete()
    assert connection.run_together([new, new]) == connection.run_together([new, new]) == [[("new",)]] * 2


def test_what_is_kept_for_the_commit_is_done_with_it_and_has_its_keys_then(conversation: Conversation) -> None:
    turn = Turn(conversation=conversation, number=1, author="customer", text="Hello")
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        together(Prepared(Team.objects.all).asked())
        last(Insert(Turn).asked(turn))
        assert (turn.pk, [each for each in asked if "INSERT" in each["sql"]]) == (None, [])
    assert Turn.objects.get(pk=turn.pk).text == "Hello"


def test_what_is_asked_before_the_commit_finds_what_was_kept_for_it(conversation: Conversation) -> None:
    turn = Turn(conversation=conversation, number=1, author="customer", text="Hello")
    with transaction.atomic():
        last(Insert(Turn).asked(turn))
        assert conversation.turns.count() == 1
        transaction.set_rollback(True)
    with transaction.atomic():
        last(Insert(Turn).asked(turn))
        transaction.set_rollback(True)
    assert conversation.turns.count() == 0


def test_what_is_kept_for_the_commit_goes_with_the_part_that_is_undone(conversation: Conversation) -> None:
    """Though it breaks a rule: the rest of the transaction is kept."""

    @transaction.atomic
    def give_up() -> None:
        last(*(Insert(Turn).asked(Turn(conversation=conversation, number=1, author="customer", text="Hello")) for _ in range(2)))
        raise KeyError

    with transaction.atomic():
        Team.objects.create(code="a", name="A", public_name="A")
        with suppress(KeyError):
            give_up()
        Team.objects.create(code="b", name="B", public_name="B")
    assert (Team.objects.filter(code__in=["a", "b"]).count(), Turn.objects.count()) == (2, 0)


@pytest.mark.parametrize("wrong", [{"number": 1}, {"number": 2, "conversation_id": uuid.UUID(int=0)}], ids=["at once", "at the commit"])
def test_what_is_refused_at_the_commit_is_an_error_and_nothing_is_kept(wrong: dict[str, Any], conversation: Conversation) -> None:
    """The second breaks a rule that is looked at when all is done."""
    said, other = ({"conversation_id": conversation.pk, "author": "customer", "text": "Hello"} for _ in range(2))
    with pytest.raises(IntegrityError), transaction.atomic():
        last(Insert(Turn).asked(Turn(number=1, **said)), Insert(Turn).asked(Turn(**other | wrong)))
    assert Turn.objects.count() == 0
    with transaction.atomic():
        last(Insert(Turn).asked(Turn(number=1, **said)))
    assert Turn.objects.count() == 1


def test_a_commit_that_would_keep_nothing_is_an_error(conversation: Conversation) -> None:
    """The server answers it with a rollback, and without a word."""

    @transaction.atomic
    def store_and_pass_over_an_error() -> None:
        Team.objects.create(code="a", name="A", public_name="A")
        with suppress(DataError):
            connection.run_together([("SELECT 1 / 0", ())])  # type: ignore[attr-defined]

    with pytest.raises(TransactionManagementError):
        store_and_pass_over_an_error()
    assert not Team.objects.filter(code="a").exists()


def test_behind_a_pooler_nothing_is_planned_or_kept_on_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url())
    monkeypatch.setenv("BEHIND_POOLER", "true")
    pooled = ConnectionHandler({"default": {}, "pooled": database()})["pooled"]
    try:
        pooled.run_together([("SELECT 1", ())] * 2)
        assert pooled.run_together([("SELECT count(*) FROM pg_prepared_statements", ())]) == [[(0,)]]
        assert (pooled.settings_dict["DISABLE_SERVER_SIDE_CURSORS"], "options" in pooled.settings_dict["OPTIONS"]) == (True, False)
    finally:
        pooled.close()
        pooled.close_pool()


def test_emptying_the_database_outlives_a_deadlock_with_the_product() -> None:
    Team.objects.create(code="a", name="A", public_name="A")
    with connection.cursor() as cursor:
        # It looks once, so late that the product waits too by then on a busy machine.
        cursor.execute("SET deadlock_timeout = '2s'")
    with ThreadPoolExecutor(1) as pool:
        reading = Event()
        product = pool.submit(reads_teams_then_heartbeats, reading)
        assert reading.wait(60)
        connection.ops.execute_sql_flush(['TRUNCATE "handoffs_heartbeat"', 'TRUNCATE "handoffs_team" CASCADE'])
        product.result()
    assert not Team.objects.exists()


def reads_teams_then_heartbeats(reading: Event) -> None:
    """Reads the second when somebody who has its lock waits for the first's."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SET deadlock_timeout = '1min'; SET lock_timeout = 0; BEGIN; SELECT 1 FROM handoffs_team")
            reading.set()
            wait_for(lambda: bool(cursor.execute("SELECT 1 FROM pg_locks WHERE relation = 'handoffs_team'::regclass AND NOT granted").fetchall()))
            cursor.execute("SELECT 1 FROM handoffs_heartbeat; COMMIT")
    finally:
        other.close()
