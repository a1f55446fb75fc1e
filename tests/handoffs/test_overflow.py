"""What waits where nobody here may take it: the overflow, asking for less, and honest words, once."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from console.streams.wall import Wall
from handoffs import claiming, duties, hours, learning, overflow, quality, receiving, tasks, waiting_room
from handoffs.models import Agent, Example, Handoff, Letter, Step, Team, Turn
from handoffs.states import State
from tests.conftest import reload

LONG_AGO = timedelta(minutes=10)
NEVER_OPEN_NOW = {day: [["00:00", "24:00"]] for day in hours.DAYS}
HandOff = Callable[..., Handoff]


def closed(team: Team, **columns: Any) -> Team:
    """The team, with hours and a holiday today."""
    now = timezone.now()
    days = [(now + timedelta(days=ahead)).date().isoformat() for ahead in (-1, 0)]
    Team.objects.filter(pk=team.pk).update(hours=NEVER_OPEN_NOW, holidays=days, **columns)
    return Team.objects.get(pk=team.pk)


def waited(handoff: Handoff, **columns: Any) -> Handoff:
    """As if it had come ten minutes ago, with nobody heard of since."""
    earlier = {name: getattr(handoff, name) - LONG_AGO for name in ("created_at", "waiting_since", "rank_at", "promise_due_at")}
    Handoff.objects.filter(pk=handoff.pk).update(**earlier, **columns)
    Step.objects.filter(handoff=handoff).update(at=handoff.created_at - LONG_AGO)
    return reload(handoff)


def left(agent: Agent, ago: timedelta) -> Agent:
    Agent.objects.filter(pk=agent.pk).update(lease_until=timezone.now() - ago)
    return agent


def verbs(handoff: Handoff) -> list[str]:
    return list(handoff.steps.values_list("verb", flat=True))


@pytest.fixture
def to_general(teams: dict[str, Team]) -> Team:
    """The general team, to which billing overflows after two minutes."""
    Team.objects.filter(code="billing").update(overflow_team=teams["general"])
    return teams["general"]


@pytest.fixture
def gina(person: Callable[..., Agent]) -> Agent:
    return person("gina", "general")


def test_a_team_nobody_came_to_passes_to_its_overflow_with_the_waiting_time_kept(hand_off: HandOff, to_general: Team, gina: Agent) -> None:
    before = waited(hand_off())
    tasks.pass_on()
    now = reload(before)
    assert (now.team, now.state, now.waiting_since, now.promise_due_at) == (to_general, State.WAITING, before.waiting_since, before.promise_due_at)
    assert now.steps.get(verb="overflowed").detail == {"from": "billing", "team": "general"}
    told = now.conversation.turns.last()
    assert (told.kind, told.text) == (Turn.Kind.MOVED, "Nobody from Plans and billing is here right now, so Customer care takes this over. "
                                      "They have the whole chat. You’re next in line.")


def test_two_sweeps_pass_on_and_tell_once(hand_off: HandOff, to_general: Team, gina: Agent) -> None:
    handoff = waited(hand_off())
    both = [*overflow.stranded(timezone.now()), *overflow.stranded(timezone.now())]
    duties.each(both, overflow.send_on)
    assert (len(both), verbs(handoff).count("overflowed"), handoff.conversation.turns.filter(kind=Turn.Kind.MOVED).count()) == (2, 1, 1)


@pytest.mark.parametrize(("gone", "moves"), [(60, False), (130, True)], ids=["a minute ago", "two minutes ago"])
def test_it_waits_as_long_as_the_team_says_for_somebody_to_come_back(hand_off: HandOff, to_general: Team, gina: Agent, ann: Agent, gone: int,
                                                                     moves: bool) -> None:
    handoff = waited(hand_off())
    left(ann, timedelta(seconds=gone))
    tasks.pass_on()
    assert (reload(handoff).team == to_general) is moves


def test_what_has_just_come_waits_too(hand_off: HandOff, to_general: Team, gina: Agent) -> None:
    handoff = hand_off()
    tasks.pass_on()
    assert reload(handoff).team.code == "billing"


@pytest.mark.parametrize("status", ["available", "busy"])
def test_while_somebody_is_here_nothing_overflows(hand_off: HandOff, to_general: Team, gina: Agent, ann: Agent, status: str) -> None:
    Agent.objects.filter(pk=ann.pk).update(status=status, capacity=0)
    handoff = waited(hand_off())
    tasks.pass_on()
    assert reload(handoff).team.code == "billing"


def test_a_chain_of_overflows_ends_where_somebody_is_and_never_turns_in_a_circle(hand_off: HandOff, teams: dict[str, Team], dan: Agent) -> None:
    for code, to in (("billing", "general"), ("general", "technical"), ("technical", "billing")):
        Team.objects.filter(code=code).update(overflow_team=teams[to])
    handoff = waited(hand_off())
    tasks.pass_on()
    assert reload(handoff).team == teams["technical"]
    left(dan, LONG_AGO)
    tasks.pass_on()
    assert reload(handoff).team == teams["technical"]


def test_skills_nobody_here_has_are_asked_for_no_more(hand_off: HandOff, ann: Agent) -> None:
    handoff = waited(hand_off(), skills={"refunds": 3})
    assert claiming.claim_next(ann) is None
    tasks.pass_on()
    assert (reload(handoff).skills, reload(handoff).steps.get(verb="asks_less").detail["skills"]) == ({}, {"refunds": 3})
    assert claiming.claim_next(ann) == handoff


def test_somebody_able_in_the_overflow_is_better_than_asking_for_less(hand_off: HandOff, to_general: Team, ann: Agent, gina: Agent) -> None:
    Agent.objects.filter(pk=gina.pk).update(skills={"refunds": 4})
    handoff = waited(hand_off(), skills={"refunds": 3})
    tasks.pass_on()
    assert (reload(handoff).team, reload(handoff).skills) == (to_general, {"refunds": 3})


def test_who_is_able_and_was_here_a_moment_ago_is_waited_for(hand_off: HandOff, ann: Agent, bob: Agent) -> None:
    Agent.objects.filter(pk=bob.pk).update(skills={"refunds": 4})
    left(bob, timedelta(seconds=60))
    handoff = waited(hand_off(), skills={"refunds": 3})
    tasks.pass_on()
    assert reload(handoff).skills == {"refunds": 3}


def test_where_nobody_comes_at_all_the_customer_is_told_once(hand_off: HandOff, ann: Agent) -> None:
    handoff = waited(hand_off())
    left(ann, LONG_AGO)
    for _ in range(3):
        tasks.pass_on()
        Handoff.objects.filter(pk=handoff.pk).update(due_at=timezone.now() - LONG_AGO)
        tasks.sweep()
    said = handoff.conversation.turns.filter(kind=Turn.Kind.CHECK_IN)
    assert [turn.text for turn in said] == ["This is taking longer than we want it to, and we’re sorry. "
                                            "Nobody from Plans and billing is at their desk right now. "
                                            "Your place is kept: leave an e-mail and close this page, choose a time for a callback, or stay here."]
    assert verbs(handoff).count("nobody_here") == 1


def test_who_was_told_so_at_once_is_not_told_again_and_gets_no_letters(hand_off: HandOff) -> None:
    handoff = waited(hand_off())
    waiting_room.leave_email(handoff.conversation, "amara@example.com")
    Step.objects.filter(handoff=handoff, verb="nobody_here").update(at=timezone.now())
    tasks.pass_on()
    Handoff.objects.filter(pk=handoff.pk).update(due_at=timezone.now() - LONG_AGO)
    tasks.sweep()
    assert (handoff.conversation.turns.filter(kind=Turn.Kind.CHECK_IN).count(), Letter.objects.count()) == (0, 0)
    assert reload(handoff).due_at > timezone.now()


def test_news_goes_on_once_somebody_is_back(hand_off: HandOff, ann: Agent) -> None:
    left(ann, LONG_AGO)
    handoff = hand_off()
    left(ann, -LONG_AGO)
    Handoff.objects.filter(pk=handoff.pk).update(due_at=timezone.now() - LONG_AGO)
    tasks.sweep()
    assert handoff.conversation.turns.last().text == "Someone from Plans and billing is here now. You’re next in line."


def test_who_heard_that_somebody_is_back_is_told_when_they_leave_again(hand_off: HandOff, ann: Agent) -> None:
    left(ann, LONG_AGO)
    handoff = hand_off()
    for ago in (-LONG_AGO, LONG_AGO, LONG_AGO):
        left(ann, ago)
        Handoff.objects.filter(pk=handoff.pk).update(due_at=timezone.now() - LONG_AGO)
        tasks.sweep()
    said = handoff.conversation.turns.filter(kind=Turn.Kind.CHECK_IN)
    assert ["Nobody from" in turn.text for turn in said] == [False, True]


def test_a_closed_team_says_when_it_opens(hand_off: HandOff, teams: dict[str, Team]) -> None:
    closed(teams["billing"], time_zone="UTC")
    handoff = hand_off()
    assert ("Plans and billing is closed right now. We’re back tomorrow at 0:00 UTC. "
            "Your place is kept: leave an e-mail and close this page, choose a time for a callback, or stay here."
            in handoff.conversation.turns.last().text)
    assert handoff.steps.get(verb="nobody_here").detail["opens"].endswith(" 00:00:00")


def after_holidays(team: Team, days: int) -> None:
    """Closed today, and on so many days more."""
    now = timezone.now()
    holidays = [(now + timedelta(days=ahead)).date().isoformat() for ahead in range(-1, days + 1)]
    Team.objects.filter(pk=team.pk).update(hours=NEVER_OPEN_NOW, holidays=holidays, time_zone="UTC")


def told_so(handoff: Handoff, **ago: float) -> Handoff:
    """As if they had been told that somebody is here at a time that is so long over."""
    until = timezone.now() - timedelta(**ago)
    return waited(handoff, told=f"1  {until:%Y-%m-%dT%H:%MZ} nobody")


def heard(handoff: Handoff) -> list[str]:
    """What its customer hears of the wait after that, in three rounds of all that looks at it."""
    for _ in range(3):
        tasks.offer()
        tasks.pass_on()
        tasks.notice()
        Handoff.objects.filter(pk=handoff.pk).update(due_at=timezone.now() - timedelta(seconds=1))
        tasks.sweep()
    return [turn.text for turn in handoff.conversation.turns.filter(kind=Turn.Kind.CHECK_IN)]


KEPT = "Your place is kept: leave an e-mail and close this page, choose a time for a callback, or stay here."


def test_a_time_that_was_told_and_is_put_off_is_corrected_once(hand_off: HandOff, teams: dict[str, Team]) -> None:
    after_holidays(teams["billing"], 0)
    handoff = hand_off()
    after_holidays(teams["billing"], 1)
    day = (timezone.now() + timedelta(days=2)).strftime("%A")
    assert heard(handoff) == [f"This takes longer than we said, and we’re sorry. Plans and billing is closed right now. "
                              f"We’re back on {day} at 0:00 UTC. {KEPT}"]


def test_an_earlier_time_is_said_once_without_a_sorry(hand_off: HandOff, teams: dict[str, Team]) -> None:
    after_holidays(teams["billing"], 1)
    handoff = hand_off()
    after_holidays(teams["billing"], 0)
    assert heard(handoff) == [f"Plans and billing is closed right now. We’re back tomorrow at 0:00 UTC. {KEPT}"]


def test_who_left_hears_of_another_time_by_letter(hand_off: HandOff, teams: dict[str, Team]) -> None:
    after_holidays(teams["billing"], 0)
    handoff = hand_off()
    waiting_room.leave_email(handoff.conversation, "amara@example.com")
    after_holidays(teams["billing"], 1)
    heard(handoff)
    assert ["We’re back on" in letter.turn.text for letter in Letter.objects.all()] == [True]


def test_another_end_of_the_break_is_said_once(hand_off: HandOff, ann: Agent) -> None:
    now = timezone.now()
    Agent.objects.filter(pk=ann.pk).update(status="away", status_since=now - LONG_AGO, back_at=now + timedelta(hours=1))
    handoff = hand_off()
    Agent.objects.filter(pk=ann.pk).update(back_at=now + timedelta(hours=2))
    Handoff.objects.filter(pk=handoff.pk).update(waiting_since=now - LONG_AGO)
    assert [text.startswith("This takes longer than we said, and we’re sorry.") for text in heard(handoff)] == [True]


def test_where_nobody_came_at_the_time_that_was_told_a_supervisor_is_called_and_it_is_said_once(hand_off: HandOff, cara: Agent) -> None:
    handoff = told_so(hand_off(), minutes=4)
    assert heard(handoff) == ["This is taking longer than it should, and we’re sorry. We’ve asked the person in charge to find someone for you. "
                              f"Nobody from Plans and billing is at their desk right now. {KEPT}"]
    assert verbs(handoff).count("alarmed") == 1


@pytest.mark.parametrize(("minutes", "said"), [(1, 0), (4, 1)], ids=["a minute late", "four minutes late"])
def test_where_a_supervisor_was_called_before_the_customer_hears_it_all_the_same(hand_off: HandOff, minutes: int, said: int) -> None:
    handoff = told_so(hand_off(), minutes=minutes)
    Handoff.objects.filter(pk=handoff.pk).update(alarmed_at=timezone.now() - timedelta(minutes=5))
    sorry = f"This takes longer than we said, and we’re sorry. Nobody from Plans and billing is at their desk right now. {KEPT}"
    assert heard(handoff) == [sorry] * said


def test_who_is_here_at_the_time_that_was_told_is_all_that_is_said(hand_off: HandOff, ann: Agent) -> None:
    handoff = told_so(hand_off(), minutes=4)
    assert heard(handoff)[0].endswith("You’re next in line.")
    assert "alarmed" not in verbs(handoff)


def test_a_closed_team_names_the_city_whose_clock_it_means(teams: dict[str, Team]) -> None:
    said = waiting_room.words("check_in", someone_here=False, **waiting_room.opening(closed(teams["billing"], time_zone="Africa/Abidjan")))
    assert "We’re back tomorrow at 0:00 Abidjan time." in said


def test_who_works_late_is_here_all_the_same(hand_off: HandOff, teams: dict[str, Team], ann: Agent) -> None:
    closed(teams["billing"])
    assert waiting_room.outlook(hand_off())["someone_here"] is True


def test_what_comes_to_a_closed_team_goes_to_its_overflow_at_once(hand_off: HandOff, to_general: Team, teams: dict[str, Team], gina: Agent) -> None:
    closed(teams["billing"])
    handoff = hand_off()
    assert (handoff.team, handoff.steps.get(verb="handed_off").detail["instead_of"]) == (to_general, "billing")


def test_a_team_that_has_closed_is_not_waited_for(hand_off: HandOff, to_general: Team, teams: dict[str, Team], gina: Agent, ann: Agent) -> None:
    handoff = hand_off()
    closed(teams["billing"])
    left(ann, timedelta(seconds=1))
    tasks.pass_on()
    assert reload(handoff).team == to_general


def test_broken_hours_never_stop_a_handoff(hand_off: HandOff, teams: dict[str, Team]) -> None:
    Team.objects.update(hours={"mon": "always"}, holidays="none", time_zone="Nowhere/At all", languages=[])
    assert hand_off().state == State.WAITING


def test_where_one_overflowed_to_teaches_nothing(hand_off: HandOff, to_general: Team, gina: Agent) -> None:
    handoff = waited(hand_off())
    tasks.pass_on()
    receiving.claim(reload(handoff), gina)
    receiving.resolve(reload(handoff), gina)
    assert learning.look_back() == 0


def test_looking_costs_the_same_however_much_is_told(hand_off: HandOff, django_assert_max_num_queries: Any) -> None:
    for _ in range(6):
        hand_off()
    Handoff.objects.update(waiting_since=timezone.now() - LONG_AGO)
    with django_assert_max_num_queries(5):
        assert list(overflow.stranded(timezone.now())) == []


def test_what_an_agent_passed_on_came_to_the_wrong_team(hand_off: HandOff, teams: dict[str, Team], ann: Agent, bob: Agent, cara: Agent) -> None:
    wrong, released, spread, _ = (hand_off() for _ in range(4))
    for handoff, agent, team in ((wrong, ann, teams["technical"]), (spread, cara, teams["general"])):
        receiving.transfer(handoff, agent, team)
    receiving.claim(released, bob)
    receiving.release(reload(released), bob)
    found = quality.wrong_queues(timezone.now() - timedelta(days=7))
    assert (found.whole, found.pairs) == (quality.Rate(1, 4), [(("Billing", "Technical"), 1)])
    learning.look_back()
    assert list(Example.objects.values_list("intent", "source")) == [("technical", Example.Source.CORRECTION)]


def test_what_overflowed_was_no_mistake(hand_off: HandOff, teams: dict[str, Team], to_general: Team, gina: Agent) -> None:
    handoff = waited(hand_off())
    tasks.pass_on()
    receiving.transfer(reload(handoff), gina, teams["billing"])
    assert quality.wrong_queues(timezone.now() - timedelta(days=7)).whole == quality.Rate(0, 1)


def test_the_wall_shows_who_is_closed_where_nobody_is_and_what_came_wrong(hand_off: HandOff, teams: dict[str, Team], ann: Agent, dan: Agent) -> None:
    closed(teams["fraud"], time_zone="UTC")
    receiving.transfer(hand_off(), ann, teams["general"])
    parts = Wall("all").parts()
    rows = dict(re.findall(r'<th scope="row">(.*?)<br>(.*?)</th>', parts["wall-teams"], re.S))
    assert {name for name, words in rows.items() if "no one here" in words} == {"Fraud &amp; security", "General"}
    assert {name for name, words in rows.items() if "teams__nobody" in words} == {"General"}
    assert {name for name, words in rows.items() if "closed until" in words} == {"Fraud &amp; security"}
    assert "Billing to General (1)" in parts["wall-quality"]


def test_when_a_whole_queue_is_stranded_it_is_told_in_turns(hand_off: HandOff, ann: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        waited(hand_off())
    left(ann, LONG_AGO)
    monkeypatch.setattr(tasks, "AT_ONCE", 2)
    told = []
    for _ in range(3):
        tasks.pass_on()
        told.append(Turn.objects.filter(kind=Turn.Kind.CHECK_IN).count())
    assert told == [2, 3, 3]
