"""Somebody says something: judged, stored once, numbered without gaps, and answered, clarified or handed over."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from handoffs import handback, history, receiving, tasks, transitions, turns
from handoffs.models import Agent, Assistant, Attempt, Conversation, Handoff, PolicyVersion, ProposalRecord, Turn
from handoffs.snapshots import Action, Outcome, Proposal, Tried
from handoffs.states import Owner, State
from handoffs.transitions import Forbidden, Stale
from tests.conftest import reload


def now(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


def test_a_handoff_is_whole_detection_brief_route_and_acknowledgement(handoff: Handoff) -> None:
    told = handoff.conversation.turns.last()
    assert (handoff.state, handoff.trigger, handoff.team.code) == (State.WAITING, "explicit_request", "billing")
    assert handoff.brief["goal"] == "Refund order A-20817: charged twice"
    assert (told.kind, told.author) == (Turn.Kind.HANDED_OFF, "waiting_room")
    assert told.text.startswith("Of course. We’re connecting you with a person.")
    assert handoff.conversation.owner == Owner.TEAM


def test_a_handoff_that_cannot_be_stored_leaves_nothing_half_made(conversation: Conversation) -> None:
    Turn.objects.create(conversation=conversation, number=2, author="waiting_room", text="in the acknowledgement's place")
    with pytest.raises(IntegrityError):
        turns.take(conversation, "agent please")
    assert (Handoff.objects.count(), now(conversation).owner, conversation.turns.filter(author="customer").count()) == (0, Owner.ASSISTANT, 0)


def test_words_repeated_with_the_same_client_id_are_one_turn(conversation: Conversation) -> None:
    first = turns.take(conversation, "agent please", client_id="1")
    again = turns.take(conversation, "agent please", client_id="1")
    assert (again.turn, again.action, again.handoff) == (first.turn, Action.HAND_OFF, first.handoff)


def test_an_answer_the_assistant_is_sure_of_is_delivered(conversation: Conversation) -> None:
    turns.take(conversation, "How do I return it?")
    decision = turns.propose(now(conversation), Proposal("Print the label.", confidence=0.9), client_id="a")
    assert (decision.action, decision.turn.number, decision.turn.text) == (Action.ANSWER, 2, "Print the label.")
    assert now(conversation).silence_due_at is None


def test_between_the_bands_the_answer_is_held_and_one_question_is_welcome(conversation: Conversation) -> None:
    turns.take(conversation, "It does not work")
    held = turns.propose(now(conversation), Proposal("Restart it.", confidence=0.8), client_id="a")
    asked = turns.propose(now(conversation), Proposal("Which one?", clarifying=True), client_id="b")
    turns.take(now(conversation), "The white one")
    still_unsure = turns.propose(now(conversation), Proposal("Restart it.", confidence=0.8), client_id="c")
    assert [held.action, asked.action, still_unsure.action] == [Action.CLARIFY, Action.ANSWER, Action.HAND_OFF]
    assert (held.turn, asked.turn.clarifying, still_unsure.trigger) == (None, True, "low_confidence")


def test_a_held_proposal_hands_over_in_the_same_breath(conversation: Conversation) -> None:
    turns.take(conversation, "What is the tax rate for my firm?")
    decision = turns.propose(now(conversation), Proposal("Perhaps 20 %.", confidence=0.3), client_id="a")
    assert (decision.action, decision.turn, decision.handoff.state) == (Action.HAND_OFF, None, State.WAITING)
    assert now(conversation).turns.last().text.startswith("I’m not certain about this one")


def test_an_assistant_without_the_conversation_is_refused_and_nothing_is_stored(handoff: Handoff) -> None:
    with pytest.raises(Stale):
        turns.propose(handoff.conversation, Proposal("One more idea"), client_id="late")
    assert not ProposalRecord.objects.filter(client_id="late").exists()


def test_a_stale_epoch_is_refused_even_when_the_assistant_has_it_again(claimed: Handoff, ann: Agent) -> None:
    seen = claimed.conversation.epoch
    handback.hand_back(claimed, ann)
    with pytest.raises(Stale):
        turns.propose(now(claimed.conversation), Proposal("Hello"), client_id="x", seen=seen)


def test_after_the_hand_back_the_assistant_may_speak_again(claimed: Handoff, ann: Agent) -> None:
    handback.hand_back(claimed, ann)
    decision = turns.propose(now(claimed.conversation), Proposal("All done?", confidence=0.95), client_id="x")
    assert decision.action is Action.ANSWER


def test_an_old_request_for_a_person_does_not_fire_again_after_the_hand_back(claimed: Handoff, ann: Agent) -> None:
    handback.hand_back(claimed, ann)
    assert turns.take(now(claimed.conversation), "Thank you, that is all").action is Action.ANSWER


def test_attempts_of_a_held_proposal_are_kept_for_the_brief(conversation: Conversation) -> None:
    turns.take(conversation, "Move my plan to yearly payment")
    tried = Tried("Change in billing", Outcome.REFUSED, "legacy plan")
    decision = turns.propose(now(conversation), Proposal("Sorry.", confidence=0.2, attempts=(tried,)), client_id="a")
    assert Attempt.objects.get().step == "Change in billing"
    (attempt,) = decision.handoff.what_to_know.attempts
    assert (attempt.step, attempt.detail, attempt.outcome, attempt.shown) == ("Change in billing", "legacy plan", "refused", False)


def test_asking_the_same_again_and_again_hands_over(conversation: Conversation) -> None:
    actions = []
    for text in ("Where is my parcel?", "I asked where my parcel is", "My parcel, where is it?"):
        actions.append(turns.take(now(conversation), text).action)
    assert actions == [Action.ANSWER, Action.ANSWER, Action.HAND_OFF]


def test_an_assistant_that_says_it_failed_hands_over(conversation: Conversation) -> None:
    turns.take(conversation, "Where is my order?")
    decision = turns.propose(now(conversation), Proposal(failed="the order system is down"), client_id="a")
    assert (decision.trigger, decision.handoff.trigger) == ("assistant_failed", "assistant_failed")


def test_the_sweep_finds_an_assistant_that_stays_silent(conversation: Conversation, policy: Callable[..., PolicyVersion]) -> None:
    turns.take(conversation, "Hello?")
    Conversation.objects.update(silence_due_at=timezone.now() - timedelta(seconds=1))
    tasks.sweep()
    assert Handoff.objects.get().trigger == "assistant_failed"


def test_a_built_in_assistant_answers_within_the_next_sweep(start: Callable[..., Conversation], front_desk: Assistant) -> None:
    conversation = start(answered_by=front_desk)
    turns.take(conversation, "How do I cancel my Pro plan?")
    tasks.answer()
    last = now(conversation).turns.last()
    assert (last.author, now(conversation).silence_due_at) == ("assistant", None)
    assert last.sources


def test_a_built_in_assistant_that_is_broken_hands_over_at_once(start: Callable[..., Conversation]) -> None:
    broken = Assistant.objects.create(code="broken", name="Broken", plugin="no_such_file")
    turns.take(start(answered_by=broken), "How do I cancel my Pro plan?")
    tasks.answer()
    assert Handoff.objects.get().trigger == "assistant_failed"


def test_an_assistant_that_answered_in_time_is_left_alone(conversation: Conversation) -> None:
    turns.take(conversation, "Hello?")
    turns.propose(now(conversation), Proposal("Hello, how can I help?"), client_id="a")
    tasks.sweep()
    assert not Handoff.objects.exists()


def test_the_customer_may_write_while_they_wait_and_the_agent_has_it(handoff: Handoff, ann: Agent) -> None:
    decision = turns.take(handoff.conversation, "It was on Tuesday")
    assert (decision.action, now(handoff.conversation).owner) == (Action.NONE, Owner.TEAM)


def test_words_after_a_resolve_bring_the_agent_back(claimed: Handoff, ann: Agent) -> None:
    receiving.resolve(claimed, ann)
    turns.take(now(claimed.conversation), "Wait, one more thing")
    assert (reload(claimed).state, reload(claimed).agent) == (State.CLAIMED, ann)


def test_a_closed_conversation_takes_no_words(claimed: Handoff, ann: Agent) -> None:
    receiving.resolve(claimed, ann, hands_back=False)
    handback.finish(reload(claimed))
    with pytest.raises(Forbidden):
        turns.take(now(claimed.conversation), "Hello?")


def test_the_button_hands_over_once(conversation: Conversation) -> None:
    first = turns.ask_for_person(conversation)
    assert turns.ask_for_person(now(conversation)) is None
    assert (first.trigger, Handoff.objects.count()) == ("explicit_request", 1)


@pytest.mark.django_db(transaction=True)
def test_turns_said_at_once_are_numbered_without_a_gap(conversation: Conversation) -> None:
    def speak(number: int) -> None:
        turns.take(now(conversation), f"detail {number} of my long story", client_id=str(number))
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(speak, range(24)))
    assert list(conversation.turns.exclude(author="waiting_room").values_list("client_id", flat=True).order_by("client_id")) == sorted(map(str, range(24)))
    assert list(conversation.turns.values_list("number", flat=True)) == list(range(1, now(conversation).last_number + 1))


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_make_one_handoff(conversation: Conversation) -> None:
    def ask(number: int) -> None:
        turns.take(now(conversation), "agent please", client_id=str(number))
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(8)))
    assert Handoff.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_agents_exactly_one_wins(handoff: Handoff, person: Callable[..., Agent]) -> None:
    agents = [person(f"agent{number}", "billing") for number in range(8)]

    def claim(agent: Agent) -> bool:
        try:
            receiving.claim(reload(handoff), agent)
        except Stale:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(claim, agents))
    assert sum(won) == 1
    assert reload(handoff).agent == agents[won.index(True)]


def test_a_conversation_that_is_gone_is_said_to_be(conversation: Conversation) -> None:
    gone = conversation.pk
    conversation.delete()
    with pytest.raises(Conversation.DoesNotExist):
        history.held(gone)


@pytest.mark.parametrize(("seen", "done"), [(0, True), (None, True), (-1, False)])
def test_an_act_at_an_epoch_is_done_at_that_alone(conversation: Conversation, seen: int | None, done: bool) -> None:
    acts = []
    with suppress(Stale), transitions.at_epoch(conversation, seen if seen is None else conversation.epoch + seen):
        acts.append(1)
    assert bool(acts) == done
