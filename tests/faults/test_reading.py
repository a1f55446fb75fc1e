"""The stored history is read as of one moment."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from handoffs.models import Agent, Handoff
from tests.faults.history import check
from tests.faults.reading import stored


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets nobody write meanwhile")
def test_a_handoff_made_while_the_history_is_read_breaks_no_rule(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    def make() -> None:
        hand_off()
        connection.close()

    def between(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        found = execute(sql, *rest)
        if 'FROM "handoffs_step"' in sql:
            another = threading.Thread(target=make)
            another.start()
            another.join()
        return found

    with connection.execute_wrapper(between):
        history = stored()
    assert (str(check([], history)), Handoff.objects.count()) == ("", 1)
