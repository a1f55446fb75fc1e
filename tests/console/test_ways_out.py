"""The customer's ways out of the wait, on the page: without scripts, at wrong times, from wrong addresses, and too often."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from console.streams.customer import CustomerPage
from handoffs import addresses, attending, receiving, tasks, turns
from handoffs.models import Agent, Assistant, Callback, Conversation, Handoff, Rating, Team, Turn
from handoffs.snapshots import Proposal
from handoffs.states import Owner, State
from handoffs.waiting_room import callbacks
from tests.conftest import reload

HandOff = Callable[..., Handoff]


def url(conversation: Conversation, act: str = "") -> str:
    return f"/c/{addresses.token(conversation.pk)}/{f'{act}/' if act and '.' not in act else act}"


def shown(client: Client, conversation: Conversation) -> str:
    return client.get(url(conversation)).content.decode()


@pytest.fixture
def web(client: Client) -> Client:
    return client


@pytest.fixture
def time(teams: dict[str, Team]) -> datetime:
    return callbacks.times(teams["billing"])[1]


def test_the_page_of_times_keeps_the_widgets_chat_and_offers_every_language(web: Client, handoff: Handoff) -> None:
    page = web.get(url(handoff.conversation, "callback")).content.decode()
    assert "data-gone" not in page
    assert set(re.findall(r'<button type="submit" form="([\w-]+)"', page)) == set(re.findall(r'<form id="([\w-]+)"', page)) == {"speak-form"}


def test_a_callback_is_chosen_booked_shown_and_cancelled_without_scripts(web: Client, handoff: Handoff, time: datetime) -> None:
    conversation = handoff.conversation
    assert f'<option value="{time.isoformat()}"' in web.get(url(conversation, "callback")).content.decode()
    answer = web.post(url(conversation, "callback"), {"at": time.isoformat(), "phone": "+49 30 901820", "zone": "Europe/Madrid"})
    assert (answer.status_code, answer["Location"]) == (303, f"{url(conversation)}#booked")
    page = shown(web, conversation)
    assert "Plans and billing calls you at +49 30 901820" in page
    assert "(Europe/Madrid)" in page
    assert b"BEGIN:VCALENDAR" in web.get(url(conversation, "callback.ics")).content
    web.post(url(conversation, "callback"), {"cancel": "1"})
    assert Callback.objects.get().state == Callback.State.CANCELLED


@pytest.mark.parametrize(("at", "words"), [
    (lambda: (timezone.now() - timedelta(days=1)).isoformat(), "That time is over."),
    (lambda: (timezone.now() + timedelta(days=300)).isoformat(), "We can’t take that time."),
    (lambda: "2027-03-28T02:30:00", "We can’t take that time."),
    (lambda: "nonsense", "We can’t take that time."),
    (lambda: "9999-12-31T23:59:59-23:59", "We can’t take that time."),
])
def test_a_time_that_cannot_be_had_is_said_kindly_and_what_was_typed_stays(web: Client, handoff: Handoff, at: Callable[[], str], words: str) -> None:
    answer = web.post(url(handoff.conversation, "callback"), {"at": at(), "phone": "030 901820"})
    assert (answer.status_code, words in answer.content.decode(), "030 901820" in answer.content.decode()) == (422, True, True)
    assert reload(handoff).state == State.WAITING


@pytest.mark.parametrize("ahead", [None, timedelta(minutes=5)], ids=["at its time", "shortly before"])
def test_who_changes_only_the_phone_keeps_the_time(web: Client, handoff: Handoff, time: datetime, ahead: timedelta | None) -> None:
    Team.objects.update(callback_limit=1)
    callbacks.book(handoff.conversation, time, phone="+49 30 901820")
    if ahead:
        Callback.objects.update(at=timezone.now() + ahead)
    at = Callback.objects.get().at.isoformat()
    page = web.get(url(handoff.conversation, "callback")).content.decode()
    assert re.findall(r'<option value="([^"]+)" selected', page) == [at]
    web.post(url(handoff.conversation, "callback"), {"at": at, "phone": "+49 30 112233"})
    assert (Callback.objects.get().at.isoformat(), Callback.objects.get().phone) == (at, "+49 30 112233")


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(seconds=-1)], ids=["booked", "due now"])
def test_what_is_booked_can_be_cancelled_though_no_time_is_left(web: Client, handoff: Handoff, time: datetime, ahead: timedelta) -> None:
    callbacks.book(handoff.conversation, time, phone="+49 30 901820")
    Team.objects.update(callback_limit=0)
    Callback.objects.update(at=timezone.now() + ahead)
    page = web.get(url(handoff.conversation, "callback")).content.decode()
    assert ('name="cancel"' in page, page.count("<option value"), "has no time for a callback" in page) == (True, int(ahead > timedelta(0)), False)


def test_an_offset_of_another_time_zone_is_the_same_moment(web: Client, handoff: Handoff, time: datetime) -> None:
    local = time.astimezone(timezone.get_fixed_timezone(-330)).isoformat()
    web.post(url(handoff.conversation, "callback"), {"at": local, "email": "amara@example.com", "zone": "Not/AZone"})
    assert (Callback.objects.get().at, Callback.objects.get().time_zone) == (time, "")


def test_back_to_the_assistant_and_withdraw_without_scripts(web: Client, hand_off: HandOff) -> None:
    back, gone = hand_off(), hand_off()
    assert web.post(url(back.conversation, "leave"), {"back": "1"}).status_code == 303
    assert web.post(url(gone.conversation, "leave"), {"withdraw": "1"}).status_code == 303
    assert [reload(row).conversation.owner for row in (back, gone)] == [Owner.ASSISTANT, Owner.NOBODY]


def test_the_desk_of_one_who_left_the_line_can_be_read(web: Client, handoff: Handoff, ann: Agent, signed_in: Callable[[Agent], Client]) -> None:
    web.post(url(handoff.conversation, "leave"), {"withdraw": "1"})
    assert signed_in(ann).get(f"/handoffs/{handoff.pk}/").status_code == 200


def test_a_person_who_has_just_joined_is_said_instead(web: Client, handoff: Handoff, ann: Agent) -> None:
    receiving.claim(handoff, ann)
    answer = web.post(url(handoff.conversation, "leave"), {"back": "1"})
    assert (answer.status_code, "a person may have joined you" in answer.content.decode()) == (409, True)


def test_the_offer_of_a_solution_is_shown_with_yes_and_no(web: Client, hand_off: HandOff, front_desk: Assistant, ann: Agent) -> None:
    waits = hand_off(answered_by=front_desk)
    turns.take(reload(waits).conversation, "How do I cancel my plan?")
    tasks.answer()
    assert "Yes, that solves it" in shown(web, waits.conversation)
    assert "Yes, that solves it" in CustomerPage(waits.conversation_id.hex).parts()["offer"]
    offer = attending.solution(reload(waits))
    web.post(url(waits.conversation, "answer"), {"turn": str(offer.number), "yes": "1"})
    assert reload(waits).state == State.HANDED_BACK


def test_the_assistant_alone_is_rated_on_the_page(web: Client, start: Callable[..., Conversation]) -> None:
    conversation = start()
    for asked, answered in (("How do I cancel?", "In your account, under plans."), ("And when does it end?", "With the month.")):
        turns.take(conversation, asked, client_id=asked)
        conversation.refresh_from_db()
        turns.propose(conversation, Proposal(answered, confidence=0.95), client_id=answered)
    assert "our AI, doing?" in shown(web, conversation)
    web.post(url(conversation, "rate"), {"help": "4"})
    assert (Rating.objects.get().help, "Thank you for rating" in shown(web, conversation)) == (4, True)


def test_a_rating_without_a_choice_asks_for_one_and_names_no_button_that_is_not_there(web: Client, conversation: Conversation) -> None:
    answer = web.post(url(conversation, "rate"), headers={"X-Requested-With": "fetch"})
    assert (answer.status_code, answer.content.decode()) == (422, "Please choose an answer.")


def test_an_address_that_is_over_shows_nothing_and_says_so(web: Client, conversation: Conversation) -> None:
    turns.take(conversation, "my secret words")
    Conversation.objects.update(owner=Owner.NOBODY, closed_at=timezone.now() - timedelta(days=91))
    answers = [web.get(url(conversation)), web.post(url(conversation, "say"), {"text": "hello"}), web.get(url(conversation, "callback"))]
    assert [answer.status_code for answer in answers] == [410, 410, 410]
    assert b"secret" not in b"".join(answer.content for answer in answers)
    assert web.get(f"/live/pull/c/{addresses.token(conversation.pk)}/").status_code == 410


def test_messages_that_come_too_fast_are_kept_with_a_kind_word(web: Client, conversation: Conversation, policy: Callable[..., Any]) -> None:
    policy(turns_a_minute=5)
    for number in range(20):
        assert web.post(url(conversation, "say"), {"text": f"hello {number}", "client_id": f"m{number}"}).status_code == 303
    assert conversation.turns.filter(author="customer").count() == 20
    assert "Nothing is lost" in shown(web, conversation)
    assert conversation.turns.filter(kind=Turn.Kind.NOTICE).count() == 1
