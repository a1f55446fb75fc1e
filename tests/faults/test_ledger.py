"""What callers were told: whoever insists in vain, or is refused without a reason, was not answered."""

import httpx
import pytest

from tests.faults import callers
from tests.faults.callers import Caller
from tests.faults.ledger import Act, Ledger


@pytest.mark.parametrize(("status", "body", "owed"), [
    (201, "", 0), (302, "", 0), (409, "stale", 0), (403, "forbidden", 0), (409, callers.STILL_RUNNING, 1), (503, "", 1), (500, "", 1), (404, "", 1),
])
async def test_who_is_answered(status: int, body: str, owed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "INSIST_FOR", 0.001)
    ledger = Ledger()
    async with httpx.AsyncClient(base_url="http://test", transport=httpx.MockTransport(lambda request: httpx.Response(status, text=body))) as http:
        await Caller(http, ledger).form(Act("claim", "c"), "/", {})
    assert len(ledger.unanswered) == owed


def test_no_answer_at_all_is_none() -> None:
    ledger = Ledger()
    ledger.note(Act("claim", "c"))
    assert len(ledger.unanswered) == 1
