"""The live demo against the running product: customers come, a person helps one, the assistant says goodbye."""

import threading
from pathlib import Path
from typing import Any

import pytest

from console.demo import dialogues
from console.demo.client import Client, Refused
from console.demo.player import Clock, Troupe
from handoffs.management import demo
from handoffs.models import Conversation, Handoff
from tests.servers import Site, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture
def world(site: Site, tmp_path: Path, settings: Any) -> dict[str, Any]:
    settings.VAR, settings.BASE_URL = tmp_path, site.url
    return demo.build()


def test_a_customer_is_helped_by_a_person_and_wrapped_up(world: dict[str, Any]) -> None:
    said: list[str] = []
    played = [dialogue for dialogue in dialogues.read() if dialogue.key == "star-851"]
    clock = Clock(1000)
    troupe = Troupe(Client(world["base_url"], world["assistant"]["key"], clock.pause_really), clock, lambda who, what: said.append(f"{who}: {what}"))
    stage = threading.Thread(target=troupe.play, args=(played, "test"))
    stage.start()
    stage.join(20)
    handoff = Handoff.objects.select_related("team", "conversation__customer").get()
    assert (handoff.trigger, handoff.team.code, handoff.conversation.customer.name) == ("out_of_scope", "fraud", "Brian Osei")

    agent = Client(world["base_url"], next(row["key"] for row in world["agents"] if "fraud" in row["teams"]))
    agent.post(f"/handoffs/{handoff.pk}/claim", {})
    before = Conversation.objects.get().last_number
    agent.post(f"/handoffs/{handoff.pk}/turns", {"text": "Your account is safe now, Brian."})
    wait_for(lambda: Conversation.objects.get().last_number >= before + 2, what="the customer to answer the person")
    agent.post(f"/handoffs/{handoff.pk}/hand_back", {"resolution": "Locked the account"})
    wait_for(lambda: not troupe.with_people(), what="the wrap-up")
    assert dict(troupe.ends) == {"handed off": 1, "wrapped up after a person's help": 1}
    assert Conversation.objects.get().turns.filter(author="assistant").last().text == "Goodbye."
    assert any("HANDED OFF to fraud (out of scope)" in line for line in said)


def test_a_refusal_that_stays_one_is_not_repeated(world: dict[str, Any]) -> None:
    pauses: list[float] = []
    client = Client(world["base_url"], "bk_nobody", pauses.append)
    with pytest.raises(Refused) as refused:
        client.get("/conversations/1")
    assert (refused.value.status, pauses) == (401, [])


def test_a_lost_connection_is_tried_again_and_then_given_up() -> None:
    pauses: list[float] = []
    with pytest.raises(ConnectionError):
        Client("http://127.0.0.1:9", "bk_nobody", pauses.append).get("/conversations/1")
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0]
