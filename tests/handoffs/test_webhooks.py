"""Webhooks out: written with what happened, signed, tried again, in order, once at a time, and never into a private network."""

import asyncio
import ipaddress
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from standardwebhooks import Webhook

from handoffs import handback, outbox, outgoing, receiving, turns, webhooks
from handoffs.conversations import find_or_begin
from handoffs.models import Agent, Assistant, Conversation, Delivery, Endpoint, Handoff, Letter, Team
from handoffs.webhooks import sending
from tests.conftest import reload
from tests.receiver import Receiver
from tests.receiver import receiving as serving

HandOff = Callable[..., Handoff]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with serving() as server:
        yield server


@pytest.fixture(autouse=True)
def _may_reach_this_machine(settings: Any) -> Iterator[None]:
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    outbox.forget()
    yield
    outbox.forget()


@pytest.fixture
def endpoint(db: None, receiver: Receiver) -> Callable[..., Endpoint]:
    return lambda path="/ok", **columns: webhooks.make(receiver.url + path, **columns)


def due_now(**changes: Any) -> None:
    Delivery.objects.filter(state__in=sending.PENDING).update(due_at=timezone.now(), **changes)


def events(receiver: Receiver) -> list[str]:
    return [json.loads(body)["type"] for _, _, body in receiver.seen]


def test_a_handoff_is_told_from_its_beginning_to_its_end(endpoint: Callable[..., Endpoint], receiver: Receiver, hand_off: HandOff, ann: Agent) -> None:
    endpoint(events=[event for event in outbox.EVENTS if event != outbox.SAID])
    handoff = hand_off()
    receiving.claim(handoff, ann)
    receiving.resolve(reload(handoff), ann, resolution="Refunded 40 €")
    handback.hand_back(reload(handoff), ann)
    webhooks.work()
    assert events(receiver) == ["handoff.requested", "handoff.claimed", "handoff.resolved", "handoff.handed_back"]
    first, *_, last = (json.loads(body)["data"] for _, _, body in receiver.seen)
    assert first["brief"]["goal"] == handoff.goal
    assert first["conversation"]["external_id"] == handoff.conversation.external_id
    assert (first["handoff"]["team"], last["handoff"]["resolution"], last["by"]) == ("billing", "Refunded 40 €", "agent")


def test_what_agents_and_the_waiting_room_say_is_told_but_not_what_the_assistants_side_knows(
    endpoint: Callable[..., Endpoint], receiver: Receiver, hand_off: HandOff, ann: Agent
) -> None:
    endpoint(events=[outbox.SAID])
    handoff = hand_off()
    receiving.claim(handoff, ann)
    receiving.say(reload(handoff), ann, "I am refunding it now.")
    webhooks.work()
    said = [json.loads(body)["data"]["turn"] for _, _, body in receiver.seen]
    assert [(turn["author"], turn["kind"]) for turn in said] == [("waiting_room", "handed_off"), ("waiting_room", "joined"), ("agent", "message")]
    assert (said[-1]["text"], said[-1]["name"]) == ("I am refunding it now.", "Ann")


def test_a_firms_own_page_posts_its_customers_words_and_hears_what_is_said(
    endpoint: Callable[..., Endpoint], receiver: Receiver, juniper: Assistant, teams: dict[str, Team], ann: Agent
) -> None:
    endpoint(assistant=juniper, events=[outbox.SAID])
    conversation, _ = find_or_begin(juniper, "app-7", customer={"external_id": "u-7"}, answered_by=juniper, medium="webhook")
    handoff = turns.take(conversation, "I was charged twice. A real person please", client_id="1").handoff
    assert handoff
    receiving.claim(handoff, ann)
    receiving.say(reload(handoff), ann, "Hello, I am Ann.")
    handback.hand_back(reload(handoff), ann)
    while webhooks.work():
        pass
    told = [json.loads(body)["data"] for _, _, body in receiver.seen]
    assert {each["conversation"]["external_id"] for each in told} == {"app-7"}
    assert [each["turn"]["number"] for each in told] == sorted(each["turn"]["number"] for each in told)
    assert [each["turn"]["kind"] for each in told] == ["handed_off", "joined", "message", "handed_back"]
    assert not Letter.objects.exists()


def test_a_receiver_can_check_who_sent_it(endpoint: Callable[..., Endpoint], receiver: Receiver) -> None:
    outbox.ping(made := endpoint())
    webhooks.work()
    _, headers, body = receiver.seen[0]
    assert Webhook(webhooks.secrets(made)[0]).verify(body, headers)["type"] == "ping"
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(webhooks.secrets(made)[0]).verify(body.replace(b"ping", b"pong"), headers)


def test_for_a_day_after_a_rotation_both_secrets_sign(endpoint: Callable[..., Endpoint], receiver: Receiver) -> None:
    made = endpoint()
    old = webhooks.secrets(made)[0]
    new = webhooks.rotate(made)
    outbox.ping(made)
    webhooks.work()
    _, headers, body = receiver.seen[0]
    assert old != new
    assert [Webhook(secret).verify(body, headers)["type"] for secret in (old, new)] == ["ping", "ping"]
    Endpoint.objects.update(rotated_at=timezone.now() - timedelta(hours=25))
    assert webhooks.secrets(Endpoint.objects.get()) == [new]


def test_it_is_written_with_what_happened_or_not_at_all(endpoint: Callable[..., Endpoint], conversation: Conversation) -> None:
    endpoint()
    with transaction.atomic():
        turns.take(conversation, "A real person please", client_id="1")
        told = Delivery.objects.count()
        transaction.set_rollback(True)
    assert (told, Delivery.objects.count()) == (2, 0)


def test_an_endpoint_hears_of_its_own_assistant_and_team_alone(
    endpoint: Callable[..., Endpoint], hand_off: HandOff, juniper: Assistant, teams: dict[str, Team]
) -> None:
    other = Assistant.objects.create(code="other", name="Other")
    mine, billing = endpoint(assistant=juniper), endpoint(team=teams["billing"])
    endpoint(assistant=other)
    endpoint(team=teams["fraud"])
    hand_off()
    assert set(Delivery.objects.filter(event=outbox.REQUESTED).values_list("endpoint", flat=True)) == {mine.pk, billing.pk}


def test_having_no_endpoint_costs_no_statement(conversation: Conversation, django_assert_num_queries: Any) -> None:
    outbox._wanting(outbox.SAID)
    with django_assert_num_queries(0):
        outbox.said(conversation.turns.model(conversation=conversation, author="agent"))


@pytest.mark.parametrize("path", ["/broken", "/elsewhere", "/hang-up"])
def test_what_fails_is_tried_again_later(endpoint: Callable[..., Endpoint], receiver: Receiver, path: str) -> None:
    outbox.ping(endpoint(path))
    webhooks.work()
    row = Delivery.objects.get()
    assert (row.state, row.tries, len(receiver.seen)) == ("due", 1, 1)
    assert 4 < (row.due_at - timezone.now()).total_seconds() < 6


def test_a_receiver_that_hangs_is_given_up(endpoint: Callable[..., Endpoint], receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "TIMEOUT", 0.3)
    outbox.ping(endpoint("/hang"))
    webhooks.work()
    assert Delivery.objects.get().error == "took longer than 0.3 s"


def test_an_answer_is_not_read_however_long(endpoint: Callable[..., Endpoint], receiver: Receiver) -> None:
    outbox.ping(endpoint("/huge"))
    webhooks.work()
    assert Delivery.objects.get().state == "sent"


def test_the_tries_end_and_people_are_told(endpoint: Callable[..., Endpoint], receiver: Receiver) -> None:
    made = endpoint("/broken", note="CRM")
    outbox.ping(made)
    waits = []
    while Delivery.objects.filter(state="due").exists():
        due_now()
        webhooks.work()
        waits.append((Delivery.objects.get().due_at - timezone.now()).total_seconds())
    assert (len(receiver.seen), Delivery.objects.get().state) == (10, "dead")
    assert [round(wait / pause.total_seconds()) for wait, pause in zip(waits, sending.PAUSES, strict=False)] == [1] * 9
    assert "Webhooks to CRM that were given up and can be replayed: 1." in " ".join(webhooks.problems())
    Endpoint.objects.update(url=f"{receiver.url}/ok")
    assert webhooks.replay(made.deliveries.all()) == 1
    webhooks.work()
    assert (Delivery.objects.get().state, webhooks.problems()) == ("sent", ())
    assert receiver.seen[0][1]["webhook-id"] == receiver.seen[-1][1]["webhook-id"]


def test_warnings_that_anybody_may_read_name_no_address_of_a_webhook(endpoint: Callable[..., Endpoint], receiver: Receiver, client: Client) -> None:
    failing, paused, dead = (endpoint(f"/hooks/{secret}") for secret in ("hush-1", "hush-2", "hush-3"))
    Endpoint.objects.filter(pk=failing.pk).update(failures=5, failing_since=timezone.now())
    webhooks.pause(paused, "Nothing arrived for 5 days.")
    outbox.ping(dead)
    Delivery.objects.update(state=Delivery.State.DEAD)
    warnings = " ".join(client.get("/readyz").json()["warnings"])
    assert (warnings.count(receiver.url), "hush" in warnings) == (3, False)


def test_an_endpoint_that_failed_for_days_is_paused_and_keeps_what_happens(endpoint: Callable[..., Endpoint], receiver: Receiver, hand_off: HandOff) -> None:
    made = endpoint("/broken", events=[outbox.REQUESTED])
    Endpoint.objects.update(failing_since=timezone.now() - timedelta(days=5), failures=40)
    outbox.ping(made)
    webhooks.work()
    made.refresh_from_db()
    assert made.paused_at
    assert "Nothing arrived for 5 days" in webhooks.problems()[0]
    hand_off()
    due_now()
    assert (webhooks.work(), Delivery.objects.filter(state="due").count()) == (0, 2)
    Endpoint.objects.update(url=f"{receiver.url}/ok")
    webhooks.resume(made)
    assert webhooks.work() == 2


def test_an_endpoint_that_says_it_is_gone_is_paused_at_once(endpoint: Callable[..., Endpoint], receiver: Receiver) -> None:
    outbox.ping(endpoint("/gone"))
    webhooks.work()
    assert (Endpoint.objects.get().paused_why, Delivery.objects.get().state) == ("It answered 410: gone.", "dead")


def test_a_later_delivery_waits_for_the_earlier_of_its_conversation_but_not_for_ever(
    endpoint: Callable[..., Endpoint], receiver: Receiver, conversation: Conversation
) -> None:
    made = endpoint("/next")
    for text in ("one", "two"):
        Delivery.objects.create(endpoint=made, event="turn.said", conversation=conversation, body=json.dumps({"type": text}))
    receiver.answers = [500, 500, 500]
    for _ in range(3):
        due_now()
        webhooks.work()
    assert events(receiver)[:3] == ["one", "one", "one"]
    assert events(receiver)[3:] == ["two"]


def test_two_workers_never_send_the_same_at_once(endpoint: Callable[..., Endpoint]) -> None:
    outbox.ping(endpoint())
    row = Delivery.objects.select_related("endpoint").get()
    twin = Delivery.objects.select_related("endpoint").get()
    now = timezone.now()
    assert (sending._take(row, now), sending._take(twin, now), len(sending._taken())) == (True, False, 0)
    Delivery.objects.update(due_at=timezone.now())
    assert len(sending._taken()) == 1


@pytest.mark.django_db(transaction=True)
def test_workers_that_work_at_once_send_each_delivery_once(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "PLACES", 3)
    made = webhooks.make(f"{receiver.url}/ok")
    names = {f"msg_{outbox.ping(made).key.hex}" for _ in range(24)}

    def worker() -> None:
        while Delivery.objects.filter(state__in=sending.PENDING).exists():
            webhooks.work()
        connection.close()

    threads = [Thread(target=worker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(headers["webhook-id"] for _, headers, _ in receiver.seen) == sorted(names)


def test_a_slow_endpoint_holds_only_its_own_places(endpoint: Callable[..., Endpoint], receiver: Receiver) -> None:
    slow, quick = endpoint("/hang"), endpoint("/ok")
    for made in (slow,) * 9 + (quick,) * 3:
        outbox.ping(made)
    assert sorted(str(row.endpoint_id == slow.pk) for row in sending._taken()) == ["False"] * 3 + ["True"] * 4
    assert sending._taken() == []


@pytest.mark.parametrize("url", [
    "http://hooks.example/", "https://me:secret@hooks.example/", "https://hooks.example/ x", "ftp://hooks.example/", "https:///x", "https://hooks.example:0/",
    "https://hooks.example:99999/", "file:///etc/passwd", "https://hooks.example/#x", "https://hooks.example\\@127.0.0.1/", "",
    "https://10.0.0.1/", "https://2130706433/", "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest",
])
def test_such_addresses_are_none(db: None, settings: Any, url: str) -> None:
    settings.WEBHOOK_NETWORKS = []
    with pytest.raises(webhooks.Unfit):
        webhooks.make(url)


PRIVATE = (
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "0.0.0.0", "localhost", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "[::1]", "[::]", "[fc00::1]", "[fd00:ec2::254]", "[fe80::1]", "[ff02::1]",
    "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]", "[2001:db8::1]", "[::ffff:0:0]",
)


@pytest.mark.parametrize("host", PRIVATE)
def test_nothing_is_sent_into_a_private_network(host: str) -> None:
    with pytest.raises(outgoing.Refused, match=r"private network|nobody knows|cannot be read"):
        asyncio.run(outgoing.post(f"https://{host}:9/", b"{}", {}, timeout=2))


def test_the_open_network_is_no_private_one() -> None:
    assert all(outgoing.is_public(ipaddress.ip_address(each)) for each in ("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"))


@pytest.mark.parametrize("given", ["fec0::1", "192.0.0.9", "192.0.0.10", "5f00::1", "4000::1", "::ffff:192.0.0.9", "64:ff9b::c000:9"])
def test_what_is_handed_out_to_no_machine_is_not_the_open_network(given: str) -> None:
    assert not outgoing.is_public(ipaddress.ip_address(given))


def test_what_was_looked_up_is_what_is_connected_to(receiver: Receiver) -> None:
    """The name is asked once, and the answer is sent to that number with the name in its head."""
    port = receiver.server_address[1]
    allowed = outgoing.networks(("127.0.0.0/8", "::1/128"))
    assert asyncio.run(outgoing.post(f"http://localhost:{port}/ok", b"{}", {}, timeout=2, allowed=allowed)) == 204
    assert receiver.seen[0][1]["host"] == f"localhost:{port}"
