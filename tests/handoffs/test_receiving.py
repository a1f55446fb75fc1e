"""Step 4: exactly one agent holds a handoff, and nobody writes after they let go."""

from collections.abc import Callable

import pytest

from handoffs import claiming, handback, passing, receiving
from handoffs.models import Agent, Handoff, Team
from handoffs.states import Owner, State
from handoffs.transitions import Forbidden, Full, Stale
from tests.conftest import reload


def test_claim_gives_the_conversation_to_the_agent_and_tells_the_customer(handoff: Handoff, ann: Agent) -> None:
    receiving.claim(handoff, ann)
    now = reload(handoff)
    assert (now.state, now.agent, now.conversation.owner, now.conversation.agent) == (State.CLAIMED, ann, Owner.AGENT, ann)
    assert now.conversation.turns.last().text == "Ann from Plans and billing has joined and has read this chat."


def test_names_are_written_as_they_are(handoff: Handoff, person: Callable[..., Agent]) -> None:
    receiving.claim(handoff, person("oona", "billing", first_name="Oona O’Neil & <Co>"))
    assert reload(handoff).conversation.turns.last().text == "Oona O’Neil & <Co> from Plans and billing has joined and has read this chat."


def test_second_claim_is_refused(claimed: Handoff, bob: Agent) -> None:
    with pytest.raises(Stale):
        receiving.claim(claimed, bob)
    assert reload(claimed).agent_id != bob.pk


def test_claim_seen_as_waiting_a_moment_too_late_is_refused(handoff: Handoff, ann: Agent, bob: Agent) -> None:
    seen_before = reload(handoff)
    receiving.claim(handoff, ann)
    with pytest.raises(Stale):
        receiving.claim(seen_before, bob)
    assert reload(handoff).agent == ann


def test_claiming_again_what_one_holds_changes_nothing(claimed: Handoff, ann: Agent) -> None:
    epoch = claimed.conversation.epoch
    receiving.claim(claimed, ann)
    assert reload(claimed).conversation.epoch == epoch


def test_an_agent_of_another_team_cannot_claim(handoff: Handoff, dan: Agent) -> None:
    with pytest.raises(Forbidden):
        receiving.claim(handoff, dan)


def test_capacity_is_a_limit(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    for _ in range(ann.capacity):
        receiving.claim(hand_off(), ann)
    with pytest.raises(Full):
        receiving.claim(hand_off(), ann)


def test_claim_next_takes_the_most_urgent(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    hand_off()
    angry = hand_off("THIS IS RIDICULOUS!! You charged me twice and it is the third time, useless!!")
    assert claiming.claim_next(ann) == angry


def test_a_message_is_said_once_however_often_it_is_sent(claimed: Handoff, ann: Agent) -> None:
    first = receiving.say(claimed, ann, "Hello", client_id="x")
    assert receiving.say(claimed, ann, "Hello", client_id="x") == first


def test_two_agents_may_use_the_same_client_id(claimed: Handoff, ann: Agent, bob: Agent) -> None:
    receiving.say(claimed, ann, "Hello", client_id="1")
    receiving.release(reload(claimed), ann)
    receiving.claim(reload(claimed), bob)
    assert receiving.say(reload(claimed), bob, "Hello, I am Bob", client_id="1").text == "Hello, I am Bob"


def test_late_message_after_hand_back_is_refused_with_a_clear_word(claimed: Handoff, ann: Agent) -> None:
    handback.hand_back(claimed, ann)
    with pytest.raises(Stale, match="not with you any more"):
        receiving.say(claimed, ann, "One more thing")


def test_release_puts_it_at_the_front(hand_off: Callable[..., Handoff], ann: Agent, bob: Agent) -> None:
    first, second = hand_off(), hand_off()
    receiving.claim(second, ann)
    receiving.release(reload(second), ann)
    assert list(claiming.queue_of(bob)) == [second, first]


def test_a_note_sent_again_is_kept_once(claimed: Handoff, ann: Agent, bob: Agent) -> None:
    for agent, words, client_id in ((ann, "Checked", "1"), (ann, "Checked", "1"), (bob, "Me too", "1"), (ann, "Checked", "2"), (ann, "Again", "")):
        receiving.note(claimed, agent, words, client_id=client_id)
    assert list(claimed.steps.filter(verb="noted").values_list("note", flat=True)) == ["Checked", "Me too", "Checked", "Again"]


def test_transfer_moves_it_with_the_note_and_keeps_the_wait(claimed: Handoff, ann: Agent, teams: dict[str, Team]) -> None:
    receiving.transfer(claimed, ann, teams["technical"], note="camera is broken too")
    now = reload(claimed)
    assert (now.team.code, now.state, now.agent, now.conversation.team) == ("technical", State.WAITING, None, teams["technical"])
    assert now.steps.get(verb="transferred").note == "camera is broken too"
    assert now.rank_at <= now.created_at + (now.promise_due_at - now.waiting_since)


def test_only_its_agent_may_resolve(claimed: Handoff, bob: Agent) -> None:
    with pytest.raises(Stale):
        receiving.resolve(claimed, bob)


def test_resolve_can_be_undone(claimed: Handoff, ann: Agent) -> None:
    receiving.resolve(claimed, ann)
    passing.undo(reload(claimed), ann)
    assert reload(claimed).state == State.CLAIMED


def test_a_stale_epoch_changes_nothing(claimed: Handoff, ann: Agent) -> None:
    with pytest.raises(Stale):
        receiving.release(claimed, ann, seen=claimed.conversation.epoch - 1)
    assert reload(claimed).state == State.CLAIMED
