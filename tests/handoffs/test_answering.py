"""An answer that is owed stays owed until it is given, whatever is said while it is made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from handoffs import crowding, files, plugins, tasks, turns, waiting_room
from handoffs.assistants.front_desk import FrontDesk
from handoffs.models import Agent, Assistant, Conversation, Handoff, ProposalRecord, Turn
from handoffs.snapshots import Meanwhile as Aside
from handoffs.snapshots import Proposal, Transcript

QUESTION = "How do I cancel my Pro plan?"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 50


@dataclass
class Slow(FrontDesk):
    """A front desk during whose first answer something happens."""

    happens: Callable[[], object]

    def reply(self, transcript: Transcript) -> Proposal:
        self._let_it_happen()
        return super().reply(transcript)

    def meanwhile(self, transcript: Transcript) -> Aside:
        self._let_it_happen()
        return super().meanwhile(transcript)

    def _let_it_happen(self) -> None:
        first, self.happens = self.happens, lambda: None
        first()


Meanwhile = Callable[[Callable[[Conversation], object]], Conversation]


@pytest.fixture
def meanwhile(start: Callable[..., Conversation], front_desk: Assistant, monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """The conversation after one look at what is due, during which something happened."""

    def run(happens: Callable[[Conversation], object]) -> Conversation:
        conversation = start(answered_by=front_desk)
        turns.take(conversation, QUESTION)
        monkeypatch.setitem(plugins.load("handoffs.assistants"), "front_desk", Slow(lambda: happens(now(conversation))))
        tasks.answer()
        return now(conversation)

    return run


def now(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


def notice(conversation: Conversation) -> Turn:
    return waiting_room.tell(conversation, "Your callback is in an hour.", Turn.Kind.NOTICE)


def answers(conversation: Conversation) -> int:
    return conversation.turns.filter(author="assistant").count()


@pytest.mark.parametrize("happens", [notice, lambda now: files.send(now, [("a.png", PNG)])], ids=["a notice", "a picture"])
def test_what_makes_nothing_due_does_not_cost_the_answer(meanwhile: Meanwhile, settings: Any, happens: Callable[[Conversation], object]) -> None:
    settings.FILES = True
    conversation = meanwhile(happens)
    assert (answers(conversation), conversation.reply_due_at is not None) == (0, True)
    tasks.answer()
    assert (answers(conversation), now(conversation).silence_due_at) == (1, None)


def test_words_said_meanwhile_are_due_by_themselves(meanwhile: Meanwhile) -> None:
    conversation = meanwhile(lambda now: turns.take(now, "And my refund?"))
    assert conversation.reply_due_at is not None
    tasks.answer()
    assert answers(conversation) == 1


def test_words_held_meanwhile_are_answered_when_they_are_judged(meanwhile: Meanwhile) -> None:
    conversation = meanwhile(lambda now: crowding.hold(now, "And my refund?"))
    assert (conversation.reply_due_at, conversation.held_due_at is None) == (None, False)


def test_an_answer_of_another_meanwhile_is_enough(meanwhile: Meanwhile) -> None:
    conversation = meanwhile(lambda now: turns.propose(now, Proposal("In your settings.", confidence=0.95), client_id="a"))
    assert (answers(conversation), conversation.reply_due_at) == (1, None)


def test_what_a_person_has_by_now_is_not_due(meanwhile: Meanwhile) -> None:
    conversation = meanwhile(turns.ask_for_person)
    assert (answers(conversation), conversation.reply_due_at) == (0, None)


def test_a_notice_does_not_cost_a_copilots_draft(front_desk: Assistant, start: Callable[..., Conversation], monkeypatch: pytest.MonkeyPatch) -> None:
    Assistant.objects.update(copilot=True)
    conversation = start(answered_by=front_desk)
    turns.take(conversation, "Can I talk to a real person?")
    tasks.answer()
    turns.take(now(conversation), QUESTION)
    drafted = ProposalRecord.objects.count()
    monkeypatch.setitem(plugins.load("handoffs.assistants"), "front_desk", Slow(lambda: notice(now(conversation))))
    tasks.answer()
    assert (ProposalRecord.objects.count(), now(conversation).reply_due_at is not None) == (drafted, True)
    tasks.answer()
    assert (ProposalRecord.objects.count(), now(conversation).reply_due_at) == (drafted + 1, None)


def test_a_notice_does_not_cost_what_is_said_to_who_waits(front_desk: Assistant, hand_off: Callable[..., Handoff], ann: Agent,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = hand_off(answered_by=front_desk).conversation
    turns.take(now(conversation), QUESTION)
    monkeypatch.setitem(plugins.load("handoffs.assistants"), "front_desk", Slow(lambda: notice(now(conversation))))
    tasks.answer()
    assert (answers(conversation), now(conversation).reply_due_at is not None) == (0, True)
    tasks.answer()
    assert (answers(conversation), now(conversation).reply_due_at) == (1, None)
