"""Teams that give work out: who is offered what, how an offer ends, and who is called when nobody takes it."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from handoffs import claiming, hours, offers, passing, receiving, roster, tasks
from handoffs.models import Agent, Handoff, Offer, PolicyVersion, Team
from handoffs.states import State
from handoffs.transitions import Forbidden, Full, Stale
from tests.conftest import reload

Person = Callable[..., Agent]
HandOff = Callable[..., Handoff]
BILLING = frozenset({"billing"})


@pytest.fixture(autouse=True)
def billing(teams: dict[str, Team]) -> Team:
    """Gives its work out."""
    Team.objects.filter(code="billing").update(push=True)
    return teams["billing"]


def offered(handoff: Handoff) -> str:
    agent = reload(handoff).offered_to
    return agent.username if agent else ""


def pass_time(handoff: Handoff) -> None:
    """Its offer's time is over."""
    Offer.objects.filter(handoff=handoff, outcome="").update(expires_at=timezone.now() - timedelta(seconds=1))


def promised_until(handoff: Handoff, minutes: float) -> None:
    """What was promised is over in so many minutes."""
    Handoff.objects.filter(pk=handoff.pk).update(promise_due_at=timezone.now() + timedelta(minutes=minutes))


def open_since(team: Team, minutes: float) -> None:
    """Opens once a day; a negative number: so many minutes from now."""
    opened = timezone.now() - timedelta(minutes=minutes)
    span = [opened.strftime("%H:%M"), (opened + timedelta(hours=6)).strftime("%H:%M")]
    Team.objects.filter(pk=team.pk).update(hours={day: [span] for day in hours.DAYS}, time_zone="UTC")


def called(handoff: Handoff) -> int:
    """How often a supervisor was called for it, after two looks."""
    tasks.offer()
    tasks.offer()
    return verbs(handoff).count("alarmed")


def outcomes(handoff: Handoff) -> list[tuple[str, str]]:
    return list(handoff.offers.order_by("pk").values_list("agent__username", "outcome"))


def verbs(handoff: Handoff) -> list[str]:
    return list(handoff.steps.values_list("verb", flat=True))


def test_what_waits_is_offered_to_one_who_is_free(handoff: Handoff, ann: Agent) -> None:
    assert (offers.deal(BILLING), offered(handoff), offers.deal(BILLING)) == (1, "ann", 0)
    assert [offer.handoff for offer in offers.open_to(ann)] == [handoff]


def test_teams_whose_agents_choose_are_left_alone(hand_off: HandOff, handoff: Handoff, ann: Agent, billing: Team) -> None:
    Team.objects.update(push=False)
    assert (offers.deal(BILLING), offered(handoff)) == (0, "")


@pytest.mark.parametrize("change", [{"status": "busy"}, {"status": "away"}, {"lease_until": None}, {"is_active": False}, {"capacity": 0}],
                         ids=["busy", "away", "not here", "left", "no room"])
def test_who_may_not_be_given_work_is_offered_nothing(handoff: Handoff, ann: Agent, change: dict[str, Any]) -> None:
    Agent.objects.filter(pk=ann.pk).update(**change)
    assert (offers.deal(BILLING), offered(handoff)) == (0, "")


def test_the_room_an_offer_needs_is_kept(hand_off: HandOff, person: Person) -> None:
    ann = person("ann", "billing", capacity=1)
    first, second = hand_off(), hand_off()
    offers.deal(BILLING)
    assert (offered(first), offered(second)) == ("ann", "")
    with pytest.raises(Full):
        receiving.claim(reload(second), ann)
    receiving.claim(reload(first), ann)
    assert outcomes(first) == [("ann", "accepted")]


def test_what_is_offered_to_somebody_is_not_for_others(handoff: Handoff, ann: Agent, bob: Agent) -> None:
    offers.deal(BILLING)
    other = bob if offered(handoff) == "ann" else ann
    with pytest.raises(Stale, match=f"offered to {offered(handoff).title()}"):
        receiving.claim(handoff, other)
    assert reload(handoff).state == State.WAITING


def test_a_supervisor_may_take_what_is_offered(handoff: Handoff, ann: Agent, cara: Agent) -> None:
    offers.deal(BILLING)
    receiving.claim(reload(handoff), cara)
    assert (reload(handoff).agent, outcomes(handoff), "withdrawn" in verbs(handoff)) == (cara, [("ann", "withdrawn")], True)


def test_a_transfer_withdraws_the_offer(handoff: Handoff, ann: Agent, cara: Agent, teams: dict[str, Team]) -> None:
    offers.deal(BILLING)
    receiving.transfer(reload(handoff), cara, teams["technical"])
    assert (offered(handoff), outcomes(handoff)) == ("", [("ann", "withdrawn")])


def test_declined_it_goes_to_the_next_and_keeps_its_place(handoff: Handoff, ann: Agent, bob: Agent, django_capture_on_commit_callbacks: Any) -> None:
    offers.deal(BILLING)
    first, rank = Offer.objects.get(), handoff.rank_at
    with django_capture_on_commit_callbacks(execute=True):
        offers.decline(first)
    second = Offer.objects.get(outcome="")
    assert {first.agent, second.agent} == {ann, bob}
    assert (reload(handoff).rank_at, reload(handoff).waiting_since) == (rank, handoff.waiting_since)
    with pytest.raises(Stale):
        offers.decline(first)


def test_nobody_is_offered_the_same_twice(handoff: Handoff, ann: Agent, bob: Agent) -> None:
    for _ in range(2):
        offers.deal(BILLING)
        offers.decline(Offer.objects.get(outcome=""))
    assert (offers.deal(BILLING), sorted(outcomes(handoff))) == (0, [("ann", "declined"), ("bob", "declined")])


def test_who_gave_it_up_is_not_offered_it_and_the_supervisor_is_called(handoff: Handoff, ann: Agent, cara: Agent, person: Person) -> None:
    receiving.claim(handoff, ann)
    receiving.release(reload(handoff), ann)
    tasks.offer()
    assert (outcomes(handoff), verbs(handoff).count("alarmed")) == ([], 1)
    person("bob", "billing")
    tasks.offer()
    assert outcomes(handoff) == [("bob", "")]


def test_missed_it_goes_on_and_after_two_in_a_row_the_agent_is_set_away(hand_off: HandOff, ann: Agent) -> None:
    for handoff in (hand_off(), hand_off()):
        offers.deal(BILLING)
        pass_time(handoff)
        tasks.offer()
    ann.refresh_from_db()
    assert (outcomes(handoff), ann.status, ann.status_why, ann.missed_offers) == ([("ann", "missed")], "away", roster.MISSED, 0)


def test_a_miss_is_known_until_the_agent_answers_an_offer(hand_off: HandOff, ann: Agent) -> None:
    def known() -> Handoff | None:
        missed = offers.missed_by(Agent.objects.get(pk=ann.pk))
        return missed and missed.handoff

    first, then = hand_off(), [known()]
    offers.deal(BILLING)
    pass_time(first)
    tasks.offer()
    second = hand_off()
    offers.deal(BILLING)
    then.append(known())
    offers.decline(second.offers.get())
    assert [*then, known()] == [None, first, None]


@pytest.mark.parametrize("come", [lambda eve: roster.set_status(eve, "available"), lambda eve: roster.renew(eve)], ids=["available", "on duty"])
def test_what_everybody_declined_or_missed_is_offered_to_who_comes_and_to_them_alone(
    handoff: Handoff, ann: Agent, bob: Agent, person: Person, come: Callable[[Agent], None], django_capture_on_commit_callbacks: Any
) -> None:
    offers.deal(BILLING)
    offers.decline(Offer.objects.get())
    offers.deal(BILLING)
    pass_time(handoff)
    tasks.offer()
    assert sorted(outcome for _, outcome in outcomes(handoff)) == ["declined", "missed"]
    eve = person("eve", "billing", status="away" if "set_status" in come.__code__.co_names else "available", here="set_status" in come.__code__.co_names)
    with django_capture_on_commit_callbacks(execute=True):
        come(eve)
    for agent in (ann, bob):
        roster.set_status(Agent.objects.get(pk=agent.pk), "available")
    tasks.offer()
    assert (outcomes(handoff)[2:], reload(handoff).alarmed_at is not None) == ([("eve", "")], True)


@pytest.mark.django_db(transaction=True)
def test_who_is_set_away_is_not_asked_once_more(hand_off: HandOff, person: Person) -> None:
    person("ann", "billing", capacity=1, missed_offers=1)
    missed, next_one = hand_off(), hand_off()
    pass_time(missed)
    offers.lapse(offers.lapsed().get())
    assert (outcomes(missed), outcomes(next_one)) == ([("ann", "missed")], [])


def test_an_answer_between_two_misses_keeps_one_available(hand_off: HandOff, ann: Agent) -> None:
    for end in (pass_time, lambda handoff: offers.decline(handoff.offers.get()), pass_time):
        handoff = hand_off()
        offers.deal(BILLING)
        end(handoff)
        tasks.offer()
    ann.refresh_from_db()
    assert (ann.status, ann.missed_offers) == ("available", 1)


@pytest.mark.parametrize("change", [{"lease_until": None}, {"status": "busy"}], ids=["gone", "busy"])
def test_an_offer_moves_on_at_once_when_its_agent_is_not_there(handoff: Handoff, person: Person, change: dict[str, Any]) -> None:
    ann, bob = person("ann", "billing"), person("bob", "billing", status="busy")
    offers.deal(BILLING)
    Agent.objects.filter(pk=ann.pk).update(**change)
    roster.set_status(bob, "available")
    tasks.offer()
    ann.refresh_from_db()
    assert (outcomes(handoff), ann.missed_offers) == ([("ann", "withdrawn"), ("bob", "")], 0)


@pytest.mark.parametrize("late", [False, True])
def test_who_leaves_the_team_is_offered_its_work_no_longer_and_has_missed_nothing(handoff: Handoff, ann: Agent, billing: Team, late: bool) -> None:
    offers.deal(BILLING)
    ann.teams.remove(billing)
    if late:
        pass_time(handoff)
    tasks.offer()
    ann.refresh_from_db()
    assert (outcomes(handoff), ann.missed_offers) == ([("ann", "withdrawn")], 0)


@pytest.mark.parametrize("change", [{"lease_until": None}, {"status": "away"}], ids=["cut off", "away"])
def test_who_was_not_there_for_an_offer_gets_it_again_once_back(handoff: Handoff, ann: Agent, change: dict[str, Any]) -> None:
    offers.deal(BILLING)
    Agent.objects.filter(pk=ann.pk).update(**change)
    tasks.offer()
    assert outcomes(handoff) == [("ann", "withdrawn")]
    Agent.objects.filter(pk=ann.pk).update(lease_until=ann.lease_until, status="available")
    tasks.offer()
    assert (outcomes(handoff), offered(handoff), reload(handoff).alarmed_at) == ([("ann", "")], "ann", None)
    offers.decline(Offer.objects.get())
    tasks.offer()
    assert (outcomes(handoff), verbs(handoff).count("alarmed")) == ([("ann", "declined")], 1)


def test_an_offer_nobody_ended_in_time_keeps_nobody_away(handoff: Handoff, person: Person) -> None:
    person("ann", "billing")
    offers.deal(BILLING)
    pass_time(handoff)
    bob = person("bob", "billing")
    receiving.claim(reload(handoff), bob)
    assert (reload(handoff).agent, outcomes(handoff)) == (bob, [("ann", "missed")])


@pytest.mark.parametrize(("status", "again"), [("available", ""), ("away", "ann")], ids=["there", "away"])
def test_who_let_an_offer_run_out_is_not_asked_again_though_nobody_ended_it(handoff: Handoff, person: Person, status: str, again: str) -> None:
    ann = person("ann", "billing")
    offers.deal(BILLING)
    pass_time(handoff)
    Agent.objects.filter(pk=ann.pk).update(status=status)
    bob = person("bob", "billing")
    receiving.claim(reload(handoff), bob)
    receiving.release(reload(handoff), bob)
    Agent.objects.filter(pk=ann.pk).update(status="available")
    offers.deal(BILLING)
    assert offered(handoff) == again


def test_the_supervisor_is_called_and_the_customer_told_once_when_nobody_is_left(handoff: Handoff, ann: Agent, cara: Agent) -> None:
    offers.deal(BILLING)
    offers.decline(Offer.objects.get())
    tasks.offer()
    tasks.offer()
    said = reload(handoff).conversation.turns.last().text
    assert (verbs(handoff).count("alarmed"), reload(handoff).alarmed_at is not None) == (1, True)
    assert said.startswith("This is taking longer than it should, and we’re sorry. We’ve asked the person in charge to find someone for you.")


def test_a_customer_hears_of_a_supervisor_who_is_here_alone(handoff: Handoff, ann: Agent, cara: Agent) -> None:
    Agent.objects.filter(pk=cara.pk).update(lease_until=None)
    offers.alarm(handoff)
    assert "person in charge" not in reload(handoff).conversation.turns.last().text


def test_what_an_alarm_said_is_not_said_again_by_a_check_in(handoff: Handoff, ann: Agent) -> None:
    Handoff.objects.filter(pk=handoff.pk).update(due_at=timezone.now() - timedelta(seconds=1), told="")
    offers.alarm(reload(handoff))
    tasks.sweep()
    now = reload(handoff)
    assert (now.conversation.turns.filter(kind="check_in").count(), now.told_place, now.told != "") == (1, 1, True)


def test_the_supervisor_is_called_after_so_many_offers_in_vain(handoff: Handoff, ann: Agent, bob: Agent, policy: Callable[..., PolicyVersion]) -> None:
    policy(alarm_after_offers=2)
    called = []
    for _ in range(2):
        offers.deal(BILLING)
        offers.decline(Offer.objects.get(outcome=""))
        called.append(reload(handoff).alarmed_at is not None)
    assert called == [False, True]


def test_the_supervisor_is_called_for_what_goes_round_one_agent(handoff: Handoff, ann: Agent) -> None:
    for _ in range(3):
        tasks.offer()
        assert offered(handoff) == ann.username
        roster.set_status(ann, Agent.Status.BUSY)
        tasks.offer()
        roster.set_status(ann, Agent.Status.AVAILABLE)
    assert verbs(handoff).count("alarmed") == 1


def test_nobody_is_called_while_nobody_is_here(handoff: Handoff, ann: Agent) -> None:
    offers.deal(BILLING)
    Agent.objects.update(lease_until=None)
    tasks.offer()
    assert (outcomes(handoff), reload(handoff).alarmed_at) == ([("ann", "withdrawn")], None)


@pytest.mark.parametrize("push", [True, False], ids=["given out", "taken from the list"])
@pytest.mark.parametrize(("minutes", "calls"), [(1, 0), (-1, 1)], ids=["before the promise is over", "once it is"])
def test_what_everybody_is_too_busy_for_calls_a_supervisor(handoff: Handoff, ann: Agent, push: bool, minutes: float, calls: int) -> None:
    Team.objects.update(push=push)
    Agent.objects.filter(pk=ann.pk).update(status="busy")
    promised_until(handoff, minutes)
    assert called(handoff) == calls


def test_what_was_declined_before_everybody_was_busy_calls_a_supervisor(handoff: Handoff, ann: Agent, bob: Agent) -> None:
    offers.deal(BILLING)
    offers.decline(Offer.objects.get())
    Agent.objects.update(status="busy")
    assert called(handoff) == 1


def test_what_the_last_agent_missed_at_once_calls_a_supervisor_for_each(hand_off: HandOff, ann: Agent) -> None:
    first, second = hand_off(), hand_off()
    offers.deal(BILLING)
    for handoff in (first, second):
        pass_time(handoff)
    assert (called(first), called(second), Agent.objects.get(pk=ann.pk).status) == (1, 1, "away")


def test_what_only_a_busy_agent_is_able_to_take_calls_a_supervisor(handoff: Handoff, person: Person) -> None:
    person("eva", "billing", status="busy", languages={"es": 5})
    person("tom", "billing", languages={"en": 5})
    Handoff.objects.update(language="es")
    promised_until(handoff, -1)
    assert called(handoff) == 1


@pytest.mark.parametrize(("capacity", "calls"), [(0, 1), (1, 0)], ids=["never any room", "none now"])
def test_who_has_no_room_now_is_waited_for(handoff: Handoff, hand_off: HandOff, person: Person, capacity: int, calls: int) -> None:
    ann = person("ann", "billing", capacity=capacity)
    Handoff.objects.filter(pk=hand_off().pk).update(agent=ann, state=State.CLAIMED)
    promised_until(handoff, -1)
    assert called(handoff) == calls


@pytest.mark.parametrize(("opened", "calls"), [(-60, 0), (1, 0), (3, 1)], ids=["closed", "just opened", "open"])
def test_a_team_nobody_came_to_calls_a_supervisor_while_it_is_open(handoff: Handoff, billing: Team, opened: float, calls: int) -> None:
    open_since(billing, opened)
    promised_until(handoff, -1)
    assert called(handoff) == calls


def test_a_closed_team_with_somebody_in_calls_a_supervisor(handoff: Handoff, ann: Agent, billing: Team) -> None:
    open_since(billing, -60)
    Agent.objects.filter(pk=ann.pk).update(status="busy")
    promised_until(handoff, -1)
    assert called(handoff) == 1


@pytest.mark.parametrize(("ago", "calls"), [(1, 0), (3, 1)])
def test_who_was_cut_off_just_now_is_waited_for(handoff: Handoff, ann: Agent, ago: float, calls: int) -> None:
    Agent.objects.filter(pk=ann.pk).update(lease_until=timezone.now() - timedelta(minutes=ago))
    promised_until(handoff, -1)
    assert called(handoff) == calls


def test_what_waits_for_nobody_is_called_out_in_turns(hand_off: HandOff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(offers.forsaken.__globals__, "AT_ONCE", 2)
    for handoff in [hand_off() for _ in range(3)]:
        promised_until(handoff, -1)
    assert [len(offers.forsaken()), called(handoff), len(offers.forsaken())] == [2, 1, 0]


def done(handoff: Handoff, agent: Agent, on_commit: Any) -> None:
    """Claimed and resolved, and what follows from the room that makes."""
    receiving.claim(handoff, agent)
    with on_commit(execute=True):
        receiving.resolve(reload(handoff), agent)


def test_room_made_is_filled_with_the_first_in_line(hand_off: HandOff, person: Person, django_capture_on_commit_callbacks: Any) -> None:
    ann = person("ann", "billing", capacity=1)
    held, first, second = hand_off(), hand_off(), hand_off()
    done(held, ann, django_capture_on_commit_callbacks)
    assert (offered(first), offered(second)) == ("ann", "")


def test_what_comes_back_takes_the_room_of_an_offer(hand_off: HandOff, person: Person, django_capture_on_commit_callbacks: Any) -> None:
    mia = person("mia", "billing", capacity=1)
    first, second = hand_off(), hand_off()
    done(first, mia, django_capture_on_commit_callbacks)
    assert offered(second) == "mia"
    with django_capture_on_commit_callbacks(execute=True):
        passing.undo(reload(first), mia)
    assert (offered(second), outcomes(second), roster.load(mia)) == ("", [("mia", "withdrawn")], 1.0)


def test_an_offer_is_not_taken_over_the_room_that_something_came_back_to(hand_off: HandOff, person: Person, django_capture_on_commit_callbacks: Any) -> None:
    mia = person("mia", "billing", capacity=1)
    first, second = hand_off(), hand_off()
    done(first, mia, django_capture_on_commit_callbacks)
    passing.undo(reload(first), mia)
    with pytest.raises(Full):
        receiving.claim(reload(second), mia)


@pytest.mark.parametrize("come", [lambda ann: roster.set_status(ann, "available"), lambda ann: roster.renew(ann)], ids=["available", "back"])
def test_who_comes_is_offered_work_at_once(handoff: Handoff, person: Person, come: Callable[[Agent], None], django_capture_on_commit_callbacks: Any) -> None:
    ann = person("ann", "billing", here=False)
    Agent.objects.filter(pk=ann.pk).update(status="available")
    if "set_status" in come.__code__.co_names:
        Agent.objects.filter(pk=ann.pk).update(status="away", lease_until=timezone.now() + timedelta(minutes=1))
        ann.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        come(ann)
    assert offered(handoff) == "ann"


def test_what_comes_is_offered_at_once(hand_off: HandOff, ann: Agent, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        handoff = hand_off()
    assert offered(handoff) == "ann"


def test_claim_next_takes_ones_own_offer_and_leaves_others(hand_off: HandOff, person: Person) -> None:
    ann = person("ann", "billing", capacity=1)
    theirs = hand_off()
    offers.deal(BILLING)
    bob = person("bob", "billing", status="busy")
    free = hand_off()
    assert (claiming.claim_next(bob), claiming.claim_next(ann)) == (free, theirs)


def test_claim_next_passes_over_what_one_has_no_skill_for(hand_off: HandOff, ann: Agent) -> None:
    hard, easy = hand_off(), hand_off()
    Handoff.objects.filter(pk=hard.pk).update(skills={"refunds": 3})
    assert claiming.claim_next(ann) == easy


def test_strangers_cannot_take_an_offer(handoff: Handoff, ann: Agent, dan: Agent) -> None:
    offers.deal(BILLING)
    with pytest.raises(Forbidden):
        receiving.accept(Offer.objects.get(), dan)


@pytest.mark.django_db(transaction=True)
def test_many_who_deal_at_once_offer_each_once_and_nobody_too_much(hand_off: HandOff, person: Person, teams: dict[str, Team]) -> None:
    Team.objects.update(push=False)
    handoffs = [hand_off() for _ in range(7)]
    for name, room in (("ann", 1), ("bob", 2), ("eve", 3)):
        person(name, "billing", capacity=room)
    Team.objects.filter(code="billing").update(push=True)
    at_once = Barrier(4)

    def deal(_: int) -> int:
        at_once.wait()
        try:
            return offers.deal(BILLING)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as dealers:
        made = sum(dealers.map(deal, range(4)))
    held = Counter(map(offered, handoffs))
    assert (made, held, Offer.objects.count()) == (6, Counter({"eve": 3, "bob": 2, "ann": 1, "": 1}), 6)
