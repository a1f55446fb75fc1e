"""What customers send without words is never left lying: it is answered, watched or handed over, and what is not kept they are told of."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from django.utils import timezone

from handoffs import arrivals, clock, files, mail_addresses, receiving, tasks, turns
from handoffs.arrivals import rows
from handoffs.models import Agent, Assistant, Conversation, Handoff, InboundMail, Letter, ProposalRecord, Turn
from handoffs.states import Owner

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 50
PHONE = "+447700900123"
PICTURE = [("photo.png", PNG)]
ASKED = ("I have what you sent, but I can only read messages. Tell me in a few words what it’s about, "
         "or ask for a person: they can look at it.")
NOT_KEPT = "We couldn’t keep what you just sent. Please tell us in words what it’s about."


@pytest.fixture(autouse=True)
def _switched_on(settings: Any) -> None:
    settings.FILES = True
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.SMS_FROM = "AC1", "token", "+447700900000"


@pytest.fixture
def talking(start: Callable[..., Conversation], front_desk: Assistant) -> Conversation:
    """With the built-in assistant."""
    return start(answered_by=front_desk)


def now(conversation: Conversation) -> Conversation:
    return Conversation.objects.select_related("customer", "answered_by").get(pk=conversation.pk)


def answer(conversation: Conversation) -> list[str]:
    """What the assistant has said once it answered what is due or soon will be."""
    Conversation.objects.filter(reply_due_at__isnull=False).update(reply_due_at=clock.now())
    tasks.answer()
    return list(conversation.turns.filter(author="assistant").order_by("number").values_list("text", flat=True))


def test_the_built_in_assistant_asks_what_a_picture_is_about(talking: Conversation) -> None:
    files.send(talking, PICTURE)
    assert answer(talking) == [ASKED]
    assert (now(talking).silence_due_at, now(talking).owner) == (None, Owner.ASSISTANT)


def test_words_that_follow_a_picture_are_answered_with_it(talking: Conversation) -> None:
    files.send(talking, PICTURE)
    assert (tasks.answer(), now(talking).last_number) == (None, 1)
    turns.take(now(talking), "How do I cancel my Pro plan?")
    assert answer(talking)[0].startswith("Open Settings, then Plan")
    assert now(talking).last_number == 3


def test_pictures_one_after_the_other_are_asked_about_once(talking: Conversation) -> None:
    for number in range(3):
        files.send(now(talking), PICTURE, client_id=f"f-{number}")
    assert (answer(talking), answer(talking)) == ([ASKED], [ASKED])


def test_a_picture_in_answer_to_that_goes_to_a_person(talking: Conversation) -> None:
    for number in range(2):
        files.send(now(talking), PICTURE, client_id=f"f-{number}")
        answer(talking)
    assert (Handoff.objects.get().trigger, now(talking).owner) == ("repeated_failure", Owner.TEAM)


def test_a_picture_after_words_that_were_answered_is_asked_about(talking: Conversation) -> None:
    turns.take(talking, "How do I cancel my Pro plan?")
    answer(talking)
    files.send(now(talking), PICTURE)
    assert answer(talking)[1:] == [ASKED]


def test_a_copilot_that_cannot_read_it_calls_a_person(talking: Conversation, front_desk: Assistant) -> None:
    Assistant.objects.update(copilot=True)
    files.send(talking, PICTURE)
    answer(talking)
    assert (Handoff.objects.get().trigger, ProposalRecord.objects.count()) == ("copilot", 0)
    files.send(now(talking), PICTURE)
    assert (answer(talking), ProposalRecord.objects.count()) == ([], 0)


def test_an_outside_assistant_that_says_nothing_to_a_picture_is_relieved(conversation: Conversation) -> None:
    files.send(conversation, PICTURE)
    assert now(conversation).silence_due_at is not None
    Conversation.objects.update(silence_due_at=clock.now())
    tasks.sweep()
    assert Handoff.objects.get().trigger == "assistant_failed"


def test_a_picture_for_people_owes_no_answer_of_an_assistants(handoff: Handoff, ann: Agent) -> None:
    receiving.claim(handoff, ann)
    files.send(now(handoff.conversation), PICTURE)
    assert (now(handoff.conversation).silence_due_at, now(handoff.conversation).owner) == (None, Owner.AGENT)


def test_a_mail_with_nothing_but_a_picture_is_answered(talking: Conversation) -> None:
    rows.say(talking, "", PICTURE, rows.key_of("1"))
    assert answer(talking) == [ASKED]


def test_a_picture_that_came_along_with_words_is_answered_with_them(talking: Conversation) -> None:
    turns.take(talking, "How do I cancel my Pro plan?")
    answer(talking)
    rows.say(now(talking), "", PICTURE, rows.key_of("1"), beside=True)
    assert (now(talking).last_number, now(talking).silence_due_at, len(answer(talking))) == (3, None, 1)


@pytest.mark.usefixtures("teams")
def test_a_first_message_with_a_recording_alone_is_told_that_it_was_not_taken(settings: Any) -> None:
    settings.FILES = False
    for message_id in ("MM1", "MM1", "MM2"):
        arrivals.take_message("sms", PHONE, "", message_id, [f"{settings.TWILIO_BASE_URL}/2010-04-01/Accounts/AC1/Messages/{message_id}/Media/1"])
    assert [(turn.kind, turn.text) for turn in Turn.objects.all()] == [("notice", NOT_KEPT)]
    assert [(letter.to, letter.medium) for letter in Letter.objects.all()] == [(PHONE, "sms")]


def test_who_waits_hears_too_that_it_was_not_taken_and_people_know(handoff: Handoff) -> None:
    rows.say(handoff.conversation, "", [("voice.ogg", b"OggS" + b"\0" * 60)], rows.key_of("1"))
    assert handoff.conversation.turns.latest("number").text == NOT_KEPT
    assert handoff.steps.get(verb="media_not_taken").note == "1 attached, none kept"


def test_a_mail_whose_attachment_is_not_kept_is_answered_in_the_customers_language(start: Callable[..., Conversation], settings: Any) -> None:
    settings.MAIL_REPLY_ADDRESS = "reply@mail.example"
    conversation, mail = start(language="de", reply_by_email="amara@example.com"), EmailMessage()
    mail["To"], mail["Message-ID"] = mail_addresses.address(conversation.pk, timezone.now()), "<1@example.com>"
    mail.add_attachment(b"MZ" + b"\0" * 60, maintype="application", subtype="octet-stream", filename="photo.exe")
    assert arrivals.take_mail(mail.as_bytes()).result == InboundMail.Result.NOTHING
    assert Letter.objects.get().turn.text == "Was Sie gerade geschickt haben, konnten wir nicht behalten. Bitte schreiben Sie uns, worum es geht."


def test_who_sends_a_picture_is_reachable_again(settings: Any, front_desk: Assistant, teams: Any) -> None:
    arrivals.take_message("sms", PHONE, "Hello", "MM1")
    Conversation.objects.update(reply_failed_at=clock.now(), reply_failed_why="30003")
    arrivals.take_message("sms", PHONE, "", "MM2", [f"{settings.TWILIO_BASE_URL}/2010-04-01/Accounts/AC1/Messages/MM2/Media/1"])
    assert Conversation.objects.get().reply_failed_at is None
