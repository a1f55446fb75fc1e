"""An outside assistant in the waiting room, over the API: its one exception, and the customer's own wish passed on."""

from typing import Any

import pytest

from handoffs import receiving, turns
from handoffs.models import Agent, ApiKey, Assistant, Conversation, Handoff
from handoffs.states import Owner, State
from tests.conftest import reload
from tests.console.api_caller import Caller, said


@pytest.fixture
def api(juniper: Assistant) -> Caller:
    return Caller(ApiKey.make(assistant=juniper))


def meanwhile(handoff: Handoff, text: str = "In the app, under plans.", kind: str = "answer", number: int = 7, **fields: Any) -> dict[str, Any]:
    epoch = Conversation.objects.get(pk=handoff.conversation_id).epoch
    return said(text, number, "assistant", confidence=0.95, meanwhile=kind, **{"epoch": epoch, **fields})


def test_only_what_is_said_to_be_in_the_meantime_is_taken_while_a_customer_waits(api: Caller, handoff: Handoff) -> None:
    path = f"/conversations/{handoff.conversation_id}/turns"
    assert api.post(path, said("Hello", 6, "assistant", confidence=0.95))[0] == 409
    assert api.post(path, meanwhile(handoff, epoch=1))[0] == 409
    status, body = api.post(path, meanwhile(handoff))
    assert (status, body["turn"]["kind"], body["decision"]["action"]) == (201, "meanwhile", "answer")
    assert api.post(path, meanwhile(handoff))[1]["turn"]["number"] == body["turn"]["number"]
    assert Conversation.objects.get(pk=handoff.conversation_id).owner == Owner.TEAM


def test_a_solution_is_one_only_with_the_customers_yes(api: Caller, handoff: Handoff) -> None:
    path = f"/conversations/{handoff.conversation_id}"
    assert api.post(f"{path}/turns", meanwhile(handoff, kind="solution"))[0] == 409, "nothing was asked"
    turns.take(Conversation.objects.get(pk=handoff.conversation_id), "Where do I see my invoices?")
    number = api.post(f"{path}/turns", meanwhile(handoff, kind="solution", number=8))[1]["turn"]["number"]
    assert api.post(f"{path}/leave_line", {"wish": "solved", "turn": number + 1})[0] == 409
    status, body = api.post(f"{path}/leave_line", {"wish": "solved", "turn": number})
    assert (status, body["owner"]["kind"], reload(handoff).state) == (200, "assistant", State.HANDED_BACK)


def test_with_a_person_there_is_no_line_to_leave(api: Caller, handoff: Handoff, ann: Agent) -> None:
    receiving.claim(handoff, ann)
    for wish in ("assistant", "nothing", "solved"):
        assert api.post(f"/conversations/{handoff.conversation_id}/leave_line", {"wish": wish, "turn": 1})[0] == 409
