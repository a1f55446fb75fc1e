"""What an agent owes an answer: nobody is left without one, and without anybody having been told."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import F
from django.db.models.functions import Least
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from console.streams.calls import Calls
from console.streams.wall import Wall
from handoffs import offers, passing, receiving, snoozing, tasks, turns, unanswered, waiting_room
from handoffs.models import Agent, Conversation, Handoff, PolicyVersion, Step, Team, Turn
from handoffs.states import State
from tests.conftest import reload
from tests.console.api_caller import Caller

MINUTE = timedelta(minutes=1)
TOLD = "Ann hasn’t been able to answer you yet, and we’re sorry."
CALLED = f"{TOLD} We’ve asked the person in charge to find someone for you."


def write(handoff: Handoff, text: str = "Are you still there?") -> None:
    turns.take(reload(handoff).conversation, text)


def answer(handoff: Handoff, agent: Agent, text: str = "I am looking at your two charges.") -> Turn:
    return receiving.say(reload(handoff), agent, text)


def later(handoff: Handoff, by: timedelta, looked: bool = True) -> Handoff:
    """The handoff when so much time has passed, after the sweep: everything of it is so much older."""
    for rows in (Turn.objects.filter(conversation=handoff.conversation_id), Step.objects.filter(handoff=handoff)):
        rows.update(at=F("at") - by)
    for step in Step.objects.filter(handoff=handoff, verb="snoozed"):
        step.detail["until"] = (datetime.fromisoformat(step.detail["until"]) - by).isoformat()
        step.save()
    Handoff.objects.filter(pk=handoff.pk).update(**{name: F(name) - by for name in ("created_at", "claimed_at", "alarmed_at", "snoozed_until")})
    if looked:
        look(handoff)
    return reload(handoff)


def look(handoff: Handoff) -> None:
    Handoff.objects.filter(pk=handoff.pk).update(due_at=Least(F("due_at"), timezone.now()))
    tasks.sweep()


def calls(handoff: Handoff) -> int:
    return handoff.steps.filter(verb="unanswered").count()


def said(handoff: Handoff) -> str:
    turn = reload(handoff).conversation.turns.last()
    assert turn is not None
    return turn.text


def told(handoff: Handoff) -> bool:
    return "hasn’t been able to answer you yet" in said(handoff)


def test_its_agent_and_leads_are_called_and_some_time_later_the_customer_is_told_each_once(claimed: Handoff, ann: Agent, cara: Agent) -> None:
    answer(claimed, ann)
    write(claimed)
    assert calls(later(claimed, 9 * MINUTE)) == 0
    assert (calls(later(claimed, 2 * MINUTE)), told(claimed)) == (1, False)
    assert (calls(later(claimed, 5 * MINUTE)), said(claimed)) == (1, CALLED)
    write(claimed)
    assert (calls(later(claimed, 30 * MINUTE)), told(claimed)) == (1, False)


def test_without_a_lead_at_work_nobody_is_said_to_be_called(claimed: Handoff) -> None:
    later(claimed, 11 * MINUTE)
    later(claimed, 5 * MINUTE)
    assert said(claimed) == TOLD


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


def test_what_its_agent_says_needs_no_answer_is_owed_no_more_until_more_is_said(claimed: Handoff, ann: Agent, bob: Agent, signed_in: Any) -> None:
    later(claimed, 11 * MINUTE)
    receiving.saw(reload(claimed), ann, reload(claimed).conversation.last_number)
    assert [signed_in(agent).post(f"/handoffs/{claimed.pk}/settle/").status_code for agent in (bob, ann)] == [409, 303]
    assert (calls(later(claimed, 60 * MINUTE)), told(claimed), list(unanswered.called())) == (1, False, [])
    write(claimed)
    assert calls(later(claimed, 11 * MINUTE)) == 2


def test_what_came_unread_is_not_settled(claimed: Handoff, ann: Agent, key: Callable[..., str]) -> None:
    read = reload(claimed).conversation.last_number
    write(claimed)
    status = Caller(key(agent=ann)).post(f"/handoffs/{claimed.pk}/settle", {"heard": read})[0]
    assert (status, calls(later(claimed, 11 * MINUTE))) == (200, 1)


def test_who_is_called_back_is_rung_up_and_not_written_to(claimed: Handoff) -> None:
    Conversation.objects.update(reply_by_phone="+49 30 1234567")
    Handoff.objects.update(called_back_at=timezone.now())
    assert calls(later(claimed, 60 * MINUTE)) == 0
    write(claimed)
    assert calls(later(claimed, 11 * MINUTE)) == 1


def test_who_is_called_back_by_letter_is_owed_the_first_word(claimed: Handoff) -> None:
    Handoff.objects.update(called_back_at=timezone.now())
    assert calls(later(claimed, 11 * MINUTE)) == 1


@pytest.mark.parametrize("tell", [True, False], ids=["told by when", "not told"])
def test_what_was_put_aside_is_owed_once_its_time_has_come(claimed: Handoff, ann: Agent, tell: bool) -> None:
    snoozing.snooze(claimed, ann, timezone.now() + 30 * MINUTE, tell=tell)
    assert calls(later(claimed, 29 * MINUTE)) == 0
    assert calls(later(claimed, 2 * MINUTE)) == 0
    receiving.saw(reload(claimed), ann, 1)
    assert calls(later(claimed, 7 * MINUTE)) == 0
    assert calls(later(claimed, 3 * MINUTE)) == 1


def test_what_was_put_aside_and_answered_is_owed_no_more(claimed: Handoff, ann: Agent) -> None:
    snoozing.snooze(claimed, ann, timezone.now() + 30 * MINUTE)
    later(claimed, 10 * MINUTE)
    answer(claimed, ann)
    later(claimed, 25 * MINUTE)
    assert calls(later(claimed, 60 * MINUTE)) == 0


def test_who_writes_to_somebody_who_put_it_aside_waits_from_then_on(claimed: Handoff, ann: Agent, cara: Agent) -> None:
    snoozing.snooze(claimed, ann, timezone.now() + 120 * MINUTE, tell=False)
    later(claimed, 60 * MINUTE)
    write(claimed)
    assert calls(later(claimed, 9 * MINUTE)) == 0
    assert calls(later(claimed, 2 * MINUTE)) == 1


@pytest.mark.parametrize("again", [False, True], ids=["once", "and again without a word"])
def test_who_was_told_by_when_is_owed_it_then_whatever_they_thanked_for(claimed: Handoff, ann: Agent, again: bool) -> None:
    snoozing.snooze(claimed, ann, timezone.now() + 30 * MINUTE)
    write(claimed, "ok thanks")
    if again:
        snoozing.snooze(reload(claimed), ann, timezone.now() + 35 * MINUTE, tell=False)
    assert calls(later(claimed, 38 * MINUTE)) == 0
    assert calls(later(claimed, 3 * MINUTE)) == 1


def test_an_undone_transfer_ends_what_was_put_aside(claimed: Handoff, ann: Agent, teams: dict[str, Team]) -> None:
    snoozing.snooze(claimed, ann, timezone.now() + 24 * 60 * MINUTE, tell=False)
    passing.transfer(reload(claimed), ann, teams["technical"])
    passing.undo(reload(claimed), ann)
    assert calls(later(claimed, 11 * MINUTE)) == 1


def test_what_was_settled_before_does_not_end_what_is_put_aside_since(claimed: Handoff, ann: Agent) -> None:
    unanswered.settle(claimed, ann)
    write(claimed)
    snoozing.snooze(reload(claimed), ann, timezone.now() + 60 * MINUTE, tell=False)
    assert calls(later(claimed, 59 * MINUTE)) == 0
    assert calls(later(claimed, 12 * MINUTE)) == 1


def test_thanks_to_who_has_only_claimed_it_are_no_answer(claimed: Handoff) -> None:
    write(claimed, "ok thanks")
    assert calls(later(claimed, 11 * MINUTE)) == 1


def test_who_comes_and_goes_is_told_once(claimed: Handoff, cara: Agent) -> None:
    for _ in range(4):
        Conversation.objects.update(page_open_until=timezone.now() - MINUTE)
        waiting_room.see_who_left()
        Conversation.objects.update(page_open_until=timezone.now() + 60 * MINUTE)
        waiting_room.see_who_left()
        later(claimed, 8 * MINUTE)
    assert [claimed.steps.filter(verb=verb).count() for verb in ("came_back", "unanswered", "apologised")] == [4, 1, 1]


def test_letters_may_take_hours_of_the_team(claimed: Handoff, ann: Agent) -> None:
    Conversation.objects.update(medium="email", reply_by_email="amara@example.com")
    write(claimed)
    assert calls(later(claimed, 3 * 60 * MINUTE)) == 0
    in_days = f"{timezone.now() + timedelta(days=3):%a}".lower()
    Team.objects.update(hours={in_days: [["09:00", "17:00"]]})
    assert calls(later(claimed, 2 * 60 * MINUTE)) == 0
    Team.objects.update(hours={})
    assert calls(later(claimed, MINUTE)) == 1


def test_who_comes_back_to_the_page_waits_there_from_then_on(claimed: Handoff, ann: Agent) -> None:
    Conversation.objects.update(reply_by_email="amara@example.com", page_open_until=timezone.now() - MINUTE)
    write(claimed)
    waiting_room.see_who_left()
    later(claimed, 60 * MINUTE)
    Conversation.objects.update(page_open_until=timezone.now() + 60 * MINUTE)
    waiting_room.see_who_left()
    assert calls(later(claimed, 9 * MINUTE)) == 0
    assert calls(later(claimed, 2 * MINUTE)) == 1


def test_after_a_standstill_people_are_called_and_nobody_is_told_of_an_answer_missed_long_ago(claimed: Handoff, cara: Agent) -> None:
    later(claimed, 24 * 60 * MINUTE)
    assert (calls(later(claimed, 10 * MINUTE)), told(claimed)) == (1, False)


def test_thanks_are_no_question(claimed: Handoff, ann: Agent, cara: Agent) -> None:
    answer(claimed, ann)
    write(claimed, "Great, thank you so much Ann!")
    assert calls(later(claimed, 60 * MINUTE)) == 0
    write(claimed, "Wait, which of the two charges is it?")
    assert calls(later(claimed, 9 * MINUTE)) == 0
    assert calls(later(claimed, 2 * MINUTE)) == 1


def test_what_ended_with_thanks_and_was_never_resolved_is_brought_back_without_a_word(claimed: Handoff, ann: Agent, cara: Agent) -> None:
    answer(claimed, ann)
    write(claimed, "Thanks, bye")
    later(claimed, 5 * 60 * MINUTE)
    assert (calls(later(claimed, 95 * MINUTE)), said(claimed)) == (1, "Thanks, bye")


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


def take_from(handoff: Handoff, client: Client) -> HttpResponse:
    return client.post(f"/handoffs/{handoff.pk}/take-from/?seen={reload(handoff).conversation.epoch}", headers={"Referer": "http://testserver/wall/"})


def test_a_lead_gives_it_back_to_the_queue_and_it_is_not_offered_to_the_same_agent(claimed: Handoff, cara: Agent, signed_in: Any) -> None:
    Team.objects.update(push=True)
    later(claimed, 11 * MINUTE)
    page = take_from(claimed, signed_in(cara))
    offers.deal(frozenset({"billing"}))
    now = reload(claimed)
    assert (page["Location"], now.state, now.agent, now.offered_to) == ("http://testserver/wall/", State.WAITING, None, None)
    assert said(claimed).startswith("Ann had to pass this on. You’re at the front of the line for Plans and billing")


@pytest.mark.parametrize("deal", [
    answer, unanswered.settle, lambda handoff, agent: snoozing.snooze(handoff, agent, timezone.now() + MINUTE),
], ids=["answered", "settled", "put aside"])  # fmt: skip
def test_what_was_just_dealt_with_is_not_taken_back(claimed: Handoff, ann: Agent, cara: Agent, signed_in: Any, deal: Callable[..., object]) -> None:
    later(claimed, 11 * MINUTE)
    deal(reload(claimed), ann)
    page = take_from(claimed, signed_in(cara))
    assert (page.status_code, reload(claimed).agent) == (409, ann)


def test_no_colleague_gives_back_what_is_not_theirs(claimed: Handoff, bob: Agent, signed_in: Any) -> None:
    assert (take_from(claimed, signed_in(bob)).status_code, reload(claimed).state) == (403, State.CLAIMED)
