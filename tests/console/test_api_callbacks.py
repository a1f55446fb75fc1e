"""An outside assistant offers a callback, books, moves and cancels it, and reads what the customer sent along."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from handoffs import clock, files, receiving, waiting_room
from handoffs.models import Agent, ApiKey, Assistant, Conversation, Handoff, Letter, Team, Turn
from handoffs.states import State
from tests.conftest import reload
from tests.console.api_caller import Caller


@pytest.fixture
def api(juniper: Assistant) -> Caller:
    return Caller(ApiKey.make(assistant=juniper))


@pytest.fixture
def path(handoff: Handoff) -> str:
    return f"/conversations/{handoff.conversation_id}/callback"


def test_a_callback_is_offered_booked_moved_and_cancelled(api: Caller, handoff: Handoff, path: str) -> None:
    status, body = api.get(path)
    first, second = body["times"][:2]
    assert (status, body["team"], body["booked"]) == (200, {"code": "billing", "name": "Plans and billing"}, None)
    wish = {"at": first, "phone": "+49 30 901820", "time_zone": "Europe/Madrid"}
    body = [api.post(path, wish)[1] for _ in range(2)][-1]
    assert (body["booked"], reload(handoff).state) == ({"at": first, "phone": "+49 30 901820", "time_zone": "Europe/Madrid", "moved": 0}, State.HANDED_BACK)
    moved = api.post(path, {"at": second})[1]["booked"]
    assert (moved["at"], moved["moved"], moved["phone"]) == (second, 1, "+49 30 901820")
    assert [api.post(f"{path}/cancel")[1]["booked"] for _ in range(2)] == [None, None]
    assert list(handoff.conversation.turns.values_list("kind", flat=True))[-3:] == ["booked", "booked", "notice"]


@pytest.mark.parametrize(("wish", "field", "why"), [
    ({"at": "2020-01-01T10:00:00Z", "phone": "+4930901820"}, "at", "is over"),
    ({"at": "2090-01-01T10:00:00Z", "phone": "+4930901820"}, "at", "is none of the times that can be had"),
    ({"at": "2090-01-01T10:00:00", "phone": "+4930901820"}, "at", "must"),
    ({"phone": "call me"}, "phone", "is no phone number"), ({}, "phone", "needed"), ({"email": "nobody"}, "email", "must be an e-mail address"),
])
def test_a_wish_that_cannot_be_had_says_why(api: Caller, handoff: Handoff, path: str, wish: dict[str, Any], field: str, why: str) -> None:
    at = api.get(path)[1]["times"][0]
    status, body = api.post(path, {"at": at, **wish})
    assert (status, body["errors"][0]["field"], reload(handoff).state) == (422, field, State.WAITING)
    assert why in body["errors"][0]["reason"]


def test_a_time_that_is_taken_a_person_who_has_them_and_a_stranger(api: Caller, handoff: Handoff, path: str, hand_off: Any, ann: Agent) -> None:
    Team.objects.filter(code="billing").update(callback_limit=1)
    at = api.get(path)[1]["times"][0]
    wish = {"at": at, "phone": "+49 30 901820"}
    assert api.post(path, {**wish, "epoch": 1})[0] == 409, "a stale epoch"
    assert api.post(path, wish)[0] == 200
    other = hand_off()
    status, body = api.post(f"/conversations/{other.conversation_id}/callback", wish)
    assert (status, body["type"]) == (409, "/problems/full")
    receiving.claim(other, ann)
    later = (datetime.fromisoformat(at) + timedelta(minutes=30)).isoformat()
    status, body = api.post(f"/conversations/{other.conversation_id}/callback", {**wish, "at": later})
    assert (status, body["owner"]["kind"]) == (409, "agent")
    stranger = Caller(ApiKey.make(assistant=Assistant.objects.create(code="other", name="Other")))
    assert [stranger.get(path)[0], stranger.post(path, wish)[0], Caller(ApiKey.make(agent=ann)).post(path, wish)[0]] == [404, 404, 403]


def test_turns_name_the_files_that_came_with_them(api: Caller, handoff: Handoff, settings: Any, dan: Agent) -> None:
    settings.FILES = True
    turn = files.send(handoff.conversation, [("receipt.txt", b"14.99")], client_id="f")
    base = f"/conversations/{handoff.conversation_id}"
    before, said = api.get(f"{base}/turns?after={turn.number - 2}")[1]["turns"]
    assert (before["files"], [(each["name"], each["kind"], each["size"]) for each in said["files"]]) == ([], [("receipt.txt", "text/plain", 5)])
    url = said["files"][0]["url"].removeprefix(settings.BASE_URL)
    answer = Client().get(url, headers=api.headers)
    assert (answer.status_code, b"".join(answer.streaming_content), answer["Content-Disposition"]) == (200, b"14.99", 'attachment; filename="receipt.txt"')
    assert [Caller(ApiKey.make(agent=dan)).get(url.removeprefix("/api/v1"))[0], api.get(f"{base}/files/nothing")[0]] == [404, 404]
    assert turn.at <= clock.now()


def test_who_reads_everything_on_a_page_of_the_firms_own_is_mailed_of_the_callback_alone(api: Caller, handoff: Handoff, path: str) -> None:
    Conversation.objects.filter(pk=handoff.conversation_id).update(medium="webhook")
    api.post(path, {"at": api.get(path)[1]["times"][0], "email": "amara@example.com"})
    conversation = Conversation.objects.get(pk=handoff.conversation_id)
    waiting_room.tell(conversation, "Still here.", Turn.Kind.CHECK_IN)
    assert list(Letter.objects.values_list("turn__kind", "to")) == [("booked", "amara@example.com")]
    Conversation.objects.filter(pk=conversation.pk).update(page_open_until=clock.now() - timedelta(minutes=1))
    waiting_room.tell(conversation, "Still here.", Turn.Kind.CHECK_IN)
    assert Letter.objects.count() == 2
