"""An answer to older words does not answer newer ones: what an assistant had not heard stays owed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handoffs import clock, handback, tasks, turns
from handoffs.models import Agent, Assistant, Conversation, Handoff
from handoffs.snapshots import Proposal
from tests.console.api_caller import Caller, said

SILENT_AFTER = timedelta(seconds=30)


@pytest.fixture
def asked_twice(conversation: Conversation) -> Conversation:
    """Ten seconds ago, and five."""
    for seconds, text in ((10, "Where is my parcel?"), (5, "And can I change its address?")):
        turns.take(now(conversation), text, at=clock.now() - timedelta(seconds=seconds))
    Conversation.objects.update(silence_due_at=clock.now() - timedelta(seconds=10) + SILENT_AFTER)
    return now(conversation)


def now(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


def answer(conversation: Conversation, heard: int | None, client_id: str = "a") -> Conversation:
    turns.propose(now(conversation), Proposal("It comes tomorrow.", confidence=0.95), client_id=client_id, heard=heard)
    return now(conversation)


def test_words_it_had_not_heard_stay_owed_from_when_they_were_said(asked_twice: Conversation) -> None:
    newer = asked_twice.turns.get(number=2)
    assert answer(asked_twice, heard=1).silence_due_at == newer.at + SILENT_AFTER
    assert asked_twice.turns.last().text == "It comes tomorrow."
    assert answer(asked_twice, heard=2, client_id="b").silence_due_at is None


def test_an_assistant_that_drops_them_is_relieved(asked_twice: Conversation) -> None:
    answer(asked_twice, heard=1)
    Conversation.objects.update(silence_due_at=clock.now())
    tasks.sweep()
    assert Handoff.objects.get().trigger == "assistant_failed"


@pytest.mark.parametrize("heard", [2, None], ids=["all of it", "not said"])
def test_who_heard_all_or_does_not_say_owes_nothing_more(asked_twice: Conversation, heard: int | None) -> None:
    assert answer(asked_twice, heard).silence_due_at is None


def test_its_own_words_since_are_no_news(conversation: Conversation) -> None:
    turns.take(conversation, "Where is my parcel?")
    answer(conversation, heard=1)
    assert answer(conversation, heard=1, client_id="b").silence_due_at is None


def test_a_slower_answer_to_older_words_makes_nothing_owed_again(asked_twice: Conversation) -> None:
    answer(asked_twice, heard=2)
    assert answer(asked_twice, heard=1, client_id="b").silence_due_at is None


def test_words_said_to_a_person_are_not_the_assistants_to_answer(claimed: Handoff, ann: Agent) -> None:
    turns.take(now(claimed.conversation), "Thank you, Ann")
    handback.hand_back(claimed, ann)
    assert answer(claimed.conversation, heard=1).silence_due_at is None


def test_words_dated_long_ago_are_owed_no_sooner_than_those_before(asked_twice: Conversation) -> None:
    due = asked_twice.silence_due_at
    asked_twice.turns.filter(number=2).update(at=clock.now() - timedelta(days=400))
    assert answer(asked_twice, heard=1).silence_due_at == due


def test_a_built_in_assistant_still_answers_what_another_had_not_heard(start: Callable[..., Conversation], front_desk: Assistant) -> None:
    conversation = start(answered_by=front_desk)
    turns.take(conversation, "Hello")
    turns.take(now(conversation), "How do I cancel my Pro plan?")
    assert answer(conversation, heard=1).reply_due_at is not None


def test_it_costs_nothing_to_say_that_all_was_heard(start: Callable[..., Conversation]) -> None:
    counts = []
    for heard in (None, None, 1):
        turns.take(conversation := start(), "Where is my parcel?")
        with CaptureQueriesContext(connection) as asked:
            answer(conversation, heard)
        counts.append(len(asked))
    assert counts[1] == counts[2]


def test_it_is_said_over_the_api(asked_twice: Conversation, juniper: Assistant, key: Callable[..., str]) -> None:
    caller = Caller(key(assistant=juniper))
    status, body = caller.post(f"/conversations/{asked_twice.pk}/turns", said("It comes tomorrow.", author="assistant", confidence=0.95, heard=1))
    assert (status, body["turn"]["delivered"], now(asked_twice).silence_due_at is not None) == (201, True, True)
