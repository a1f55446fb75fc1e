"""Letting go can be undone for some seconds; meanwhile the customer hears nothing, and nothing is lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from handoffs import handback, passing, receiving, roster, tasks, turns
from handoffs.models import Agent, Handoff, Team
from handoffs.states import State
from handoffs.transitions import Full, Stale
from tests.conftest import reload


def later(handoff: Handoff) -> Handoff:
    """The sweep after the seconds in which it could be undone."""
    Handoff.objects.filter(pk=handoff.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    tasks.sweep()
    return reload(handoff)


@pytest.fixture
def passed(claimed: Handoff, ann: Agent, teams: dict[str, Team]) -> Handoff:
    """The handoff a moment after ann has passed it on to technical."""
    passing.transfer(claimed, ann, teams["technical"], note="camera is broken too")
    return reload(claimed)


def test_a_transfer_waits_and_the_customer_hears_nothing(passed: Handoff, ann: Agent) -> None:
    last = passed.conversation.turns.last()
    assert (passed.state, passed.agent, passed.team.code, passed.conversation.agent, last.kind) == (State.PASSING, ann, "billing", ann, "joined")


def test_it_passes_on_with_its_note_when_nobody_undoes_it(passed: Handoff, ann: Agent) -> None:
    now = later(passed)
    step = now.steps.get(verb="transferred")
    assert (now.state, now.team.code, now.agent, now.moving_to, step.note, step.agent) == (
        State.WAITING, "technical", None, None, "camera is broken too", ann)
    assert "This needs our Product help team." in now.conversation.turns.last().text


def test_it_passes_on_once(passed: Handoff) -> None:
    moved = later(passed)
    with pytest.raises(Stale):
        passing.finish(passed)
    assert reload(passed).conversation.last_number == moved.conversation.last_number


def test_it_passes_on_though_its_agent_is_gone(passed: Handoff, ann: Agent) -> None:
    Agent.objects.filter(pk=ann.pk).update(lease_until=timezone.now() - timedelta(hours=1))
    assert later(passed).team.code == "technical"


def test_what_was_to_go_to_a_team_that_is_gone_stays_with_its_agent_who_is_told(passed: Handoff, ann: Agent, teams: dict[str, Team]) -> None:
    said = passed.conversation.last_number
    teams["technical"].delete()
    now = later(passed)
    step = now.steps.get(verb="noted")
    assert (now.state, now.agent, now.conversation.last_number) == (State.CLAIMED, ann, said)
    assert step.note == "The team it was passed on to is gone: it is with you again. camera is broken too"


def test_undone_it_is_with_its_agent_as_before(passed: Handoff, ann: Agent) -> None:
    passing.undo(passed, ann)
    now = reload(passed)
    receiving.say(now, ann, "Still me")
    assert (now.state, now.moving_to, now.steps.filter(note__contains="camera").count()) == (State.CLAIMED, None, 0)


@pytest.mark.parametrize("who", ["bob", "cara"])
def test_nobody_else_undoes_it(passed: Handoff, who: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(Stale, match="too late"):
        passing.undo(passed, request.getfixturevalue(who))


def test_it_cannot_be_undone_once_it_has_passed(passed: Handoff, ann: Agent) -> None:
    with pytest.raises(Stale, match="too late"):
        passing.undo(later(passed), ann)


def test_it_takes_room_until_it_has_passed(passed: Handoff, ann: Agent) -> None:
    before = roster.room(ann)
    later(passed)
    assert roster.room(ann) == before + 1


def test_what_the_customer_writes_meanwhile_goes_along(passed: Handoff) -> None:
    turns.take(passed.conversation, "And my camera is offline", client_id="m")
    now = later(passed)
    assert (now.team.code, now.conversation.turns.filter(text="And my camera is offline").count()) == ("technical", 1)


def test_a_hand_back_waits_as_a_resolve_does(claimed: Handoff, ann: Agent) -> None:
    passing.hand_back(claimed, ann, resolution="Refunded")
    waits = reload(claimed)
    assert (waits.state, later(claimed).state, reload(claimed).resolution) == (State.RESOLVED, State.HANDED_BACK, "Refunded")


def test_words_of_the_customer_undo_a_hand_back(claimed: Handoff, ann: Agent) -> None:
    passing.hand_back(claimed, ann)
    turns.take(reload(claimed).conversation, "Wait, one more thing", client_id="m")
    now = reload(claimed)
    assert (now.state, now.agent) == (State.CLAIMED, ann)


@pytest.mark.parametrize("let_go", [receiving.resolve, passing.hand_back, handback.hand_back], ids=["resolve", "hand back", "hand back at once"])
def test_words_nobody_has_read_are_not_let_go_of(claimed: Handoff, ann: Agent, let_go: Callable[..., Any]) -> None:
    heard = claimed.conversation.last_number
    turns.take(claimed.conversation, "Wait, it is the other card", client_id="m")
    receiving.say(reload(claimed), ann, "All done")
    with pytest.raises(receiving.Unheard, match="Amara has just written"):
        let_go(reload(claimed), ann, heard=heard)
    assert reload(claimed).state == State.CLAIMED
    let_go(reload(claimed), ann, heard=heard + 1)
    assert reload(claimed).state in (State.RESOLVED, State.HANDED_BACK)


def test_without_a_moment_to_undo_words_nobody_has_read_stay(policy: Callable[..., Any], claimed: Handoff, ann: Agent) -> None:
    policy(undo_for=0)
    turns.take(claimed.conversation, "Wait, it is the other card", client_id="m")
    with pytest.raises(receiving.Unheard):
        passing.hand_back(reload(claimed), ann, heard=claimed.conversation.last_number)
    assert reload(claimed).state == State.CLAIMED


def test_without_a_moment_to_undo_it_happens_at_once(policy: Callable[..., Any], claimed: Handoff, hand_off: Callable[..., Handoff], ann: Agent,
                                                     teams: dict[str, Team]) -> None:
    policy(undo_for=0)
    other = hand_off()
    receiving.claim(other, ann)
    passing.transfer(claimed, ann, teams["technical"])
    passing.hand_back(reload(other), ann)
    assert (reload(claimed).state, reload(other).state) == (State.WAITING, State.HANDED_BACK)


def test_what_a_supervisor_moves_or_waits_goes_at_once(claimed: Handoff, hand_off: Callable[..., Handoff], ann: Agent, cara: Agent,
                                                       teams: dict[str, Team]) -> None:
    waits = hand_off()
    passing.transfer(claimed, cara, teams["technical"])
    passing.transfer(waits, ann, teams["general"])
    assert (reload(claimed).team.code, reload(waits).team.code) == ("technical", "general")


def test_a_stale_page_passes_nothing_on(claimed: Handoff, ann: Agent, teams: dict[str, Team]) -> None:
    with pytest.raises(Stale):
        passing.transfer(claimed, ann, teams["technical"], seen=claimed.conversation.epoch - 1)
    assert reload(claimed).state == State.CLAIMED


def test_undo_holds_after_another_was_claimed_by_hand(hand_off: Callable[..., Handoff], person: Callable[..., Agent]) -> None:
    mia, other = person("mia", "billing", capacity=1), hand_off()
    first, second = hand_off(), hand_off()
    receiving.claim(first, mia)
    receiving.resolve(reload(first), mia)
    receiving.claim(reload(second), mia)
    passing.undo(reload(first), mia)
    with pytest.raises(Full):
        receiving.claim(other, mia)
    assert (reload(first).agent, reload(second).agent, roster.load(mia)) == (mia, mia, 2.0)
