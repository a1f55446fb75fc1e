"""Mails that are no turn of the customer's lose nobody's words, and what firms' mailing services write on is no sign of a machine."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from handoffs import arrivals, mail_addresses
from handoffs.arrivals import mails
from handoffs.models import Conversation, Handoff, InboundMail
from tests import mail_servers
from tests.handoffs.test_mail import ADDRESS, written


@pytest.fixture
def away(claimed: Handoff, settings: Any) -> Conversation:
    settings.MAIL_REPLY_ADDRESS = ADDRESS
    return claimed.conversation


def test_who_writes_by_a_mailing_service_is_no_machine(away: Conversation) -> None:
    """Amazon SES marks whatever it sends so."""
    assert arrivals.take_mail(written(away, Feedback_ID="1.eu-west-1.x:AmazonSES").as_bytes()).result == "taken"


def test_the_agent_reads_what_a_machine_answered(away: Conversation, claimed: Handoff) -> None:
    arrivals.take_mail(written(away, "I am away until Monday", Auto_Submitted="auto-replied").as_bytes())
    assert claimed.steps.get(verb="auto_replied").note == "Re: help: I am away until Monday"


def test_words_that_are_not_taken_are_noted_for_the_agent_and_counted(away: Conversation, claimed: Handoff, monkeypatch: pytest.MonkeyPatch) -> None:
    old = mail_addresses.address(away.pk, timezone.now() - mail_addresses.LIFE - timedelta(days=2))
    arrivals.take_mail(written(away, "From an old thread.", To=old).as_bytes())
    monkeypatch.setattr(mails, "MANY", 1)
    InboundMail.objects.update(at=timezone.now() - mails.SOON)
    claimed.steps.update(at=timezone.now() - mails.SOON)
    for number in range(3):
        arrivals.take_mail(written(away, f"Hello {number}", Message_ID=f"<more{number}@example.com>").as_bytes())
    assert list(claimed.steps.filter(verb=mails.NOT_TAKEN).values_list("note", flat=True)) == [
        "A mail was not taken as words of the customer, since it came to an address that is over: Re: help: From an old thread.",
        "A mail was not taken as words of the customer, since more than 1 came within 10 minutes: Re: help: Hello 1",
    ]
    assert arrivals.problems() == ("Mails of the last day that could not be taken: 3. The admin names them.",)


def test_words_that_are_not_taken_stay_unread_in_the_mailbox(settings: Any, away: Conversation) -> None:
    old = mail_addresses.address(away.pk, timezone.now() - mail_addresses.LIFE - timedelta(days=2))
    with mail_servers.imap() as port, mail_servers.mailbox(port) as box:
        settings.IMAP_HOST, settings.IMAP_PORT, settings.IMAP_TLS = "127.0.0.1", port, False
        settings.IMAP_USER, settings.IMAP_PASSWORD = mail_servers.USER, mail_servers.PASSWORD
        box.append("INBOX", written(away, To=old).as_bytes())
        seen = box.search(["SEEN"])
        arrivals.read_mailbox()
        assert (box.search(["SEEN"]), InboundMail.objects.filter(result="expired address").count()) == (seen, 1)
