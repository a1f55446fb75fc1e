"""The assistant in the waiting room: it takes what is added, tells the truth about the wait, and solves only with the customer's yes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from handoffs import attending, receiving, tasks, turns
from handoffs.attended import asks_how_long, pretends
from handoffs.models import Agent, Assistant, Conversation, Handoff, Turn
from handoffs.snapshots import Author, Proposal
from handoffs.states import Owner, State
from handoffs.transitions import Stale
from tests.conftest import reload

ARTICLE = "How do I reset the camera to its factory settings?"


def now(handoff: Handoff) -> Conversation:
    return Conversation.objects.get(pk=handoff.conversation_id)


def write(handoff: Handoff, words: str) -> Turn | None:
    """The customer writes while they wait, and the built-in assistant does what is due; what it says."""
    turns.take(now(handoff), words)
    tasks.answer()
    return Turn.objects.filter(conversation=handoff.conversation_id, author=Author.ASSISTANT).exclude(kind="message").order_by("-number").first()


@pytest.fixture
def waits(hand_off: Callable[..., Handoff], front_desk: Assistant, ann: Agent) -> Handoff:
    """In line with a person at their desk, from the built-in assistant."""
    return hand_off(answered_by=front_desk)


def offered(handoff: Handoff) -> Turn:
    said = write(handoff, "How do I cancel my plan?")
    assert said is not None
    return said


def test_what_is_added_comes_into_the_brief_and_is_counted(waits: Handoff) -> None:
    before = {fact.value for fact in waits.what_to_know.facts}
    turns.take(now(waits), "It is invoice INV-77231, by the way")
    added = reload(waits)
    assert {fact.value for fact in added.what_to_know.facts} - before == {"INV-77231"}
    assert (added.added, added.state, now(waits).owner) == (1, State.WAITING, Owner.TEAM)


@pytest.mark.parametrize(("words", "asks"), [
    ("how long still?", True), ("How much longer will it take", True), ("Wie lange noch?", True), ("¿Cuánto falta?", True), ("Combien de temps encore ?", True),
    ("Quanto tempo ainda?", True), ("My camera is offline", False), ("The cable is two metres long", False),
])
def test_who_asks_how_long(words: str, asks: bool) -> None:
    assert asks_how_long(words) is asks


def test_how_long_is_answered_from_the_line_at_once_and_counts_as_told(waits: Handoff) -> None:
    turns.take(now(waits), "how long still?")
    said = waits.conversation.turns.last()
    assert (said.author, said.text) == (Author.WAITING_ROOM, "You’re next in line.")
    assert reload(waits).due_at > timezone.now() + timedelta(seconds=80)


def test_it_asks_once_whether_there_is_anything_to_add(waits: Handoff) -> None:
    for _ in range(3):
        Handoff.objects.filter(pk=waits.pk).update(due_at=timezone.now() - timedelta(seconds=1), check_ins=0)
        tasks.sweep()
        tasks.answer()
    said = waits.conversation.turns.filter(author=Author.ASSISTANT, kind=Turn.Kind.MEANWHILE)
    assert [turn.text.split(",")[0] for turn in said] == ["I’m Juniper"]
    assert (now(waits).owner, now(waits).epoch) == (Owner.TEAM, waits.conversation.epoch)


def test_only_the_customers_yes_takes_them_out_of_line(waits: Handoff) -> None:
    offer = offered(waits)
    assert (offer.kind, reload(waits).state) == (Turn.Kind.SOLUTION, State.WAITING)
    attending.solve(now(waits), offer.number)
    assert (reload(waits).state, now(waits).owner, reload(waits).steps.last().verb) == (State.HANDED_BACK, Owner.ASSISTANT, "solved")


def test_a_no_keeps_the_place_and_the_offer_is_gone(waits: Handoff) -> None:
    offer = offered(waits)
    attending.keep_waiting(now(waits), offer.number)
    assert (attending.solution(reload(waits)), reload(waits).state) == (None, State.WAITING)
    with pytest.raises(Stale):
        attending.solve(now(waits), offer.number)


def test_a_yes_that_comes_after_a_person_changes_nothing(waits: Handoff, ann: Agent) -> None:
    offer = offered(waits)
    receiving.claim(reload(waits), ann)
    with pytest.raises(Stale):
        attending.solve(now(waits), offer.number)
    assert reload(waits).state == State.CLAIMED


def test_what_people_keep_for_themselves_is_not_solved(hand_off: Callable[..., Handoff], front_desk: Assistant, ann: Agent) -> None:
    waits = hand_off(answered_by=front_desk)
    Handoff.objects.filter(pk=waits.pk).update(detections=[{"trigger": "high_stakes", "reason": "", "evidence": {}}])
    assert write(waits, "How do I cancel my plan?") is None


def test_without_the_policys_leave_it_is_silent(waits: Handoff, policy: Callable[..., object]) -> None:
    policy(attends_waiting=False)
    assert write(waits, "How do I cancel my plan?") is None


@pytest.mark.parametrize("words", ["I am a real person.", "This is Ann, how can I help?", "You are now talking to a human agent"])
def test_it_never_says_to_be_a_person(words: str) -> None:
    assert pretends(words, ["Ann"])
    assert not pretends("I’m Juniper, the AI. A person from the team reads this.", ["Ann"])


def test_an_outside_assistant_speaks_only_at_the_epoch_it_saw_and_as_itself(handoff: Handoff, ann: Agent) -> None:
    conversation = now(handoff)
    fine = Proposal("I have passed on your order number.", confidence=0.9)
    for seen, words in ((conversation.epoch - 1, fine), (conversation.epoch, Proposal("I am a human agent", confidence=0.9))):
        with pytest.raises(Stale):
            attending.speak(conversation, words, Turn.Kind.MEANWHILE, client_id="m", seen=seen)
    attending.speak(conversation, fine, Turn.Kind.MEANWHILE, client_id="m", seen=conversation.epoch)
    assert now(handoff).owner == Owner.TEAM
