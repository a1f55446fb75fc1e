"""Two at once, and the same again: a POST is done once, and one of many claims wins."""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.utils import timezone

from console.api import renewing
from console.api.idempotency import FirstRequest
from handoffs.models import Agent, ApiKey, Assistant, Conversation, Customer, FirstAnswer, Handoff, Team
from tests.conftest import reload
from tests.console.api_caller import Caller, said
from tests.servers import wait_for

NEW = {"external_id": "chat-1", "customer": {"external_id": "u-17"}}
ONCE = {"Idempotency-Key": "once"}


def at_once(calls: list[Callable[[], tuple[int, Any]]]) -> list[tuple[int, Any]]:
    """What each call was answered when all start together, each in a thread with a connection of its own."""
    gate = Barrier(len(calls))

    def run(call: Callable[[], tuple[int, Any]]) -> tuple[int, Any]:
        gate.wait()
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


@pytest.fixture
def assistant(juniper: Assistant, teams: dict[str, Team]) -> Caller:
    return Caller(ApiKey.make(assistant=juniper))


def test_a_repeat_gets_the_first_answer(assistant: Caller) -> None:
    first = assistant.send("/conversations", json.dumps(NEW).encode(), **ONCE)
    second = assistant.send("/conversations", json.dumps(NEW).encode(), **ONCE)
    assert (first.status_code, second.status_code, second.content, second["Content-Type"]) == (201, 201, first.content, first["Content-Type"])
    assert (first.get("Idempotency-Replayed"), second["Idempotency-Replayed"]) == (None, "true")


def test_the_same_key_with_another_request_is_refused(assistant: Caller, conversation: Conversation) -> None:
    assistant.post("/conversations", NEW, **ONCE)
    assert assistant.post("/conversations", {**NEW, "external_id": "chat-2"}, **ONCE)[1]["type"] == "/problems/key-reused"
    assert assistant.post(f"/conversations/{conversation.pk}/handoff", NEW, **ONCE)[0] == 422
    assert Conversation.objects.filter(external_id="chat-2").count() == 0


def test_keys_of_two_callers_do_not_meet(assistant: Caller, ann: Agent) -> None:
    assistant.post("/conversations", NEW, **ONCE)
    assert Caller(ApiKey.make(agent=ann)).post("/conversations", NEW, **ONCE)[0] == 403


def test_a_refusal_is_repeated_too(assistant: Caller) -> None:
    first, second = (assistant.send("/conversations", b"{}", **ONCE) for _ in range(2))
    assert (second.status_code, second.content, second["Content-Type"]) == (422, first.content, "application/problem+json")


def test_a_failure_of_ours_is_tried_again(assistant: Caller, conversation: Conversation) -> None:
    turn, target = said("Can I talk to a real person?"), f"/conversations/{conversation.pk}/turns"
    Team.objects.all().delete()
    assert assistant.post(target, turn, **ONCE)[0] == 500
    Team.objects.create(code="general", name="General", public_name="Customer care", general=True)
    assert assistant.post(target, turn, **ONCE)[0] == 201


def test_the_first_request_still_runs(assistant: Caller) -> None:
    assistant.post("/conversations", NEW, **ONCE)
    FirstAnswer.objects.update(status=None)
    assert assistant.post("/conversations", NEW, **ONCE)[1]["type"] == "/problems/still-running"


def test_a_first_request_that_died_is_taken_over(assistant: Caller) -> None:
    assistant.post("/conversations", NEW, **ONCE)
    FirstAnswer.objects.update(status=None, at=timezone.now() - timedelta(seconds=31))
    assert assistant.post("/conversations", NEW, **ONCE)[0] == 200
    assert FirstAnswer.objects.get().status == 200


def test_a_first_request_that_runs_long_is_not_taken_over(assistant: Caller) -> None:
    assistant.post("/conversations", NEW, **ONCE)
    long_ago = timezone.now() - timedelta(seconds=40)
    FirstAnswer.objects.update(status=None, at=long_ago)
    first = FirstRequest(FirstAnswer.objects.get(), long_ago)
    renewing.renew()
    assert assistant.post("/conversations", NEW, **ONCE)[0] == 409
    first.settle(HttpResponse(b"{}", status=201))
    assert assistant.post("/conversations", NEW, **ONCE) == (201, {})


@pytest.mark.django_db(transaction=True)
def test_what_runs_is_renewed_beside_it(assistant: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewing, "EVERY", 0.05)
    assistant.post("/conversations", NEW, **ONCE)
    began = timezone.now()
    FirstAnswer.objects.update(status=None, at=began)
    first = FirstRequest(FirstAnswer.objects.get(), began)
    wait_for(lambda: FirstAnswer.objects.get().at > began, what="a renewal")
    first.settle(HttpResponse(status=500))
    assert FirstAnswer.objects.count() == 0


@pytest.mark.parametrize("name", ["", "x" * 256, "é", "a\tb"])
def test_an_unfit_key_is_refused(assistant: Caller, name: str) -> None:
    status, body = assistant.post("/conversations", NEW, **{"Idempotency-Key": name})
    assert (status, body["errors"][0]["field"]) == (422, "Idempotency-Key")


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_with_one_key_make_one_conversation(assistant: Caller) -> None:
    answers = at_once([lambda: assistant.post("/conversations", NEW, **ONCE)] * 20)
    made = {body["id"] for status, body in answers if status == 201}
    assert (len(made), {status for status, _ in answers} - {201, 409}) == (1, set())
    assert (Conversation.objects.count(), Customer.objects.count(), FirstAnswer.objects.count()) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_with_one_external_id_make_one_conversation(assistant: Caller) -> None:
    answers = at_once([lambda: assistant.post("/conversations", NEW)] * 8)
    assert Counter(status for status, _ in answers) == {201: 1, 200: 7}
    assert len({body["id"] for _, body in answers}) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [said("Where is my parcel?"), said("It is on its way.", author="assistant", confidence=0.95)])
def test_eight_at_once_with_one_client_id_say_it_once(assistant: Caller, conversation: Conversation, turn: dict[str, Any]) -> None:
    answers = at_once([lambda: assistant.post(f"/conversations/{conversation.pk}/turns", turn)] * 8)
    assert {(status, body["turn"]["number"]) for status, body in answers} == {(201, 1)}
    assert conversation.turns.count() == 1


@pytest.mark.django_db(transaction=True)
def test_exactly_one_of_eight_agents_wins_a_claim(handoff: Handoff, person: Callable[..., Agent]) -> None:
    callers = [Caller(ApiKey.make(agent=person(f"agent{number}", "billing"))) for number in range(8)]
    answers = at_once([lambda caller=caller: caller.post(f"/handoffs/{handoff.pk}/claim") for caller in callers])  # type: ignore[misc]
    assert Counter(status for status, _ in answers) == {200: 1, 409: 7}
    winner = reload(handoff).agent
    assert {body["owner"]["username"] for status, body in answers if status == 409} == {winner.username if winner else ""}
    assert handoff.conversation.turns.filter(kind="joined").count() == 1
