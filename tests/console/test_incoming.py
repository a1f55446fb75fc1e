"""What providers hand over: read only with the right secret, and short messages both ways."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.message import EmailMessage
from threading import Barrier
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from standardwebhooks import Webhook

from console.views import incoming
from handoffs import arrivals, letters, mail_addresses, turns, waiting_room
from handoffs.conversations import Unfit, find_or_begin
from handoffs.models import Assistant, Conversation, Handoff, InboundMail, Letter, Team
from handoffs.snapshots import Author
from tests.receiver import Receiver, receiving

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes ....").decode()
TOKEN = "twilio-token"


@pytest.fixture(autouse=True)
def _connected(settings: Any) -> None:
    settings.MAIL_REPLY_ADDRESS, settings.MAIL_IN_SECRET = "reply@mail.example", SECRET
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC1", TOKEN
    settings.SMS_FROM, settings.WHATSAPP_FROM = "+447700900000", "+447700900001"


@pytest.fixture
def provider(settings: Any) -> Iterator[Receiver]:
    with receiving() as server:
        settings.TWILIO_BASE_URL = server.url
        yield server


def raw(conversation: Conversation, text: str = "It was order 4711.") -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = "amara@example.com", mail_addresses.address(conversation.pk, timezone.now())
    message["Message-ID"], message["Subject"] = "<m1@example.com>", "Re: help"
    message.set_content(text)
    return message.as_bytes()


def signed(body: bytes, secret: str = SECRET, at: datetime | None = None) -> dict[str, str]:
    at = at or datetime.now(UTC)
    return {"webhook-id": "m1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": Webhook(secret).sign("m1", at, body.decode())}


def handed_over(body: bytes, headers: dict[str, str], kind: str = "message/rfc822") -> Any:
    return Client().generic("POST", "/in/mail/", body, content_type=kind, headers=headers)


def customers_words(conversation: Conversation) -> list[str]:
    return list(conversation.turns.filter(author=Author.CUSTOMER).values_list("text", flat=True))


def test_a_signed_mail_is_taken_once(conversation: Conversation) -> None:
    body = raw(conversation)
    answers = [handed_over(body, signed(body)) for _ in range(2)]
    assert [(each.status_code, each.json()) for each in answers] == [(200, {"result": "taken"})] * 2
    assert customers_words(conversation) == ["It was order 4711."]


def test_a_password_will_do_where_a_provider_cannot_sign(conversation: Conversation) -> None:
    basic = base64.b64encode(f"baton:{SECRET}".encode()).decode()
    assert handed_over(raw(conversation), {"Authorization": f"Basic {basic}"}).json() == {"result": "taken"}


@pytest.mark.parametrize("headers", [
    {}, {"Authorization": "Basic !!!"}, {"Authorization": "Basic " + base64.b64encode(b"baton:wrong").decode()}, {"Authorization": f"Bearer {SECRET}"},
    {"webhook-id": "m1", "webhook-timestamp": "x", "webhook-signature": "v1,x"}, {"webhook-id": "m1", "webhook-timestamp": "٣", "webhook-signature": "é"},
])
def test_without_the_secret_nothing_is_read(conversation: Conversation, headers: dict[str, str]) -> None:
    assert (handed_over(raw(conversation), headers).status_code, InboundMail.objects.count()) == (401, 0)


def test_a_signature_of_another_body_secret_or_day_is_none(conversation: Conversation) -> None:
    body = raw(conversation)
    other = "whsec_" + base64.b64encode(b"another secret ...............").decode()
    headers = [signed(raw(conversation, "Other")), signed(body, other), signed(body, at=datetime(2026, 1, 1, tzinfo=UTC))]
    assert [handed_over(body, each).status_code for each in headers] == [401] * 3


def test_without_a_secret_the_door_is_not_there(conversation: Conversation, settings: Any) -> None:
    settings.MAIL_IN_SECRET = settings.TWILIO_AUTH_TOKEN = ""
    assert [Client().post(path).status_code for path in ("/in/mail/", "/in/sms/")] == [404, 404]


def test_a_mail_may_come_as_json(conversation: Conversation) -> None:
    to = mail_addresses.address(conversation.pk, timezone.now())
    plain = raw(conversation)
    shapes: list[Any] = [
        {"raw": plain.decode(), "to": [to]}, {"raw_base64": base64.b64encode(plain.replace(b"<m1@", b"<m2@")).decode()},
        {"From": "Amara <amara@example.com>", "To": to, "Subject": "Re: help\r\nBcc: x@evil.example", "TextBody": "Grüße 4712", "MessageID": "m3",
         "Headers": [{"Name": "Auto-Submitted", "Value": "no"}, {"Name": "Bad\r\nName", "Value": "x"}, "none"]},
        {"From": "amara@example.com", "OriginalRecipient": to, "HtmlBody": "<p>It is <b>4713</b></p>", "Attachments": [{"Name": "a.txt", "Content": "aGk="}]},
    ]
    bodies = [json.dumps(shape).encode() for shape in shapes]
    assert [handed_over(body, signed(body), "application/json").json() for body in bodies] == [{"result": "taken"}] * 4
    assert customers_words(conversation) == ["It was order 4711.", "It was order 4711.", "Grüße 4712", "It is 4713"]
    assert InboundMail.objects.order_by("pk").last().files_refused == 1


def test_half_a_sign_in_json_is_no_reason_to_be_sent_for_ever(conversation: Conversation) -> None:
    to = mail_addresses.address(conversation.pk, timezone.now())
    body = json.dumps({"From": "amara@example.com", "To": to, "TextBody": "hel\ud800lo", "Subject": "\ud800"}).encode()
    assert handed_over(body, signed(body), "application/json").json() == {"result": "taken"}
    assert customers_words(conversation) == ["hel?lo"]


@pytest.mark.parametrize("body", [b"[]", b"{}", b"nonsense", b"[" * 100_000, b'{"raw_base64": "a"}', b'{"From": {}, "Attachments": [{"Content": "a"}]}'])
def test_what_is_no_mail_is_refused_in_words(db: None, body: bytes) -> None:
    answer = handed_over(body, signed(body), "application/json")
    assert (answer.status_code, bool(answer.json()["detail"])) == (422, True)


def test_a_mail_that_is_too_large_is_refused(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "LARGEST", 1000)
    assert handed_over(b"x" * 2000, signed(b"x" * 2000)).status_code == 413


def text_message(text: str, sid: str, sender: str = "+447700900123", medium: str = "sms", token: str = TOKEN, **more: str) -> Any:
    form = {"From": sender, "To": "+447700900000", "Body": text, "MessageSid": sid, **more}
    signed_words = f"http://127.0.0.1:8000/in/{medium}/" + "".join(name + form[name] for name in sorted(form))
    signature = base64.b64encode(hmac.digest(token.encode(), signed_words.encode(), hashlib.sha1)).decode()
    return Client().post(f"/in/{medium}/", form, headers={"X-Twilio-Signature": signature})


@pytest.mark.usefixtures("teams")
def test_whoever_writes_to_our_number_has_one_conversation_and_is_answered_there(provider: Receiver, settings: Any) -> None:
    settings.BASE_URL = "http://127.0.0.1:8000"
    answers = [text_message("Hello", "SM1"), text_message("Hello", "SM1"), text_message("I want to talk to a real person", "SM2")]
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, b"<Response/>")}
    conversation = Conversation.objects.get()
    assert (conversation.medium, conversation.customer.phone, customers_words(conversation)) == (
        "sms", "+447700900123", ["Hello", "I want to talk to a real person"])
    for letter in Letter.objects.select_related("turn__agent", "turn__conversation"):
        assert letters.send(letter)
    path, headers, body = provider.seen[0]
    sent = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    assert (path, sent["To"], sent["From"]) == ("/2010-04-01/Accounts/AC1/Messages.json", "+447700900123", "+447700900000")
    assert waiting_room.is_away(conversation)  # told by message, so seldom
    assert (sent["Body"], headers["authorization"][:5], Letter.objects.get().message_id) == (Letter.objects.get().turn.text, "Basic", "SM1")


@pytest.mark.usefixtures("teams")
def test_an_assistant_that_names_a_number_as_its_customers_does_not_get_what_comes_from_it(juniper: Assistant, settings: Any) -> None:
    settings.BASE_URL = "http://127.0.0.1:8000"
    named, _ = find_or_begin(juniper, "c-1", customer={"external_id": "u-1", "phone": "+447700900123"}, answered_by=juniper, medium="sms")
    text_message("Hello", "SM1")
    assert (customers_words(named), Conversation.objects.exclude(pk=named.pk).get().customer.phone) == ([], "+447700900123")
    Letter.objects.create(turn=turns.transitions.say(named.pk, Author.ASSISTANT, "Hi"), to="+447700900123", medium="sms")
    Conversation.objects.exclude(pk=named.pk).delete()
    text_message("It is me", "SM2")
    assert customers_words(named) == ["It is me"]


@pytest.mark.usefixtures("teams")
def test_whatsapp_is_a_conversation_of_its_own(provider: Receiver, settings: Any) -> None:
    settings.BASE_URL = "http://127.0.0.1:8000"
    text_message("A human please", "SM1", "whatsapp:+447700900123", "whatsapp")
    text_message("A human please", "SM1")
    assert sorted(Conversation.objects.values_list("medium", flat=True)) == ["sms", "whatsapp"]
    for letter in Letter.objects.select_related("turn__agent", "turn__conversation").filter(medium="whatsapp"):
        letters.send(letter)
    assert parse_qs(provider.seen[0][2].decode())["To"] == ["whatsapp:+447700900123"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("teams", "front_desk")
def test_first_messages_at_the_same_moment_are_one_conversation() -> None:
    together = Barrier(4)

    def write(number: int) -> None:
        together.wait()
        try:
            arrivals.take_message("sms", "+447700900123", f"Hello {number}", f"SM{number}")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as people:
        list(people.map(write, range(4)))
    assert sorted(customers_words(Conversation.objects.get())) == [f"Hello {number}" for number in range(4)]


@pytest.mark.usefixtures("teams")
def test_a_picture_without_words_is_noted_for_the_agent(settings: Any) -> None:
    settings.BASE_URL = "http://127.0.0.1:8000"
    text_message("I want to talk to a real person", "SM1", NumMedia="1")
    text_message("", "SM2", NumMedia="2")
    assert list(InboundMail.objects.order_by("pk").values_list("result", "why")) == [("taken", "1 media not fetched"), ("nothing said", "2 media not fetched")]
    assert Handoff.objects.get().steps.get(verb="media_not_taken").note == "2 media not fetched"


@pytest.mark.usefixtures("teams")
def test_a_forged_message_and_one_from_no_number_begin_nothing(settings: Any) -> None:
    settings.BASE_URL = "http://127.0.0.1:8000"
    answers = [text_message("Hi", "SM1", token="other"), text_message("Hi", "SM1", sender="ACME"), text_message("Hi", "SM1", sender="+1' OR 1"),
               text_message("Hi", "SM1", medium="pigeon"), text_message("Hi", "SM1", NumMedia="many")]
    assert [answer.status_code for answer in answers] == [403, 422, 422, 404, 422]
    assert Conversation.objects.count() == 0


def test_a_number_that_takes_nothing_is_written_to_no_more(provider: Receiver, hand_off: Callable[..., Handoff], customer: Any) -> None:
    customer.phone = "+0001234567"
    customer.save()
    handoff = hand_off(medium="sms")
    letter = Letter.objects.select_related("turn__agent", "turn__conversation").get()
    assert letters.send(letter) is False
    handoff.conversation.refresh_from_db()
    assert (handoff.conversation.reply_failed_why, handoff.steps.filter(verb="undeliverable").count()) == ("21211 Invalid To", 1)


def test_a_fault_of_our_own_set_up_says_nothing_of_the_customers_number(provider: Receiver, hand_off: Callable[..., Handoff], customer: Any) -> None:
    customer.phone = "+0011234567"
    customer.save()
    handoff = hand_off(medium="sms")
    assert letters.send(Letter.objects.select_related("turn__agent", "turn__conversation").get()) is False
    handoff.conversation.refresh_from_db()
    assert (handoff.conversation.reply_failed_at, Letter.objects.get().error, Letter.objects.get().tries) == (None, "RuntimeError: answered 400 21606", 1)


@pytest.mark.usefixtures("teams")
def test_a_number_that_writes_again_gets_what_was_said_meanwhile(provider: Receiver, settings: Any) -> None:
    settings.BASE_URL = "http://127.0.0.1:8000"
    text_message("Hello", "SM1")
    conversation = Conversation.objects.get()
    letters.come_back(conversation, "21610 opted out", conversation.customer.phone)
    turn = turns.transitions.say(conversation.pk, Author.ASSISTANT, "It is paid back.")
    assert waiting_room.post(turn) is None
    for sid in ("SM2", "SM2"):
        text_message("START", sid)
    assert [letter.turn.text for letter in Letter.objects.select_related("turn")] == ["It is paid back."]


def test_what_is_too_long_for_a_message_goes_on_behind_the_link(provider: Receiver, conversation: Conversation, customer: Any) -> None:
    customer.phone = "+447700900123"
    customer.save()
    Conversation.objects.update(medium="sms")
    letter = Letter(turn=turns.transitions.say(conversation.pk, Author.WAITING_ROOM, "x" * 5000), to=customer.phone, medium="sms")
    letter.save()
    letters.send(letter)
    body = parse_qs(provider.seen[0][2].decode())["Body"][0]
    assert (len(body) <= 1600, "/c/" in body) == (True, True)


def test_a_medium_that_is_not_set_up_or_lacks_an_address_is_refused(juniper: Assistant, settings: Any) -> None:
    with pytest.raises(Unfit, match="needed where words go by sms"):
        find_or_begin(juniper, "c-1", customer={"external_id": "u-1"}, answered_by=juniper, medium="sms")
    settings.SMS_FROM = ""
    with pytest.raises(Unfit, match="sms is not set up here"):
        find_or_begin(juniper, "c-1", customer={"external_id": "u-1", "phone": "+447700900123"}, answered_by=juniper, medium="sms")
    assert (Conversation.objects.count(), Team.objects.count()) == (0, 0)
