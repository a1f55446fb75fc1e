"""What came before costs a new handoff nothing."""

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext

from handoffs import turns
from handoffs.models import Agent, Conversation
from handoffs.snapshots import Detection
from tests.benchmarks import history

ASKED = Detection("explicit_request", "Asked for a person")


def statements(conversation: Conversation) -> int:
    with CaptureQueriesContext(connection) as caught:
        turns.begin(conversation, ASKED)
    return len(caught)


def test_a_handoff_takes_as_many_statements_whatever_the_past(start: Callable[..., Conversation], ann: Agent) -> None:
    before = statements(start())
    history.closed(300)
    assert statements(start()) == before <= 40
