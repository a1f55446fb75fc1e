"""What came before costs a new handoff nothing, nor whoever looks at what is open."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handoffs import outbox, turns
from handoffs.models import Agent, Conversation
from handoffs.snapshots import Detection
from tests.benchmarks import growth, history

ASKED = Detection("explicit_request", "Asked for a person")
LOOKS = ("the queue page", "place in line", "next handoff, claimed", "what a newcomer is told", "who was overtaken", "what is due",
         "what nobody takes", "an agent's tray", "the wall")


def statements(conversation: Conversation) -> int:
    outbox.forget()
    with CaptureQueriesContext(connection) as caught:
        turns.begin(conversation, ASKED)
    return len(caught)


def whole_readings(work: Callable[[], object]) -> list[str]:
    """The questions `work` asks that the database can only answer by reading every handoff there is."""
    asked: list[tuple[str, object]] = []

    def note(execute: Callable[..., object], sql: str, params: object, many: bool, context: object) -> object:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        work()
    return [sql for sql, params in asked if sql.startswith("SELECT") and '"handoffs_handoff"' in sql and reads_all(sql, params)]


def reads_all(sql: str, params: object) -> bool:
    is_postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if is_postgres:
            # Then it reads all only where no index would do.
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"{'EXPLAIN' if is_postgres else 'EXPLAIN QUERY PLAN'} {sql}", params)
        plan = " ".join(str(row[-1]) for row in cursor.fetchall())
    return "Seq Scan on handoffs_handoff" in plan or "SCAN handoffs_handoff" in plan


def test_a_handoff_takes_as_many_statements_whatever_the_past(start: Callable[..., Conversation], ann: Agent) -> None:
    before = statements(start())
    history.closed(300)
    assert statements(start()) == before <= 40


@pytest.mark.parametrize("look", LOOKS)
def test_what_is_over_is_not_read_to_see_what_is_open(look: str, start: Callable[..., Conversation], ann: Agent) -> None:
    handoff = turns.begin(start(), ASKED)
    assert handoff
    history.closed(1000)
    assert whole_readings(growth.works(ann, handoff, iter(()))[look]) == []
