"""E-mail both ways in one thread: what comes to a signed address is the customer's words, once; nothing else is, whatever it looks like."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from django.core.signing import BadSignature
from django.test import Client
from django.utils import timezone

from console.streams.wall import Wall
from handoffs import arrivals, letters, mail, mail_addresses, receiving, tasks, waiting_room
from handoffs.models import Agent, Conversation, Handoff, InboundMail, Letter, Mailbox, Turn
from handoffs.signals import handoff_changed
from handoffs.snapshots import Author
from handoffs.waiting_room import telling
from tests import mail_servers
from tests.conftest import reload
from tests.mail_servers import Taking

ADDRESS = "reply@mail.example"
QUOTED = "\n\nOn Tue, 5 Dec 2023 at 13:37, Baton <reply+x@mail.example> wrote:\n> Hello\n> there\n"


@pytest.fixture(autouse=True)
def _answers_are_read(settings: Any) -> None:
    settings.MAIL_REPLY_ADDRESS = ADDRESS


@pytest.fixture
def smtp(settings: Any) -> Iterator[Taking]:
    with mail_servers.smtp() as (server, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        yield server


@pytest.fixture
def away(claimed: Handoff) -> Conversation:
    """The conversation of a claimed handoff whose customer left an address and closed the page."""
    Conversation.objects.filter(pk=claimed.conversation_id).update(reply_by_email="amara@example.com")
    return Conversation.objects.get(pk=claimed.conversation_id)


def written(conversation: Conversation, text: str = "It was order 4711.", **headers: str) -> EmailMessage:
    """A customer's answer to a letter."""
    message = EmailMessage()
    to = mail_addresses.address(conversation.pk, timezone.now())
    usual = {"From": "Amara <amara@example.com>", "To": to, "Subject": "Re: help", "Message_ID": "<m1@example.com>"}
    for name, value in (usual | headers).items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def words_of(conversation: Conversation) -> list[str]:
    return list(conversation.turns.filter(author=Author.CUSTOMER).values_list("text", flat=True))[2:]


def send_all() -> None:
    for letter in Letter.objects.filter(sent_at__isnull=True).select_related("turn__agent", "turn__conversation").order_by("pk"):
        letters.send(letter)


def test_a_letter_and_its_answer_are_one_thread(smtp: Taking, away: Conversation, claimed: Handoff, ann: Agent) -> None:
    receiving.say(claimed, ann, "Which order is it?")
    send_all()
    envelope, to, first = smtp.letters[0]
    assert (to, str(first["Subject"])) == (["amara@example.com"], "Alder Home help: an answer to your chat")
    assert mail_addresses.read(str(first["Reply-To"])).conversation == away.pk
    assert mail_addresses.read(envelope).bounces
    assert (first["Auto-Submitted"], "Answer this e-mail" in first.get_content()) == (None, True)

    answer = written(away, "It is order 4711." + QUOTED, To=str(first["Reply-To"]), In_Reply_To=str(first["Message-ID"]))
    assert arrivals.take_mail(answer.as_bytes()).result == "taken"
    assert words_of(away) == ["It is order 4711."]

    receiving.say(reload(claimed), ann, "Thank you.")
    receiving.release(reload(claimed), ann)
    send_all()
    _, _, second = smtp.letters[1]
    assert (str(second["Subject"]), second["In-Reply-To"]) == (f"Re: {first['Subject']}", "<m1@example.com>")
    assert str(second["References"]).split() == [mail_addresses.thread_id(away.pk), first["Message-ID"], "<m1@example.com>"]
    assert smtp.letters[2][2]["Auto-Submitted"] == "auto-replied"


def test_an_address_that_is_refused_is_written_to_no_more_and_the_agent_is_told(
    smtp: Taking, away: Conversation, claimed: Handoff, ann: Agent, signed_in: Callable[[Agent], Client]
) -> None:
    Conversation.objects.update(reply_by_email="nobody@example.com")
    receiving.say(claimed, ann, "Which order is it?")
    send_all()
    away.refresh_from_db()
    assert ("no such user" in away.reply_failed_why, letters.due().count()) == (True, 0)
    assert claimed.steps.filter(verb="undeliverable").count() == 1
    assert "What we send does not arrive" in signed_in(ann).get(f"/handoffs/{claimed.pk}/").content.decode()
    receiving.say(reload(claimed), ann, "Hello?")
    assert Letter.objects.count() == 1


@pytest.mark.parametrize(("to", "notes"), [("later@example.com", []), ("abroad@example.com", ["554 5.7.1 Relay access denied"])])
def test_what_says_nothing_of_the_address_itself_is_tried_again_and_a_refusal_noted_once(
    smtp: Taking, away: Conversation, claimed: Handoff, ann: Agent, to: str, notes: list[str]
) -> None:
    Conversation.objects.update(reply_by_email=to)
    receiving.say(claimed, ann, "Which order is it?")
    for _ in range(2):
        send_all()
    away.refresh_from_db()
    assert (away.reply_failed_at, Letter.objects.get().tries) == (None, 2)
    assert [step.note.partition(": ")[2] for step in claimed.steps.filter(verb="undeliverable")] == notes


def test_a_mail_server_that_is_down_for_days_costs_no_letter_and_no_address(
    smtp: Taking, settings: Any, away: Conversation, claimed: Handoff, ann: Agent, client: Client
) -> None:
    up, settings.EMAIL_PORT = settings.EMAIL_PORT, mail_servers.free_port()
    receiving.say(claimed, ann, "Which order is it?")
    for tries in (0, 8, 40):
        Letter.objects.update(tries=tries, due_at=timezone.now())
        tasks.deliver()
    away.refresh_from_db()
    letter = Letter.objects.get()
    assert (away.reply_failed_at, letter.tries, letter.due_at <= timezone.now() + letters.LONGEST_PAUSE) == (None, 41, True)
    assert letters.problems() == ()
    Turn.objects.filter(pk=letter.turn_id).update(at=timezone.now() - timedelta(minutes=11))
    said = "Words to customers by email wait for more than 10 minutes, since they are not taken: 1. They are tried again."
    assert (letters.problems(), said in client.get("/readyz").json()["warnings"], said in Wall("all").parts()["wall-failures"]) == ((said,), True, True)
    settings.EMAIL_PORT = up
    Letter.objects.update(due_at=timezone.now())
    tasks.deliver()
    assert (len(smtp.letters), letters.problems()) == (1, ())


def test_a_letter_is_given_up_after_three_days_of_tries(settings: Any, away: Conversation, claimed: Handoff, ann: Agent) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", mail_servers.free_port()
    receiving.say(claimed, ann, "Which order is it?")
    assert round(sum(map(letters.pause, range(letters.MOST_TRIES - 1)), timedelta()) / timedelta(days=1), 1) == 3.0
    Letter.objects.update(tries=letters.MOST_TRIES - 1)
    for _ in range(2):
        Letter.objects.update(due_at=timezone.now())
        tasks.deliver()
    away.refresh_from_db()
    assert (Letter.objects.get().tries, away.reply_failed_at) == (letters.MOST_TRIES, None)
    assert letters.problems() == ("Words to customers by email that were given up in the last week, after three days: 1.",)
    assert "nobody took them for three days" in claimed.steps.get(verb="undeliverable").note


def test_a_mailbox_is_read_once_whoever_reads_it(settings: Any, away: Conversation) -> None:
    with mail_servers.imap() as port, mail_servers.mailbox(port) as box:
        settings.IMAP_HOST, settings.IMAP_PORT, settings.IMAP_TLS = "127.0.0.1", port, False
        settings.IMAP_USER, settings.IMAP_PASSWORD = mail_servers.USER, mail_servers.PASSWORD
        assert arrivals.read_mailbox() == 4  # nobody's
        box.append("INBOX", written(away, "One").as_bytes())
        box.append("INBOX", written(away, "Two", Message_ID="<m2@example.com>").as_bytes())
        Mailbox.objects.update(lease_until=timezone.now() + timedelta(seconds=30))
        assert arrivals.read_mailbox() == 0  # another worker has it
        Mailbox.objects.update(lease_until=timezone.now())
        assert (arrivals.read_mailbox(), words_of(away)) == (2, ["One", "Two"])
        assert arrivals.read_mailbox() == 0
        # The worker died before it kept how far it was, or the mailbox was made anew: known mails stay known.
        Mailbox.objects.update(uid_validity=1)
        assert (arrivals.read_mailbox(), words_of(away)) == (6, ["One", "Two"])
        box.select_folder("INBOX")
        unread = box.search(["UNSEEN"])
        assert (len(unread), box.search(["UID", "5:*", "SEEN"])[-2:]) == (4 - 2, box.search(["ALL"])[-2:])


def test_a_mailbox_that_cannot_be_read_is_named_after_a_while_without_its_user_or_what_was_said(settings: Any, db: None) -> None:
    settings.IMAP_HOST, settings.IMAP_PORT, settings.IMAP_TLS = "127.0.0.1", mail_servers.free_port(), False
    settings.IMAP_USER = "amara"
    for _ in range(5):
        assert arrivals.read_mailbox() == 0
    assert arrivals.problems() == ("Mail at 127.0.0.1 cannot be read: ConnectionRefusedError.",)


def test_a_mail_that_cannot_be_taken_is_kept_and_holds_nothing_up(settings: Any, away: Conversation) -> None:
    Conversation.objects.update(owner="nobody", agent=None, team=None, medium="sms")
    settings.SMS_FROM = ""  # none that follows can begin
    with mail_servers.imap() as port, mail_servers.mailbox(port) as box:
        settings.IMAP_HOST, settings.IMAP_PORT, settings.IMAP_TLS = "127.0.0.1", port, False
        settings.IMAP_USER, settings.IMAP_PASSWORD = mail_servers.USER, mail_servers.PASSWORD
        box.append("INBOX", written(away).as_bytes())
        box.append("INBOX", written(away, To="nobody@mail.example").as_bytes())
        seen = box.search(["SEEN"])
        assert [arrivals.read_mailbox() for _ in range(2)] == [6, 0]
        assert (InboundMail.objects.get(result="unreadable").why, box.search(["SEEN"])) == ("Unfit", seen)
    assert arrivals.problems() == ("Mails of the last day that could not be taken: 1. The admin names them.",)


def test_a_mail_without_a_sender_is_from_nobody_we_know(away: Conversation) -> None:
    away.customer.email = ""
    away.customer.save()
    assert not arrivals.take_mail(written(away, From="undisclosed").as_bytes()).known_sender


def test_the_same_mail_twice_is_said_once(away: Conversation) -> None:
    raw = written(away).as_bytes()
    assert [arrivals.take_mail(raw).pk for _ in range(3)] == [InboundMail.objects.get().pk] * 3
    assert words_of(away) == ["It was order 4711."]


def test_what_breaks_off_between_the_words_and_their_row_is_said_once(away: Conversation) -> None:
    raw = written(away).as_bytes()
    arrivals.take_mail(raw)
    InboundMail.objects.all().delete()
    assert (arrivals.take_mail(raw).turn is not None, words_of(away)) == (True, ["It was order 4711."])


@pytest.mark.parametrize("to", [
    "reply@mail.example", "reply+rabc@mail.example", "help@baton.example", "reply+r{other}@mail.example",
    "reply+r{cut}@mail.example", "reply+r{turned}@mail.example",
    "reply+r{mine}@evil.example", "", "reply+r" + "a" * 300 + "@mail.example", "reply+b{mine}@mail.example",
])
def test_a_made_up_address_opens_and_joins_nothing(away: Conversation, to: str) -> None:
    mine = mail_addresses.address(away.pk, timezone.now()).partition("+r")[2].partition("@")[0]
    turned = ("b" if mine[3] == "a" else "a").join((mine[:3], mine[4:]))
    given = to.format(mine=mine, cut=mine[:-8], turned=turned, other="a" * len(mine)) if "{" in to else to
    with pytest.raises(BadSignature):
        mail_addresses.read(given)
    before = Conversation.objects.count()
    row = arrivals.take_mail(written(away, To=given or "undisclosed-recipients:;").as_bytes())
    assert (row.result, row.conversation, words_of(away), Conversation.objects.count()) == ("unknown address", None, [], before)


def test_an_address_is_read_however_its_letters_are_written(away: Conversation) -> None:
    address = mail_addresses.address(away.pk, timezone.now())
    assert len(address.partition("@")[0]) <= 64
    assert mail_addresses.read(address.upper()).conversation == away.pk


def test_an_address_that_has_expired_joins_nothing_and_the_words_are_kept(away: Conversation) -> None:
    old = mail_addresses.address(away.pk, timezone.now() - mail_addresses.LIFE - timedelta(days=2))
    row = arrivals.take_mail(written(away, To=old).as_bytes())
    assert (row.result, row.text, words_of(away)) == ("expired address", "It was order 4711.", [])


def test_another_sender_is_taken_and_marked(away: Conversation, claimed: Handoff, ann: Agent, signed_in: Callable[[Agent], Client]) -> None:
    row = arrivals.take_mail(written(away, From="Mallory <mallory@evil.example>").as_bytes())
    assert (row.result, row.known_sender, row.sender) == ("taken", False, "mallory@evil.example")
    away.refresh_from_db()
    assert away.reply_by_email == "amara@example.com"
    desk = signed_in(ann).get(f"/handoffs/{claimed.pk}/").content.decode()
    assert desk.count("Sent from mallory@evil.example, which is not the address we know") == 1


def read_as_it_came(conversation: Conversation, raw: bytes) -> list[object]:
    """What whoever is told of a mail finds then, each time: whether its sender is known, and its files."""
    found: list[object] = []

    def listener(**_: object) -> None:
        turn = conversation.turns.filter(author=Author.CUSTOMER).latest("number")
        found.append((list(InboundMail.objects.values_list("known_sender", flat=True)), [file.name for file in turn.files.all()]))

    handoff_changed.connect(listener)
    try:
        arrivals.take_mail(raw)
    finally:
        handoff_changed.disconnect(listener)
    return found


@pytest.mark.django_db(transaction=True)
def test_whoever_is_told_of_a_mail_finds_its_sender_and_its_files(away: Conversation, settings: Any) -> None:
    settings.FILES = True
    message = written(away, From="Mallory <mallory@evil.example>")
    message.add_attachment("14.99", filename="receipt.txt")
    assert read_as_it_came(away, message.as_bytes())[0] == ([False], ["receipt.txt"])


@pytest.mark.django_db(transaction=True)
def test_whoever_is_told_of_files_without_words_finds_their_sender_each_time(away: Conversation, settings: Any) -> None:
    settings.FILES = True
    message = written(away, "", From="Mallory <mallory@evil.example>")
    message.add_attachment("14.99", filename="receipt.txt")
    told = read_as_it_came(away, message.as_bytes())
    assert told == [([False], ["receipt.txt"])] * (len(told) or 1)


MACHINES = [
    {"Auto_Submitted": "auto-replied"}, {"Auto_Submitted": "auto-generated; type=x"}, {"Precedence": "bulk"}, {"Precedence": "auto_reply"},
    {"X_Autoreply": "yes"},
    {"X_Autorespond": "x"}, {"X_Auto_Response_Suppress": "All"}, {"Return_Path": "<>"}, {"List_Id": "<l.example.com>"},
]


@pytest.mark.parametrize("headers", MACHINES, ids=lambda headers: next(iter(headers.items()))[0])
def test_what_a_machine_answers_is_no_words_of_the_customer(away: Conversation, claimed: Handoff, headers: dict[str, str]) -> None:
    row = arrivals.take_mail(written(away, "I am away until Monday", **headers).as_bytes())
    assert (row.result, row.text, words_of(away)) == ("auto-reply", "I am away until Monday", [])
    assert claimed.steps.filter(verb="auto_replied").count() == 1


def test_a_person_who_says_so_is_none(away: Conversation) -> None:
    assert arrivals.take_mail(written(away, Auto_Submitted="no", Precedence="first-class").as_bytes()).result == "taken"


def test_our_own_letter_that_comes_back_is_a_loop(away: Conversation) -> None:
    assert arrivals.take_mail(written(away, Message_ID=mail_addresses.letter_id(7)).as_bytes()).result == "loop"


def test_two_machines_that_answer_each_other_are_stopped(away: Conversation) -> None:
    results = [arrivals.take_mail(written(away, f"Hello {number}", Message_ID=f"<m{number}@example.com>").as_bytes()).result for number in range(25)]
    assert results == ["taken"] * 20 + ["loop"] * 5


def bounce(conversation: Conversation, action: str, of: str = "amara@example.com", returned: str = "") -> bytes:
    to = mail_addresses.address(conversation.pk, timezone.now(), mail_addresses.BOUNCES)
    status = f"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; {of}\r\nAction: {action}\r\nStatus: 5.1.1\r\n" \
             "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n"
    return (f"From: MAILER-DAEMON@mx.example\r\nTo: {to}\r\nReturn-Path: <>\r\nMessage-ID: <{action}@mx.example>\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nIt failed.\r\n'
            f"--b\r\nContent-Type: message/delivery-status\r\n\r\n{status}\r\n{returned}--b--\r\n").encode()


def returning(letter: EmailMessage, *headers: str, kind: str = "message/rfc822") -> str:
    """The part of a bounce that returns a letter, or some of its headers."""
    return f"--b\r\nContent-Type: {kind}\r\n\r\n" + "".join(f"{name}: {letter[name]}\r\n" for name in (*headers, "Subject")) + "\r\n"


def test_what_came_back_is_sent_again_by_no_answer_since_it_may_have_been_read_at_another_mailbox(
    smtp: Taking, away: Conversation, claimed: Handoff, ann: Agent
) -> None:
    receiving.say(claimed, ann, "Which order is it?")
    for number in range(2):
        tasks.deliver()
        arrivals.take_mail(bounce(away, "failed", returned=returning(smtp.letters[0][2], "Message-ID", "To")).replace(b"<failed@", b"<%d@" % number))
        arrivals.take_mail(written(away, Message_ID=f"<m{number}@example.com>").as_bytes())
    tasks.deliver()
    assert (len(smtp.letters), Conversation.objects.get(pk=away.pk).reply_failed_at) == (1, None)


def test_a_bounce_marks_the_address_and_an_answer_takes_the_mark_away(away: Conversation, claimed: Handoff) -> None:
    assert arrivals.take_mail(bounce(away, "delayed")).result == "bounce"
    away.refresh_from_db()
    assert away.reply_failed_at is None
    assert arrivals.take_mail(bounce(away, "failed")).result == "bounce"
    away.refresh_from_db()
    assert (away.reply_failed_why, words_of(away)) == ("smtp; 550 5.1.1 no such user", [])
    assert claimed.steps.filter(verb="undeliverable").count() == 1
    arrivals.take_mail(written(away).as_bytes())
    away.refresh_from_db()
    assert away.reply_failed_at is None


@pytest.mark.parametrize(("of", "returned", "headers", "marked"), [
    ("amara@example.com", 0, [], True), ("Amara@exmaple.com", 1, ["To"], False), ("elsewhere@example.org", 0, ["To"], False),
    ("elsewhere@example.org", 0, ["Message-ID"], False), ("elsewhere@example.org", 0, [], False), ("elsewhere@example.org", 1, ["To"], True),
    ("elsewhere@example.org", 1, ["Message-ID"], True),
])
@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_bounce_is_of_the_address_we_wrote_to_that_it_names_or_else_of_that_of_the_letter_it_returns(
    smtp: Taking, away: Conversation, claimed: Handoff, ann: Agent, of: str, returned: int, headers: list[str], marked: bool, kind: str
) -> None:
    for address in ("amara@exmaple.com", "Amara@example.com"):
        waiting_room.leave_email(away, address)
        receiving.say(reload(claimed), ann, "Which order is it?")
        tasks.deliver()
    arrivals.take_mail(bounce(away, "failed", of, returning(smtp.letters[returned][2], *headers, kind=kind)))
    assert Conversation.objects.filter(pk=away.pk, reply_failed_at=None).exists() != marked


def test_a_second_report_of_a_letter_that_went_elsewhere_since_says_nothing_of_the_address_of_now(
    smtp: Taking, away: Conversation, claimed: Handoff, ann: Agent
) -> None:
    waiting_room.leave_email(away, "wrong@example.com")
    receiving.say(claimed, ann, "Which order is it?")
    tasks.deliver()
    returned = returning(smtp.letters[0][2], "Message-ID", "To")
    waiting_room.leave_email(away, "right@example.com")
    Letter.objects.update(to="right@example.com")
    arrivals.take_mail(bounce(away, "failed", "wrong@example.com", returned))
    assert Conversation.objects.get(pk=away.pk).reply_failed_at is None


def test_a_bounce_that_names_nothing_we_know_is_of_the_only_address_there_is(away: Conversation) -> None:
    arrivals.take_mail(bounce(away, "failed", "elsewhere@example.org"))
    assert Conversation.objects.get(pk=away.pk).reply_failed_at


def test_what_is_refused_at_an_address_that_was_corrected_goes_to_the_one_of_now(
    smtp: Taking, away: Conversation, claimed: Handoff, ann: Agent
) -> None:
    Conversation.objects.update(reply_by_email="nobody@example.com")
    receiving.say(claimed, ann, "Which order is it?")
    Letter.objects.update(tries=1)  # the server was down
    waiting_room.leave_email(away, "amara@example.com")
    for _ in range(2):
        Letter.objects.update(due_at=timezone.now())
        tasks.deliver()
    assert ([to for _, to, _ in smtp.letters], Conversation.objects.get(pk=away.pk).reply_failed_at) == ([["amara@example.com"]], None)


@pytest.mark.parametrize(("seen", "sent"), [(0, ["Refused", "Held", "Last"]), (1, ["Last"])], ids=["away all the time", "looked in"])
def test_what_could_not_be_sent_goes_out_once_the_customer_is_heard_of_unless_they_saw_it(
    smtp: Taking, away: Conversation, claimed: Handoff, ann: Agent, seen: int, sent: list[str]
) -> None:
    Conversation.objects.update(reply_by_email="nobody@example.com")
    receiving.say(claimed, ann, "Refused")
    tasks.deliver()
    numbers = [receiving.say(reload(claimed), ann, text).number for text in ("Held", "Last")]
    Conversation.objects.update(customer_seen=numbers[0] * seen, reply_by_email="amara@example.com")
    for number in range(2):
        arrivals.take_mail(written(away, Message_ID=f"<m{number}@example.com>").as_bytes())
        Letter.objects.filter(turn__text="Refused").update(due_at=claimed.created_at)
        tasks.deliver()
    assert [letter.get_content().splitlines()[2] for _, _, letter in smtp.letters] == sent


def test_of_what_was_held_only_what_people_and_assistants_said_lately_goes_out(smtp: Taking, away: Conversation, claimed: Handoff, ann: Agent) -> None:
    Conversation.objects.update(reply_failed_at=timezone.now() - timedelta(days=5))
    for text in ("Old", "New"):
        receiving.say(reload(claimed), ann, text)
    Turn.objects.filter(text="Old").update(at=timezone.now() - telling.HELD_FOR)
    waiting_room.tell(away, "Ann is here now.", Turn.Kind.JOINED)
    arrivals.take_mail(written(away).as_bytes())
    tasks.deliver()
    assert [letter.get_content().splitlines()[2] for _, _, letter in smtp.letters] == ["New"]


@pytest.mark.parametrize("tries", [0, 5, letters.MOST_TRIES])
def test_what_was_held_is_begun_anew_at_the_address_of_now_however_often_it_was_tried(
    smtp: Taking, away: Conversation, claimed: Handoff, ann: Agent, tries: int
) -> None:
    receiving.say(claimed, ann, "Which order is it?")
    arrivals.take_mail(bounce(away, "failed"))
    Letter.objects.update(tries=tries, due_at=timezone.now() - timedelta(days=2))
    waiting_room.leave_email(away, "new@example.com")
    tasks.deliver()
    assert [to for _, to, _ in smtp.letters] == [["new@example.com"]]


def test_what_the_waiting_room_said_and_was_refused_is_let_go_of(smtp: Taking, away: Conversation) -> None:
    waiting_room.leave_email(away, "nobody@example.com")
    waiting_room.tell(away, "Ann is here now.", Turn.Kind.JOINED)
    tasks.deliver()
    waiting_room.leave_email(away, "right@example.com")
    assert not Letter.objects.exists()


def test_what_is_being_sent_is_not_due_at_once_when_they_are_heard_of(away: Conversation, claimed: Handoff, ann: Agent) -> None:
    receiving.say(claimed, ann, "Which order is it?")
    arrivals.take_mail(bounce(away, "failed"))
    Letter.objects.update(tries=9, due_at=timezone.now() + timedelta(hours=1))
    waiting_room.leave_email(away, "new@example.com")
    assert timedelta(seconds=5) < Letter.objects.get().due_at - timezone.now() <= telling.A_TRY


@pytest.mark.parametrize("heard_of", [True, False])
def test_what_was_held_for_long_is_let_go_of(smtp: Taking, away: Conversation, claimed: Handoff, ann: Agent, heard_of: bool) -> None:
    receiving.say(claimed, ann, "Which order is it?")
    arrivals.take_mail(bounce(away, "failed"))
    Turn.objects.update(at=timezone.now() - telling.HELD_FOR)
    Letter.objects.update(tries=5)
    if heard_of:
        waiting_room.leave_email(away, "new@example.com")
    tasks.deliver()
    assert (smtp.letters, Letter.objects.count()) == ([], 0)


def test_an_answer_of_an_address_we_do_not_know_does_not_say_that_the_one_we_write_to_works(away: Conversation, claimed: Handoff, ann: Agent) -> None:
    arrivals.take_mail(bounce(away, "failed"))
    receiving.say(claimed, ann, "Which order is it?")
    arrivals.take_mail(written(away, From="mallory@evil.example").as_bytes())
    assert (words_of(away), Conversation.objects.get(pk=away.pk).reply_failed_at is None, Letter.objects.count()) == (["It was order 4711."], False, 0)


def test_a_bounce_after_the_end_is_noted_and_told_to_supervisors(away: Conversation, claimed: Handoff) -> None:
    Handoff.objects.update(state="closed", ended_at=timezone.now(), due_at=None)
    arrivals.take_mail(bounce(away, "failed"))
    said = ("Conversations in which it turned out in the last day, after the handoff had ended, that what we send does not arrive: 1. The handoff says why.",)
    assert (claimed.steps.get(verb="undeliverable").note, letters.problems()) == ("smtp; 550 5.1.1 no such user", said)
    arrivals.take_mail(written(away).as_bytes())
    assert letters.problems() == ()


def test_a_bounce_that_its_agent_was_told_of_is_no_news_to_supervisors(away: Conversation, claimed: Handoff) -> None:
    arrivals.take_mail(bounce(away, "failed"))
    Handoff.objects.update(state="closed", ended_at=timezone.now(), due_at=None)
    assert letters.problems() == ()


def test_a_bounce_that_the_customer_passes_on_is_their_words(away: Conversation) -> None:
    message = written(away, "What does this mean?")
    message.add_attachment(message_from_bytes(bounce(away, "failed"), policy=policy.default))
    assert (arrivals.take_mail(message.as_bytes()).result, words_of(away)) == ("taken", ["What does this mean?"])


def test_all_answers_to_what_is_closed_reach_the_one_that_follows_and_no_more_than_people_write(away: Conversation) -> None:
    Handoff.objects.update(state="closed", ended_at=timezone.now(), due_at=None)
    Conversation.objects.update(owner="nobody", agent=None, team=None)
    results = [arrivals.take_mail(written(away, f"Hello {number}", Message_ID=f"<m{number}@example.com>").as_bytes()).result for number in range(22)]
    assert (results, Conversation.objects.count()) == (["taken"] * 20 + ["loop"] * 2, 2)
    Conversation.objects.update(owner="nobody", agent=None, team=None)
    InboundMail.objects.all().delete()
    assert (arrivals.take_mail(written(away).as_bytes()).result, Conversation.objects.count()) == ("taken", 3)


def test_an_answer_to_what_is_closed_begins_a_conversation_that_follows(away: Conversation, claimed: Handoff, ann: Agent) -> None:
    Handoff.objects.update(state="closed", ended_at=timezone.now(), due_at=None)
    Conversation.objects.update(owner="nobody", agent=None, team=None)
    rows = [arrivals.take_mail(written(away).as_bytes()) for _ in range(2)]
    assert (rows[0].pk, rows[0].conversation != away, Conversation.objects.count()) == (rows[1].pk, True, 2)
    follows = Conversation.objects.exclude(pk=away.pk).get()
    assert (follows.customer, follows.reply_by_email) == (away.customer, "amara@example.com")
    assert list(follows.turns.values_list("text", flat=True)) == ["It was order 4711."]


def test_long_words_are_several_turns_and_nothing_is_lost(away: Conversation) -> None:
    text = "\n".join(f"line {number} ü" for number in range(4000))
    arrivals.take_mail(written(away, text).as_bytes())
    assert "\n".join(words_of(away)) == text


@pytest.mark.parametrize(("text", "own"), [
    ("Thanks" + QUOTED, "Thanks"), ("> Which order?\n4711\n> And the date?\nMonday", "4711\nMonday"),
    ("Danke\n\nAm 05.12.2023 um 13:37 schrieb Baton <a@b.c>:\n\nHallo", "Danke"),
    ("Gracias\n\nEl mar, 5 dic 2023 a las 13:37, Baton (<a@b.c>) escribió:\n\nHola", "Gracias"),
    ("Merci\n\nLe mar. 5 déc. 2023 à 13:37, Baton\n<a@b.c> a écrit :\n\nBonjour", "Merci"), ("Ok\n\n-----Original Message-----\nFrom: Baton\nold", "Ok"),
    ("Ok\n\nFrom: Baton <a@b.c>\nSent: Tuesday\nTo: Amara\n\nold", "Ok"), ("شكرا\n\nفي ثلاثاء، 5 ديسمبر 2023 13:37 كتب Baton <a@b.c>:\n> old", "شكرا"),
    ("Yes please:\n- one\n- two\n\nCheers\nAmara\n-- \nAmara Osei\nCEO", "Yes please:\n- one\n- two\n\nCheers\nAmara"), ("", ""), ("> only quoted", ""),
    ("On 5/12/2023 13:37, Baton wrote:\n> Which?\n\n4711", "4711"), ("4711\n\nOn 5/12/2023 13:37, Baton wrote:\n> Which?", "4711"),
])
def test_what_is_quoted_is_not_said_again(text: str, own: str) -> None:
    assert mail.read(b"Subject: x\n\n" + text.encode()).text.replace("\n\n\n", "\n\n") == own


@pytest.mark.parametrize("text", [
    "Hi,\nI paid twice on 2031-05-04 at 10:30:\n1) 20 EUR\n2) 20 EUR", "Please refund\n-----------------\nInvoice 44 is wrong",
    "From: Berlin\nTo: Munich\nplease change my ticket", "Hello\nFrom: Berlin\nTo: Munich", "--\nAmara",
    "From: Amara <a@b.c>\nSent: Tuesday\n\nIs this yours?",
])
def test_own_words_that_look_like_a_quote_are_said(text: str) -> None:
    read = mail.read(b"Subject: x\n\n" + text.encode())
    assert (read.text, read.uncut) == (text, "")


def test_a_sentence_above_a_quote_is_said_and_what_was_cut_is_kept(away: Conversation) -> None:
    text = "Sure:\n\nAgain, on 4 May 2031 at 10:30 I was told this:\n> refund\nThat never came."
    row = arrivals.take_mail(written(away, text).as_bytes())
    assert (words_of(away), row.text) == (["Sure:\n\nAgain, on 4 May 2031 at 10:30 I was told this:\nThat never came."], text)


def test_five_megabytes_of_quotes_are_passed_over(away: Conversation) -> None:
    arrivals.take_mail(written(away, "Thanks\n\n" + "> on and on\n" * 400_000).as_bytes())
    assert words_of(away) == ["Thanks"]


def test_a_mail_that_has_only_html_is_read_as_text(away: Conversation) -> None:
    message = written(away)
    message.set_content("<html><head><style>p{}</style></head><body><p>It is <b>4711</b> &amp; late</p><script>alert(1)</script>"
                        "<div class=gmail_quote>On Tue wrote: <blockquote>old</blockquote></div></body></html>", subtype="html")
    arrivals.take_mail(message.as_bytes())
    assert words_of(away) == ["It is 4711 & late"]


BROKEN = {
    "no headers": b"", "only a body": b"\r\n\r\nhello", "a boundary that never comes": b'Content-Type: multipart/mixed; boundary="x"\r\n\r\nhello',
    "multipart without a boundary": b"Content-Type: multipart/mixed\r\n\r\nhello",
    "a charset nobody knows": b"Content-Type: text/plain; charset=klingon\r\n\r\nh\xe9llo",
    "a charset that is none": b"Content-Type: text/plain; charset=rot13\r\n\r\nhello", "base64 that is none": b"Content-Transfer-Encoding: base64\r\n\r\n!!!!",
    "wrong utf-8": b"Content-Type: text/plain; charset=utf-8\r\n\r\n\xff\xfe\xfd",
    "encoded words that are none": b"Subject: =?utf-8?b?!!!?=\r\nFrom: =?x?q?=ZZ?= <a@b.c>\r\n\r\nx",
    "a sender without end": b"From: " + b"<" * 5000 + b"\r\n\r\nx", "NUL": b"Subject: a\0b\r\n\r\nhel\0lo", "bytes": bytes(range(256)) * 20,
    "parts in parts": b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(300)) + b"\r\nx",
    "a folded id": b"Message-ID:\r\n <a\r\n b@c>\r\n\r\nx", "an uuencoded part": b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\r\n",
    "a comment without end": b"From: " + b"(" * 3000 + b" a@b.c\r\n\r\nx", "surrogates": "From: \udce9@b.c\r\n\r\nx".encode("utf-8", "surrogateescape"),
    "html that is none": b"Content-Type: text/html\r\n\r\n<<<>>><p" + b"<div>" * 3000,
    "half a sign in utf-7": b"Content-Type: text/plain; charset=utf-7\r\n\r\nhel+2AA-lo",
    "half a sign escaped": b"Content-Type: text/plain; charset=unicode_escape\r\n\r\nhel\\ud800lo",
    "half a sign in html": b"Content-Type: text/html\r\n\r\n<p>hel&#xD800;lo&#0;</p>",
    "an id with a raised number": b"Message-ID: =?utf-8?q?<l.=C2=B2.x@mail.example>?=\r\n\r\nx",
    "a reason with NUL": b'Content-Type: multipart/report; boundary="b"\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n'
                         b"Reporting-MTA: dns; x\r\n\r\nAction: failed\r\nDiagnostic-Code: smtp; 5\x0050\r\n\r\n--b--\r\n",
}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN)
def test_broken_mails_raise_nothing_and_are_kept_or_said_once(away: Conversation, raw: bytes) -> None:
    assert arrivals.take_mail(raw).pk == arrivals.take_mail(raw).pk
    address = mail_addresses.address(away.pk, timezone.now())
    rows = [arrivals.take_mail(raw, [address]) for _ in range(2)]
    assert (rows[0].pk, rows[0].conversation) == (rows[1].pk, away)
    assert len(words_of(away)) <= 1
    assert Turn.objects.filter(conversation=away).count() == Conversation.objects.get(pk=away.pk).last_number


def test_charsets_are_read_as_they_are_meant(away: Conversation) -> None:
    texts = {"iso-8859-1": "Grüße", "windows-1252": "“Hi”", "koi8-r": "привет", "shift_jis": "こんにちは", "utf-16": "hé"}
    for number, (charset, text) in enumerate(texts.items()):
        raw = written(away, Message_ID=f"<{number}@example.com>").as_bytes().partition(b"Content-Type")[0]
        arrivals.take_mail(raw + f'Content-Type: text/plain; charset="{charset}"\r\nMIME-Version: 1.0\r\n\r\n'.encode() + text.encode(charset))
    assert words_of(away)[:4] == ["Grüße", "“Hi”", "привет", "こんにちは"]


def put_off(conversation: Conversation, handoff: Handoff, agent: Agent) -> None:
    """A letter of words said while the page was open, and due since it was closed."""
    Conversation.objects.filter(pk=conversation.pk).update(page_open_until=timezone.now() + timedelta(minutes=1))
    receiving.say(handoff, agent, "Which order is it?")
    Conversation.objects.filter(pk=conversation.pk).update(page_open_until=timezone.now() - timedelta(seconds=1))
    Letter.objects.update(due_at=timezone.now())


@pytest.mark.parametrize(("changed", "to"), [
    ({"reply_by_email": "new@example.com"}, ["new@example.com"]), ({"reply_by_email": ""}, []),
], ids=["changed", "taken back"])
def test_what_was_put_off_goes_to_the_address_of_now(smtp: Taking, away: Conversation, claimed: Handoff, ann: Agent, changed: Any, to: list[str]) -> None:
    put_off(away, claimed, ann)
    Conversation.objects.filter(pk=away.pk).update(**changed)
    tasks.deliver()
    assert [address for _, (address,), _ in smtp.letters] == list(Letter.objects.values_list("to", flat=True)) == to


def test_letters_that_need_no_sending_hold_up_none_that_does(
    smtp: Taking, away: Conversation, claimed: Handoff, ann: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "AT_ONCE", 1)
    put_off(away, claimed, ann)
    receiving.say(reload(claimed), ann, "Are you there?")
    first, second = Letter.objects.order_by("pk")
    Conversation.objects.filter(pk=away.pk).update(customer_seen=first.turn.number)
    tasks.deliver()
    assert (list(Letter.objects.values_list("pk", flat=True)), len(smtp.letters)) == ([second.pk], 1)


def test_letters_of_an_open_page_hold_up_none_of_one_that_is_closed(
    smtp: Taking, away: Conversation, claimed: Handoff, ann: Agent, hand_off: Callable[..., Handoff], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "AT_ONCE", 1)
    put_off(away, claimed, ann)
    Conversation.objects.filter(pk=away.pk).update(page_open_until=timezone.now() + timedelta(minutes=1))
    other = hand_off().conversation
    Conversation.objects.filter(pk=other.pk).update(reply_by_email="other@example.com")
    waiting_room.tell(other, "Still here.", Turn.Kind.NOTICE)
    tasks.deliver()
    assert [to for _, to, _ in smtp.letters] == [["other@example.com"]]
