"""Words that no endpoint takes are named to whoever has the conversation, and what nobody would be sent to supervisors."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from handoffs import outbox, receiving, webhooks
from handoffs.models import Agent, Conversation, Delivery, Endpoint, Handoff
from handoffs.webhooks import sending
from tests.receiver import Receiver
from tests.receiver import receiving as serving


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    with serving() as server:
        yield server


@pytest.fixture
def elsewhere(claimed: Handoff, receiver: Receiver) -> Iterator[Handoff]:
    """Its customer reads on a page of the firm's own."""
    Conversation.objects.update(medium="webhook", page_open_until=None)
    Delivery.objects.all().delete()
    outbox.forget()
    yield claimed
    outbox.forget()


def notes(handoff: Handoff) -> list[str]:
    return [step.note.partition("UTC ")[2] for step in handoff.steps.filter(verb="undeliverable").order_by("pk")]


def try_to_the_end() -> None:
    while Delivery.objects.filter(state="due", endpoint__paused_at=None).exists():
        Delivery.objects.filter(state="due").update(due_at=timezone.now())
        webhooks.work()


def test_words_that_were_given_up_are_named_to_the_agent(elsewhere: Handoff, receiver: Receiver, ann: Agent) -> None:
    webhooks.make(f"{receiver.url}/broken", note="App")
    receiving.say(elsewhere, ann, "It is refunded.")
    webhooks.work()
    assert notes(elsewhere) == []
    try_to_the_end()
    assert notes(elsewhere) == ["were not taken by webhook: App answered 500."]


def test_words_of_an_endpoint_that_is_gone_are_named_once(elsewhere: Handoff, receiver: Receiver, ann: Agent) -> None:
    webhooks.make(f"{receiver.url}/gone", note="App", events=[outbox.SAID])
    for words in ("It is refunded.", "Do you see it?"):
        receiving.say(elsewhere, ann, words)
    webhooks.work()
    webhooks.tidy()
    assert notes(elsewhere) == ["were not taken by webhook: App answered 410."]
    assert any(words.endswith("takes turn.said: 1.") for words in webhooks.problems())


def test_words_said_while_the_endpoint_is_paused_are_named_once_in_each_pause(elsewhere: Handoff, receiver: Receiver, ann: Agent) -> None:
    made = webhooks.make(f"{receiver.url}/ok")
    for pauses in (1, 2):
        webhooks.pause(made, "")
        for words in ("It is refunded.", "Do you see it?"):
            receiving.say(elsewhere, ann, words)
            webhooks.tidy()
        assert notes(elsewhere) == ["were not taken by webhook: its endpoint is paused, and they are kept and sent when it goes on."] * pauses
        webhooks.resume(made)
        receiving.say(elsewhere, ann, "Are you there?")
        webhooks.tidy()
        assert len(notes(elsewhere)) == pauses


def test_what_the_waiting_room_says_meanwhile_is_not_named(elsewhere: Handoff, receiver: Receiver, ann: Agent) -> None:
    webhooks.pause(webhooks.make(f"{receiver.url}/ok"), "")
    receiving.release(elsewhere, ann)
    assert Delivery.objects.filter(event=outbox.SAID).exists()
    webhooks.tidy()
    assert notes(elsewhere) == []


def test_whoever_has_the_conversation_next_reads_it_too_within_one_pause(
    elsewhere: Handoff, receiver: Receiver, ann: Agent, hand_off: Callable[..., Handoff]
) -> None:
    webhooks.pause(webhooks.make(f"{receiver.url}/ok"), "")
    receiving.say(elsewhere, ann, "It is refunded.")
    webhooks.tidy()
    Handoff.objects.filter(pk=elsewhere.pk).update(state="closed", due_at=None, ended_at=timezone.now())
    following = hand_off()
    Handoff.objects.filter(pk=following.pk).update(conversation=elsewhere.conversation)
    webhooks.tidy()
    assert (len(notes(elsewhere)), len(notes(following))) == (1, 1)


def test_words_whose_worker_was_lost_each_time_are_named(elsewhere: Handoff, receiver: Receiver, ann: Agent) -> None:
    webhooks.make(f"{receiver.url}/ok", note="App")
    receiving.say(elsewhere, ann, "It is refunded.")
    Delivery.objects.update(tries=len(sending.PAUSES) + 1)
    webhooks.work()
    assert notes(elsewhere) == [f"were not taken by webhook: it {sending.LOST}."]


def test_words_that_another_endpoint_takes_or_our_own_page_shows_are_not(elsewhere: Handoff, receiver: Receiver, ann: Agent) -> None:
    for path in ("/gone", "/ok"):
        webhooks.make(receiver.url + path)
    receiving.say(elsewhere, ann, "It is refunded.")
    try_to_the_end()
    Endpoint.objects.filter(url__endswith="/ok").delete()
    Conversation.objects.update(page_open_until=timezone.now())
    Endpoint.objects.update(paused_at=None)
    receiving.say(elsewhere, ann, "Do you see it?")
    try_to_the_end()
    assert notes(elsewhere) == []


@pytest.mark.parametrize(("columns", "unheard"), [
    ({}, False), ({"events": [outbox.SAID]}, False), ({"events": [outbox.REQUESTED]}, True), ({"paused_at": timezone.now()}, True),
])
def test_customers_whom_no_endpoint_is_told_of_are_counted_where_there_is_one(
    elsewhere: Handoff, receiver: Receiver, columns: dict[str, Any], unheard: bool
) -> None:
    assert not any("turn.said" in words for words in webhooks.problems())
    Endpoint.objects.create(url=f"{receiver.url}/ok", **columns)
    assert [words for words in webhooks.problems() if "turn.said" in words] == unheard * [
        "Customers on a page of their firm's own whom our words do not reach, since no endpoint that is not paused takes turn.said: 1."]
