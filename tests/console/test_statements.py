"""How many statements the two hottest paths of the API take; a trip's COMMIT is none."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from console.api import keys
from handoffs import outbox
from handoffs.models import Agent, Assistant, Conversation, Handoff
from handoffs.waiting_room import forecasts
from tests.console.api_caller import Caller

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite asks for locks and keys in its own way"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(autouse=True)
def _kept_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process looks at once a second is not looked at twice here, however slow the machine."""
    for kept in (keys, outbox, forecasts):
        monkeypatch.setattr(kept, "FRESH", 600.0)


def statements(caller: Caller, path: str, body: Any = None) -> tuple[int, int]:
    """The answer's status, and how many statements it took."""
    with CaptureQueriesContext(connection) as asked:
        status = caller.post(path, body)[0]
    return status, sum(each["sql"] not in ("BEGIN", "COMMIT") for each in asked)


def test_an_accepted_handoff_takes_17_and_one_more_when_nobody_is_here(
    key: Callable[..., str], juniper: Assistant, start: Callable[..., Conversation], person: Callable[..., Agent]
) -> None:
    eve = person("eve", "general")
    caller, ask = Caller(key(assistant=juniper)), {"reason": "Wants an exception", "urgency": "normal"}
    first, somebody, nobody = (f"/conversations/{start().pk}/handoff" for _ in range(3))
    caller.post(first, ask)
    assert statements(caller, somebody, ask) == (201, 17)
    Agent.objects.filter(pk=eve.pk).update(lease_until=None)
    assert statements(caller, nobody, ask) == (201, 18)


def test_a_claim_that_wins_takes_21(key: Callable[..., str], ann: Agent, hand_off: Callable[..., Handoff]) -> None:
    first, second = hand_off(), hand_off()
    caller = Caller(key(agent=ann))
    caller.post(f"/handoffs/{first.pk}/claim")
    assert statements(caller, f"/handoffs/{second.pk}/claim") == (200, 21)
