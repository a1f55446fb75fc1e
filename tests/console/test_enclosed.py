"""What comes along with a short message is fetched from the provider alone, by a worker, and kept as the customer's files once."""

from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage

from handoffs import arrivals, clock, files, turns
from handoffs.mediums import twilio
from handoffs.models import Conversation, File, Handoff, InboundMail, Turn
from handoffs.states import Owner
from tests.elsewhere import Elsewhere, up

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
MEDIA = "/2010-04-01/Accounts/AC1/Messages/MM1/Media"
PROGRAM = b"MZ\x90\0 a program"
PERSON = "I want to talk to a real person"
NOT_KEPT = "We couldn’t keep what you just sent. Please tell us in words what it’s about."
NOT_KEPT_EARLIER = "We couldn’t keep something you sent earlier. If it still matters, please tell us in words what it’s about."


class Provider(Elsewhere):
    """Its media stand elsewhere, as `stored` by path; `asked` holds (path, Authorization)."""

    def __init__(self) -> None:
        super().__init__(Handler)
        self.stored: dict[str, bytes | int] = {"/cdn/png": PNG}
        self.asked: list[tuple[str, str | None]] = []
        self.slow = 0.0  # seconds before each answer

    def media(self, name: str) -> str:
        return f"{self.url}{MEDIA}/{name}"


class Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Authorization")))
        Event().wait(self.server.slow)
        if self.path.startswith(MEDIA):
            self.send_response(307)
            self.send_header("Location", self.path.replace(MEDIA, f"{self.server.url}/cdn"))
            return self.end_headers()
        found = self.server.stored.get(self.path, 404)
        self.send_response(found if isinstance(found, int) else 200)
        self.end_headers()
        self.wfile.write(b"" if isinstance(found, int) else found)

    def log_message(self, format: str, *args: Any) -> None:
        return None


@pytest.fixture
def provider(settings: Any, teams: Any, front_desk: Any) -> Iterator[Provider]:
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.SMS_FROM = "AC1", "token", "+447700900000"
    settings.FILES, settings.WEBHOOK_NETWORKS = True, ["127.0.0.0/8"]
    with up(Provider()) as server:
        settings.TWILIO_BASE_URL = server.url
        yield server


class Full(FileSystemStorage):
    """A storage without room for what stands in `refused`."""

    refused = b""

    def _save(self, name: str, content: Any) -> str:
        if content.read() == self.refused:
            raise OSError("no room")
        return super()._save(name, content)


@pytest.fixture
def storage(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Full:
    storage = Full(location=tmp_path)
    monkeypatch.setattr(File._meta.get_field("stored"), "storage", storage)
    return storage


def text_message(*media: str, text: str = "", sender: str = "+447700900123") -> InboundMail:
    return arrivals.take_message("sms", sender, text, "MM1", media)


def fetched_later() -> int:
    InboundMail.objects.filter(due_at__isnull=False).update(due_at=clock.now())
    return arrivals.fetch_enclosed()


def said() -> list[tuple[str, str]]:
    return list(Turn.objects.filter(author="customer").order_by("number").values_list("kind", "text"))


def told() -> list[str]:
    """What customers were told of what is not kept."""
    return list(Turn.objects.filter(text__startswith="We couldn’t keep").order_by("at").values_list("text", flat=True))


def closed() -> None:
    Conversation.objects.update(owner=Owner.NOBODY)


def test_a_picture_is_fetched_once_with_our_key_for_the_provider_alone(provider: Provider) -> None:
    for _ in range(2):
        text_message(provider.media("png"), text="This is the broken part")
    assert (arrivals.fetch_enclosed(), arrivals.fetch_enclosed()) == (1, 0)
    assert said() == [("message", "This is the broken part"), ("file", "file 1.png")]
    assert provider.asked == [(f"{MEDIA}/png", "Basic QUMxOnRva2Vu"), ("/cdn/png", None)]
    with File.objects.get().stored.open() as kept:
        assert kept.read() == PNG


def test_a_picture_without_words_is_a_turn_of_its_own(provider: Provider) -> None:
    text_message(provider.media("png"))
    arrivals.fetch_enclosed()
    assert said() == [("file", "file 1.png")]


@pytest.mark.parametrize("status", [503, 429])
def test_what_fails_is_fetched_later_and_given_up_with_a_note(provider: Provider, status: int) -> None:
    provider.stored["/cdn/png"] = status
    text_message(provider.media("png"))
    assert (arrivals.fetch_enclosed(), arrivals.fetch_enclosed(), InboundMail.objects.get().why) == (1, 0, f"answered {status}")
    while fetched_later():
        pass
    assert (said(), InboundMail.objects.latest("pk").why) == ([], "1 attached, none kept")


@pytest.mark.parametrize("found", [PROGRAM, b"\x89PNG\r\n\x1a\n" + b"\0" * 2000, 404], ids=["a program", "too large", "gone"])
def test_what_may_not_be_kept_is_counted_and_the_rest_is_kept(provider: Provider, settings: Any, found: Any) -> None:
    settings.FILES_LARGEST = 1000
    provider.stored["/cdn/other"] = found
    text_message(provider.media("other"), provider.media("png"))
    arrivals.fetch_enclosed()
    row = InboundMail.objects.latest("pk")
    assert (said(), row.files, row.files_refused) == ([("file", "file 2.png")], 1, 1)


def test_nothing_is_fetched_from_elsewhere_nor_while_files_are_off(provider: Provider, settings: Any) -> None:
    text_message(f"{provider.url}/cdn/png", text="Look")
    assert (InboundMail.objects.get().why, arrivals.fetch_enclosed()) == ("1 media not fetched", 0)
    settings.FILES = False
    arrivals.take_message("sms", "+447700900123", "And this", "MM2", [provider.media("png")])
    assert (arrivals.fetch_enclosed(), provider.asked) == (0, [])


def test_a_private_place_it_leads_to_is_not_asked(provider: Provider, settings: Any) -> None:
    text_message(provider.media("png"))
    settings.WEBHOOK_NETWORKS = []
    arrivals.fetch_enclosed()
    assert (provider.asked, said(), Conversation.objects.count()) == ([], [], 1)


def test_our_key_goes_to_one_address_of_our_account_and_nowhere_else(provider: Provider, settings: Any) -> None:
    text_message(f"{provider.media('png')}\n{provider.url}/cdn/png", text="Look")
    assert (InboundMail.objects.get().why, arrivals.fetch_enclosed()) == ("1 media not fetched", 0)
    arrivals.take_message("sms", "+447700900123", "And this", "MM2", [provider.media("png")])
    settings.TWILIO_BASE_URL = "https://another.example"
    arrivals.fetch_enclosed()
    assert provider.asked == [(f"{MEDIA}/png", None), ("/cdn/png", None)]


def test_all_its_hops_together_have_one_limit(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twilio, "MEDIA_TIMEOUT", 0.5)
    provider.slow = 0.3
    text_message(provider.media("png"))
    arrivals.fetch_enclosed()
    assert (said(), InboundMail.objects.get().why) == ([], "TimeoutError")


def test_what_cannot_be_stored_holds_up_no_other_message_and_is_given_up(provider: Provider, storage: Full) -> None:
    provider.stored["/cdn/other"] = storage.refused = PNG + b"\0"
    first = text_message(provider.media("other"))
    text_message(provider.media("png"), sender="+447700900124")
    assert (arrivals.fetch_enclosed(), said()) == (2, [("file", "file 1.png")])
    first.refresh_from_db()
    assert (first.why, first.due_at is None) == ("no room", False)
    while fetched_later():
        pass
    first.refresh_from_db()
    assert (first.why, first.due_at, File.objects.count()) == ("1 media not fetched", None, 1)


def test_what_no_run_brings_to_its_end_is_given_up(provider: Provider) -> None:
    row = text_message(provider.media("png"))
    InboundMail.objects.update(tries=5)
    assert (fetched_later(), fetched_later(), provider.asked) == (0, 0, [])
    row.refresh_from_db()
    assert (row.due_at, row.why) == (None, "1 media not fetched")


def test_no_more_is_fetched_than_may_be_kept_and_the_rest_is_counted(provider: Provider) -> None:
    text_message(*[provider.media("png")] * (files.MOST_AT_ONCE + 2))
    arrivals.fetch_enclosed()
    row = InboundMail.objects.latest("pk")
    assert (row.files, row.files_refused, len(provider.asked)) == (files.MOST_AT_ONCE, 2, 2 * files.MOST_AT_ONCE)


def test_who_wrote_words_is_told_nothing_of_what_came_along_and_is_not_kept(provider: Provider) -> None:
    provider.stored["/cdn/png"] = PROGRAM
    text_message(provider.media("png"), text=PERSON)
    arrivals.fetch_enclosed()
    assert (told(), Handoff.objects.get().steps.get(verb="media_not_taken").note) == ([], "1 attached, none kept")


def test_who_wrote_words_is_told_nothing_of_what_came_along_and_is_given_up(provider: Provider) -> None:
    text_message(provider.media("png"), text=PERSON)
    InboundMail.objects.update(tries=5)
    fetched_later()
    assert (told(), Handoff.objects.get().steps.get(verb="media_not_taken").note) == ([], "1 media not fetched")


def test_who_sent_no_words_is_told_what_is_not_kept(provider: Provider) -> None:
    text_message(provider.media("gone"))
    arrivals.fetch_enclosed()
    assert told() == [NOT_KEPT]


def test_what_was_sent_an_hour_ago_is_not_what_was_just_sent(provider: Provider) -> None:
    text_message(provider.media("gone"))
    InboundMail.objects.update(at=clock.now() - timedelta(hours=1))
    arrivals.fetch_enclosed()
    assert told() == [NOT_KEPT_EARLIER]


def test_what_was_sent_before_other_words_is_not_what_was_just_sent(provider: Provider) -> None:
    text_message(provider.media("gone"))
    turns.take(Conversation.objects.get(), "It came broken")
    arrivals.fetch_enclosed()
    assert told() == [NOT_KEPT_EARLIER]


def test_who_sent_several_is_told_of_all_of_them_together(provider: Provider) -> None:
    for number in range(2):
        arrivals.take_message("sms", "+447700900123", "", f"MM{number}", [provider.media("gone")])
    assert (arrivals.fetch_enclosed(), told()) == (2, [NOT_KEPT])


def test_what_is_given_up_after_its_conversation_was_closed_is_told_all_the_same(provider: Provider) -> None:
    text_message(provider.media("png"))
    closed()
    InboundMail.objects.update(tries=5)
    fetched_later()
    assert (told(), Conversation.objects.count()) == ([NOT_KEPT_EARLIER], 2)


def test_a_picture_that_comes_after_its_words_were_closed_owes_an_answer_of_its_own(provider: Provider) -> None:
    words = text_message(provider.media("png"), text="This is the broken part").conversation
    closed()
    arrivals.fetch_enclosed()
    follows = File.objects.get().conversation
    assert (follows == words, follows.owner, follows.silence_due_at is None) == (False, Owner.ASSISTANT, False)


def test_what_is_not_kept_after_its_words_were_closed_begins_nothing(provider: Provider) -> None:
    text_message(provider.media("gone"), text="This is the broken part")
    closed()
    arrivals.fetch_enclosed()
    assert (told(), Conversation.objects.count()) == ([], 1)
