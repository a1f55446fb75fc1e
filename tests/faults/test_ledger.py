"""What callers were told: whoever insists in vain, or is refused without a reason, was not answered."""

import httpx
import pytest

from tests.faults import answers, callers
from tests.faults.callers import Caller
from tests.faults.ledger import Act, Ledger


@pytest.mark.parametrize(("status", "body", "owed"), [
    (201, "", 0), (302, "", 0), (409, "stale", 0), (403, "forbidden", 0), (409, callers.STILL_RUNNING, 1), (503, "", 1), (500, "", 1), (404, "", 1),
])
async def test_who_is_answered(status: int, body: str, owed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "INSIST_FOR", 0.001)
    kept = Ledger()
    async with httpx.AsyncClient(base_url="http://test", transport=httpx.MockTransport(lambda request: httpx.Response(status, text=body))) as http:
        await Caller(http, kept).form(Act("claim", "c"), "/", {})
    assert len(kept.unanswered) == owed


def ledger(*statuses: int) -> Ledger:
    kept = Ledger()
    for status in statuses:
        kept.note(Act("claim", "c", status=status))
    return kept


def test_answers_as_they_should_be_break_nothing() -> None:
    assert list(answers.wrong(ledger(201, 200, 409), 2, unnoticed=True)) == []


def test_no_answer_at_all_is_wrong() -> None:
    assert list(answers.wrong(ledger(201, 0), 1, unnoticed=False)) == ["1 acts were not answered as they should be: claim 0 after 0 s"]


def test_fewer_operations_than_are_asked_for_are_wrong() -> None:
    assert list(answers.wrong(ledger(201, 409), 2, unnoticed=False)) == ["1 of 2 operations were acknowledged"]


def test_a_second_try_is_wrong_where_nobody_may_notice() -> None:
    tried = ledger(201)
    tried.failed("503")
    assert [len(list(answers.wrong(tried, 1, unnoticed=unnoticed))) for unnoticed in (False, True)] == [0, 1]
