"""What an agent owes an answer: nobody is left without one, and without anybody having been told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from console.streams.calls import Calls
from console.streams.wall import Wall
from handoffs import receiving, snoozing, tasks, turns
from handoffs.models import Agent, Conversation, Handoff, PolicyVersion, Step, Turn
from handoffs.states import State
from handoffs.transitions import Stale
from tests.conftest import reload

MINUTE = timedelta(minutes=1)
TOLD = "Ann hasn’t been able to answer you yet, and we’re sorry."
CALLED = f"{TOLD} We’ve asked the person in charge to find someone for you."


def write(handoff: Handoff, text: str = "Are you still there?") -> None:
    turns.take(reload(handoff).conversation, text)


def answer(handoff: Handoff, agent: Agent, text: str = "I am looking at your two charges.") -> Turn:
    return receiving.say(reload(handoff), agent, text)


def later(handoff: Handoff, by: timedelta) -> Handoff:
    """The handoff when so much time has passed, after the sweep: everything of it is so much older."""
    Turn.objects.filter(conversation=handoff.conversation_id).update(at=_before("at", by))
    Step.objects.filter(handoff=handoff).update(at=_before("at", by))
    aged = {name: _before(name, by) for name in ("created_at", "claimed_at", "alarmed_at", "snoozed_until")}
    Handoff.objects.filter(pk=handoff.pk).update(**aged, due_at=timezone.now())
    tasks.sweep()
    return reload(handoff)


def _before(name: str, by: timedelta) -> Any:
    return F(name) - by


def calls(handoff: Handoff) -> int:
    return handoff.steps.filter(verb="unanswered").count()


def said(handoff: Handoff) -> str:
    turn = reload(handoff).conversation.turns.last()
    assert turn is not None
    return turn.text


def test_who_waits_too_long_for_an_answer_is_told_and_a_lead_is_called_once(claimed: Handoff, ann: Agent, cara: Agent) -> None:
    answer(claimed, ann)
    write(claimed)
    assert calls(later(claimed, 9 * MINUTE)) == 0
    assert (calls(later(claimed, 2 * MINUTE)), said(claimed)) == (1, CALLED)
    write(claimed)
    assert calls(later(claimed, 30 * MINUTE)) == 1


def test_without_a_lead_at_work_nobody_is_said_to_be_called(claimed: Handoff) -> None:
    assert (calls(later(claimed, 11 * MINUTE)), said(claimed)) == (1, TOLD)


def test_an_agent_who_claims_and_says_nothing_owes_the_first_word(claimed: Handoff, cara: Agent) -> None:
    assert calls(later(claimed, 9 * MINUTE)) == 0
    assert calls(later(claimed, 2 * MINUTE)) == 1


def test_what_was_answered_is_owed_no_more(claimed: Handoff, ann: Agent) -> None:
    write(claimed)
    answer(claimed, ann)
    assert calls(later(claimed, 60 * MINUTE)) == 0


def test_what_comes_after_the_answer_is_owed_anew(claimed: Handoff, ann: Agent, cara: Agent) -> None:
    later(claimed, 11 * MINUTE)
    answer(claimed, ann)
    write(claimed)
    assert calls(later(claimed, 11 * MINUTE)) == 2


def test_who_is_called_back_is_rung_up_and_not_written_to(claimed: Handoff) -> None:
    Handoff.objects.update(called_back_at=timezone.now())
    assert calls(later(claimed, 60 * MINUTE)) == 0
    write(claimed)
    assert calls(later(claimed, 11 * MINUTE)) == 1


@pytest.mark.parametrize("tell", [True, False], ids=["told by when", "not told"])
def test_what_was_put_aside_is_owed_once_its_time_has_come(claimed: Handoff, ann: Agent, tell: bool) -> None:
    snoozing.snooze(claimed, ann, timezone.now() + 30 * MINUTE, tell=tell)
    assert calls(later(claimed, 39 * MINUTE)) == 0
    assert calls(later(claimed, 2 * MINUTE)) == 1


def test_letters_may_take_hours(claimed: Handoff, ann: Agent) -> None:
    Conversation.objects.update(reply_by_email="amara@example.com", page_open_until=timezone.now() - MINUTE)
    write(claimed)
    assert calls(later(claimed, 3 * 60 * MINUTE)) == 0
    assert calls(later(claimed, 61 * MINUTE)) == 1


def test_thanks_are_no_question(claimed: Handoff, ann: Agent, cara: Agent) -> None:
    answer(claimed, ann)
    write(claimed, "Great, thank you so much Ann!")
    assert calls(later(claimed, 60 * MINUTE)) == 0
    write(claimed, "Wait, which of the two charges is it?")
    assert calls(later(claimed, 9 * MINUTE)) == 0
    assert (calls(later(claimed, 2 * MINUTE)), said(claimed)) == (1, CALLED)


def test_what_ended_with_thanks_and_was_never_resolved_is_brought_back_without_a_word(claimed: Handoff, ann: Agent, cara: Agent) -> None:
    answer(claimed, ann)
    write(claimed, "Thanks, bye")
    assert (calls(later(claimed, 5 * 60 * MINUTE)), said(claimed)) == (1, "Thanks, bye")


def test_a_policy_may_call_nobody(claimed: Handoff, policy: Callable[..., PolicyVersion]) -> None:
    policy(answer_within=0)
    assert calls(later(claimed, 24 * 60 * MINUTE)) == 0


def test_an_agent_who_works_over_the_api_is_looked_at_each_minute(handoff: Handoff, ann: Agent) -> None:
    Agent.objects.filter(pk=ann.pk).update(lease_until=timezone.now() + 10 * MINUTE)
    ann.refresh_from_db()
    receiving.claim(handoff, ann)
    assert due_in(handoff) <= 60
    assert due_in(later(handoff, MINUTE)) <= 60


def due_in(handoff: Handoff) -> float:
    due = reload(handoff).due_at
    assert due is not None
    return (due - timezone.now()).total_seconds()


def test_its_agent_and_every_lead_are_called_until_it_is_answered(claimed: Handoff, ann: Agent, bob: Agent, cara: Agent) -> None:
    later(claimed, 11 * MINUTE)
    called = [Calls(str(agent.pk)).parts()["alarms"] for agent in (ann, bob, cara)]
    assert ["Your answer is overdue" in called[0], "call--alarm" in called[1], "Ann hasn’t answered" in called[2]] == [True, False, True]
    assert "Amara Osei, with Ann" in Wall("all").parts()["wall-risks"]
    answer(claimed, ann)
    assert not any("call--alarm" in Calls(str(agent.pk)).parts()["alarms"] for agent in (ann, cara))
    assert "Every promise is safe" in Wall("all").parts()["wall-risks"]


def test_a_lead_gives_it_back_to_the_queue(claimed: Handoff, cara: Agent, signed_in: Any) -> None:
    later(claimed, 11 * MINUTE)
    page = signed_in(cara).post(f"/handoffs/{claimed.pk}/release/?from=wall&seen={reload(claimed).conversation.epoch}")
    now = reload(claimed)
    assert (page["Location"], now.state, now.agent) == ("/wall/", State.WAITING, None)
    assert said(claimed).startswith("Ann had to pass this on. You’re at the front of the line for Plans and billing")


def test_no_colleague_gives_back_what_is_not_theirs(claimed: Handoff, bob: Agent) -> None:
    with pytest.raises(Stale):
        receiving.release(claimed, bob)
