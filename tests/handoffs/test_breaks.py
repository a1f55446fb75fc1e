"""What agents say of their own times: over by itself, counted on by the estimate, and read by customers who find nobody here."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from math import inf
from zoneinfo import ZoneInfo

import pytest

from handoffs import breaks, clock, handback, roster, waiting_room
from handoffs.models import Agent, Handoff, Team
from handoffs.transitions import Forbidden
from handoffs.waiting_room.reading import Reading

HOUR = timedelta(hours=1)


def spans() -> list[tuple[tuple[float, float], ...]]:
    """When each agent of the snapshot begins something new, in hours."""
    return [tuple((round(begin / 3600, 2), round(end / 3600, 2)) for begin, end in server.shifts) for server in Reading(clock.now()).queue.servers]


def test_who_is_here_until_then_begins_nothing_after_it(ann: Agent) -> None:
    breaks.say(ann, clock.now() + 2 * HOUR, None)
    assert spans() == [((0.0, 2.0),)]


def test_who_is_back_from_a_break_begins_something_then(ann: Agent, bob: Agent) -> None:
    roster.set_status(bob, "away")
    breaks.say(bob, clock.now() + 3 * HOUR, clock.now() + HOUR)
    assert spans() == [((0.0, inf),), ((1.0, 3.0),)]


def test_a_break_is_no_help_to_the_place_in_line(handoff: Handoff, ann: Agent) -> None:
    roster.set_status(ann, "away")
    breaks.say(ann, None, clock.now() + HOUR)
    assert Reading(clock.now()).places == {str(handoff.pk): 1}


def test_who_comes_back_from_a_break_still_has_what_they_kept(claimed: Handoff, ann: Agent) -> None:
    roster.set_status(ann, "away")
    breaks.say(ann, None, clock.now() + HOUR)
    assert [len(server.held) for server in Reading(clock.now()).queue.servers] == [1]


def test_what_is_past_is_over(ann: Agent) -> None:
    past = clock.now() - timedelta(seconds=1)
    Agent.objects.filter(pk=ann.pk).update(leaves_at=past, back_at=past, status="away")
    ann.refresh_from_db()
    assert (breaks.leaves_at(ann, clock.now()), breaks.back_at(ann, clock.now()), spans()) == (None, None, [])


def test_who_is_at_work_again_is_back(ann: Agent) -> None:
    roster.set_status(ann, "away")
    breaks.say(ann, None, clock.now() + HOUR)
    roster.set_status(ann, "available")
    assert Agent.objects.get(pk=ann.pk).back_at is None


@pytest.mark.parametrize("ahead", [-HOUR, 19 * HOUR], ids=["past", "too far"])
def test_a_time_that_nobody_means_is_refused(ann: Agent, ahead: timedelta) -> None:
    with pytest.raises(Forbidden):
        breaks.say(ann, clock.now() + ahead, None)


def test_a_clock_time_is_the_next_one_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2031, 5, 4, 14, 30, tzinfo=UTC))
    paris = ZoneInfo("Europe/Paris")
    found = [breaks.next_at(said, paris) for said in (time(18), time(2))]
    assert found == [datetime(2031, 5, 4, 18, tzinfo=paris), datetime(2031, 5, 5, 2, tzinfo=paris)]
    with pytest.raises(Forbidden, match="16:29 is over"):
        breaks.next_at(time(16, 29), paris)
    assert breaks.next_at(time(16, 29), paris, datetime(2031, 5, 4, 14, 29, tzinfo=UTC)) is None


def test_who_is_back_while_the_team_is_closed_is_there_when_it_opens(teams: dict[str, Team], ann: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2031, 5, 2, 14, 30, tzinfo=UTC))  # a Friday
    billing = teams["billing"]
    billing.hours, billing.time_zone = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}, "UTC"
    roster.set_status(ann, "away")
    found = []
    for back in (datetime(2031, 5, 2, 15, tzinfo=UTC), datetime(2031, 5, 3, 8, tzinfo=UTC)):
        breaks.say(ann, None, back)
        found.append(waiting_room.opening(billing)["opens"])
    assert found == [datetime(2031, 5, 2, 15), datetime(2031, 5, 5, 9)]


def test_a_customer_who_finds_nobody_reads_when_somebody_is_back(hand_off: Callable[..., Handoff], ann: Agent, bob: Agent, teams: dict[str, Team]) -> None:
    for agent, hours in ((ann, 3), (bob, 2)):
        roster.set_status(agent, "away")
        breaks.say(agent, None, clock.now() + hours * HOUR)
    handoff = hand_off()
    back = bob.back_at.astimezone(teams["billing"].opening_hours.zone) if bob.back_at else clock.now()
    view = waiting_room.outlook(handoff)
    assert (view["opens"].hour, view["closed"], f"at {back:%-H:%M}" in waiting_room.words("_nobody", handoff.conversation, **view)) == (back.hour, False, True)


def test_who_is_handed_back_hears_until_when_the_agent_is_here(claimed: Handoff, ann: Agent) -> None:
    until = clock.now() + 2 * HOUR
    breaks.say(ann, until, None)
    handback.hand_back(Handoff.objects.select_related("conversation", "agent", "team").get(pk=claimed.pk), ann)
    said = claimed.conversation.turns.get(kind="handed_back").text
    assert said == f"Ann handed you back to Juniper for the wrap-up. Ann is here until {until:%H:%M} UTC."
