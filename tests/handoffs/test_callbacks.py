"""Callbacks: times in a team's hours, kept once each, reminded of once, and work for the team when they come."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from django.utils import timezone

from handoffs import calling_back, handback, hours, receiving, tasks, turns, waiting_room
from handoffs.models import Agent, Callback, Conversation, Handoff, Letter, Team
from handoffs.states import Owner, State
from handoffs.transitions import Stale
from handoffs.waiting_room import callbacks, slots
from handoffs.waiting_room.calendar import ics
from handoffs.waiting_room.callbacks import Unfit
from tests.conftest import reload

HALF_HOUR = timedelta(minutes=30)
BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = {"sat": [["22:00", "06:00"]]}


def week(spans: dict[str, Any]) -> hours.Hours:
    return hours.read(spans, [], "Europe/Berlin", UTC)


def local(moments: list[datetime]) -> list[str]:
    return [f"{moment.astimezone(BERLIN):%a %H:%M %Z}" for moment in moments]


def begin_at(callback: Callback) -> None:
    Callback.objects.filter(pk=callback.pk).update(at=timezone.now() - timedelta(seconds=1), due_at=timezone.now() - timedelta(seconds=1))
    tasks.sweep()


@pytest.fixture
def soon(teams: dict[str, Team]) -> datetime:
    return callbacks.times(teams["billing"])[2]


@pytest.fixture
def callback(handoff: Handoff, soon: datetime) -> Callback:
    return callbacks.book(handoff.conversation, soon, phone="+49 30 901820", zone="Europe/Madrid")


def test_an_hour_that_is_skipped_is_offered_to_nobody_and_one_that_comes_twice_twice() -> None:
    spring = local(slots.offered(week(NIGHT), datetime(2027, 3, 27, 23, 30, tzinfo=UTC), HALF_HOUR))
    autumn = local(slots.offered(week(NIGHT), datetime(2026, 10, 24, 22, 30, tzinfo=UTC), HALF_HOUR))
    assert spring[:5] == ["Sun 01:00 CET", "Sun 01:30 CET", "Sun 03:00 CEST", "Sun 03:30 CEST", "Sun 04:00 CEST"]
    assert autumn[1:8] == ["Sun 01:30 CEST", "Sun 02:00 CEST", "Sun 02:30 CEST", "Sun 02:00 CET", "Sun 02:30 CET", "Sun 03:00 CET", "Sun 03:30 CET"]


def test_the_last_time_ends_before_the_team_closes() -> None:
    found = local(slots.offered(week({"mon": [["09:00", "10:45"]]}), datetime(2026, 11, 23, 5, tzinfo=UTC), HALF_HOUR))
    assert found[:3] == ["Mon 09:00 CET", "Mon 09:30 CET", "Mon 10:00 CET"]
    assert found[3] == "Mon 09:00 CET"


def test_booking_takes_the_customer_out_of_line_and_keeps_them_with_the_assistant(callback: Callback, handoff: Handoff) -> None:
    now = reload(handoff)
    assert (now.state, now.conversation.owner, now.steps.last().verb) == (State.HANDED_BACK, Owner.ASSISTANT, "booked")
    said = now.conversation.turns.last()
    assert f"{callback.at.astimezone(ZoneInfo('Europe/Madrid')):%-H:%M} (Europe/Madrid), at +49 30 901820." in said.text


@pytest.mark.parametrize(("at", "why"), [
    (lambda now: now - timedelta(days=1), "past"),
    (lambda now: now + timedelta(days=400), "outside"),
    (lambda now: now + timedelta(hours=30, seconds=1), "outside"),
])
def test_a_time_that_cannot_be_had_is_refused_and_the_place_stays(handoff: Handoff, at: Callable[[datetime], datetime], why: str) -> None:
    with pytest.raises(Unfit) as refused:
        callbacks.book(handoff.conversation, at(timezone.now()), phone="+49 30 901820")
    assert (refused.value.why, reload(handoff).state) == (why, State.WAITING)


def test_a_closed_hour_is_refused(handoff: Handoff, teams: dict[str, Team]) -> None:
    now = timezone.now()
    other_day = (now + timedelta(days=3)).strftime("%a").lower()
    Team.objects.filter(pk=teams["billing"].pk).update(hours={other_day: [["09:00", "17:00"]]})
    noon = (now + timedelta(days=2)).replace(hour=12, minute=0, second=0, microsecond=0)
    with pytest.raises(Unfit, match="outside"):
        callbacks.book(handoff.conversation, noon, phone="030 901820")


def test_a_time_is_given_to_no_more_customers_than_the_team_takes(hand_off: Callable[..., Handoff], teams: dict[str, Team], soon: datetime) -> None:
    first, second, third = (hand_off().conversation for _ in range(3))
    for conversation in (first, second):
        callbacks.book(conversation, soon, email="amara@example.com")
    assert soon not in callbacks.times(teams["billing"])
    with pytest.raises(Unfit, match="full"):
        callbacks.book(third, soon, email="amara@example.com")


def test_somebody_must_be_reached(handoff: Handoff, soon: datetime) -> None:
    for phone, why in (("", "reach"), ("call me", "phone"), ("12", "phone")):
        with pytest.raises(Unfit, match=why):
            callbacks.book(handoff.conversation, soon, phone=phone)


def test_an_address_given_anew_is_told_though_the_one_before_bounced(handoff: Handoff, soon: datetime) -> None:
    Conversation.objects.update(reply_by_email="gone@example.com", reply_failed_at=timezone.now(), reply_failed_why="no such user")
    conversation = Conversation.objects.get()
    with pytest.raises(Unfit, match="reach"):
        callbacks.book(conversation, soon)
    callbacks.book(conversation, soon, email="amara@example.com")
    conversation.refresh_from_db()
    assert (conversation.reply_failed_at, conversation.reply_failed_why) == (None, "")
    assert list(Letter.objects.values_list("to", "turn__kind")) == [("amara@example.com", "booked")]


def test_an_address_given_anew_gets_what_was_said_while_the_one_before_took_nothing(claimed: Handoff, ann: Agent, teams: dict[str, Team]) -> None:
    Conversation.objects.update(reply_by_email="gone@example.com", reply_failed_at=timezone.now())
    receiving.say(claimed, ann, "It is order 4711.")
    receiving.release(reload(claimed), ann)
    callbacks.book(reload(claimed).conversation, callbacks.times(teams["billing"])[2], email="amara@example.com")
    assert "It is order 4711." in Letter.objects.filter(to="amara@example.com").values_list("turn__text", flat=True)


def test_what_is_booked_by_phone_leaves_a_bounced_address_as_it_was(handoff: Handoff, soon: datetime) -> None:
    Conversation.objects.update(reply_by_email="gone@example.com", reply_failed_at=timezone.now())
    callbacks.book(handoff.conversation, soon, phone="+49 30 901820")
    assert (Conversation.objects.get().reply_failed_at is None, Letter.objects.count()) == (False, 0)


def test_with_a_person_there_is_nothing_to_book(claimed: Handoff, soon: datetime) -> None:
    with pytest.raises(Stale):
        callbacks.book(claimed.conversation, soon, phone="030 901820")


def test_it_is_moved_and_cancelled(callback: Callback, handoff: Handoff, teams: dict[str, Team]) -> None:
    later = callbacks.times(teams["billing"])[6]
    moved = callbacks.book(reload(handoff).conversation, later)
    assert (moved.pk, moved.at, moved.moved, Callback.objects.count()) == (callback.pk, later, 1, 1)
    assert callbacks.cancel(handoff.conversation)
    assert not callbacks.cancel(handoff.conversation)
    assert Callback.objects.get().state == Callback.State.CANCELLED


@pytest.mark.parametrize("slot", [2, 6], ids=["the same time", "another time"])
def test_who_waits_again_and_chooses_a_time_leaves_the_line_and_keeps_the_better_place(
    callback: Callback, handoff: Handoff, teams: dict[str, Team], slot: int
) -> None:
    turns.ask_for_person(Conversation.objects.get(pk=handoff.conversation_id))
    now = callbacks.book(Conversation.objects.get(pk=handoff.conversation_id), callbacks.times(teams["billing"])[slot])
    again, conversation = Handoff.objects.exclude(pk=handoff.pk).get(), Conversation.objects.get(pk=handoff.conversation_id)
    said = conversation.turns.get(number=conversation.last_number).text
    assert (again.state, conversation.owner, now.asked_in, "is moved" in said) == (State.HANDED_BACK, Owner.ASSISTANT, handoff, slot == 6)


def test_shortly_before_it_the_phone_can_still_be_changed(callback: Callback, handoff: Handoff) -> None:
    at = timezone.now() + timedelta(minutes=5)
    Callback.objects.update(at=at)
    callbacks.book(Conversation.objects.get(pk=handoff.conversation_id), at, phone="+49 30 112233")
    assert (Callback.objects.get().phone, Callback.objects.get().at) == ("+49 30 112233", at)


def test_who_changes_only_the_phone_is_not_reminded_again(callback: Callback, handoff: Handoff) -> None:
    callbacks.remind(callback)
    reminded = Callback.objects.get()
    callbacks.book(Conversation.objects.get(pk=handoff.conversation_id), callback.at, phone="+49 30 112233")
    now = Callback.objects.get()
    assert (now.phone, now.due_at, now.reminded_at) == ("+49 30 112233", callback.at, reminded.reminded_at)


def test_the_reminder_names_the_phone_as_it_is_by_then(callback: Callback, handoff: Handoff) -> None:
    callbacks.book(Conversation.objects.get(pk=handoff.conversation_id), callback.at, phone="+49 30 112233")
    assert (callbacks.remind(callback), "+49 30 112233" in reload(handoff).conversation.turns.last().text) == (True, True)


def test_a_phone_that_is_changed_as_it_begins_is_the_one_called(callback: Callback) -> None:
    Callback.objects.filter(pk=callback.pk).update(at=timezone.now(), due_at=timezone.now())
    (due,) = calling_back.due()
    Callback.objects.update(phone="+49 30 112233")
    assert calling_back.work(due) is None
    tasks.sweep()
    assert "+49 30 112233" in [fact.value for fact in Handoff.objects.get(called_back_at__isnull=False).what_to_know.facts]


def test_the_customer_is_reminded_once(callback: Callback, handoff: Handoff) -> None:
    Callback.objects.filter(pk=callback.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    first, second = (Callback.objects.select_related("team", "conversation").get(pk=callback.pk) for _ in range(2))
    assert [callbacks.remind(first), callbacks.remind(second)] == [True, False]
    assert Callback.objects.get().due_at == callback.at


def test_at_its_time_it_waits_for_the_team_with_the_place_it_had(callback: Callback, handoff: Handoff, hand_off: Callable[..., Handoff]) -> None:
    other = hand_off()
    begin_at(callback)
    tasks.sweep()
    again = Handoff.objects.get(called_back_at__isnull=False)
    assert (again.team, again.state, again.follows, waiting_room.place(again), waiting_room.place(other)) == (handoff.team, State.WAITING, handoff, 1, 2)
    assert "+49 30 901820" in [fact.value for fact in again.what_to_know.facts]
    assert Handoff.objects.count() == 3


def test_what_is_said_at_its_time_is_the_place_it_had(callback: Callback, hand_off: Callable[..., Handoff], ann: Agent) -> None:
    for _ in range(3):
        hand_off()
    begin_at(callback)
    again = Handoff.objects.get(called_back_at__isnull=False)
    said = again.conversation.turns.get(kind="handed_off", number__gt=3).text
    assert (again.first_place, again.told_place, waiting_room.place(again), "You’re next in line." in said) == (1, 1, 1, True)


@pytest.mark.parametrize(("status", "calls"), [("available", 0), ("busy", 1), ("away", 1)])
def test_a_callback_that_nobody_is_free_for_calls_a_supervisor_at_once(callback: Callback, ann: Agent, status: str, calls: int) -> None:
    Agent.objects.update(status=status)
    begin_at(callback)
    for _ in range(2):
        tasks.offer()
    again = Handoff.objects.get(called_back_at__isnull=False)
    said = [turn.text.startswith("We said we’d be in touch by now, and nobody is free yet. We’re sorry.") for turn in again.conversation.turns.all()]
    assert (again.steps.filter(verb="alarmed").count(), sum(said)) == (calls, calls)


def test_a_callback_calls_a_supervisor_though_the_team_has_closed_meanwhile(callback: Callback, teams: dict[str, Team]) -> None:
    now = timezone.now()
    days = [(now + timedelta(days=ahead)).date().isoformat() for ahead in (-1, 0, 1)]
    Team.objects.update(hours={day: [["00:00", "24:00"]] for day in hours.DAYS}, holidays=days)
    begin_at(callback)
    tasks.offer()
    assert Handoff.objects.get(called_back_at__isnull=False).alarmed_at is not None


def test_who_came_back_before_is_put_in_front_and_not_handed_over_twice(callback: Callback, handoff: Handoff) -> None:
    turns.ask_for_person(Conversation.objects.get(pk=handoff.conversation_id))
    begin_at(callback)
    assert Handoff.objects.filter(conversation=handoff.conversation_id).count() == 2
    assert Handoff.objects.get(called_back_at__isnull=False).rank_at == handoff.rank_at


def test_what_is_about_to_end_is_waited_for(callback: Callback, handoff: Handoff, cara: Agent) -> None:
    turns.ask_for_person(Conversation.objects.get(pk=handoff.conversation_id))
    again = Handoff.objects.get(conversation=handoff.conversation_id, ended_at=None)
    receiving.claim(again, cara)
    receiving.resolve(reload(again), cara)
    begin_at(callback)
    assert Callback.objects.get(pk=callback.pk).state == Callback.State.BOOKED


@pytest.mark.parametrize(("hands_back", "state"), [(False, Callback.State.CANCELLED), (True, Callback.State.BOOKED)], ids=["closed", "handed back"])
def test_what_an_agent_closes_is_called_back_no_more(callback: Callback, handoff: Handoff, cara: Agent, hands_back: bool, state: str) -> None:
    turns.ask_for_person(Conversation.objects.get(pk=handoff.conversation_id))
    again = Handoff.objects.get(conversation=handoff.conversation_id, ended_at=None)
    receiving.claim(again, cara)
    receiving.resolve(reload(again), cara, hands_back=hands_back)
    handback.finish(reload(again))
    said = [turn.text for turn in reload(handoff).conversation.turns.all()]
    assert (Callback.objects.get().state, any("is cancelled." in text for text in said)) == (state, not hands_back)


def test_moved_it_keeps_to_the_hours_of_its_own_team(callback: Callback, handoff: Handoff, teams: dict[str, Team]) -> None:
    Team.objects.exclude(pk=callback.team_id).update(hours={"mon": [["09:00", "09:01"]]})
    Handoff.objects.update(team=teams["technical"])
    moved = callbacks.book(Conversation.objects.get(pk=handoff.conversation_id), callbacks.times(teams["billing"])[6])
    assert (moved.pk, moved.team, moved.moved) == (callback.pk, callback.team, 1)


def test_a_quiet_conversation_is_not_closed_while_a_callback_is_booked(callback: Callback, handoff: Handoff) -> None:
    Conversation.objects.update(last_turn_at=timezone.now() - timedelta(days=3))
    tasks.tidy()
    assert Conversation.objects.get(pk=handoff.conversation_id).owner == Owner.ASSISTANT


def test_the_calendar_has_the_moment_and_its_newest_version(callback: Callback) -> None:
    event = icalendar.Calendar.from_ical(ics(callback, "Alder Home help")).walk("VEVENT")[0]
    assert (event.decoded("dtstart"), int(event["sequence"]), str(event["status"])) == (callback.at, 0, "CONFIRMED")
    assert str(event["summary"]) == "Call from Alder Home help"


def test_who_leaves_the_line_is_out_of_it(hand_off: Callable[..., Handoff]) -> None:
    back, gone = hand_off(), hand_off()
    waiting_room.go_back(back.conversation)
    waiting_room.withdraw(gone.conversation)
    assert [(reload(row).state, reload(row).conversation.owner) for row in (back, gone)] == [
        (State.HANDED_BACK, Owner.ASSISTANT), (State.CLOSED, Owner.NOBODY)]


def test_a_person_who_was_faster_keeps_the_customer(handoff: Handoff, ann: Agent) -> None:
    receiving.claim(reload(handoff), ann)
    for leave in (waiting_room.go_back, waiting_room.withdraw):
        with pytest.raises(Stale):
            leave(handoff.conversation)
