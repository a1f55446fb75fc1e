"""Files of customers: few kinds by their first bytes, off unless switched on, and only ever saved."""

from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.core.files.storage import FileSystemStorage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handoffs import addresses, arrivals, files, letters, mail_addresses, receiving
from handoffs.models import Agent, Assistant, Conversation, File, Handoff, Turn
from handoffs.states import Owner
from tests.conftest import reload
from tests.console.api_caller import Caller

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 50
SAMPLES = {
    "image/png": PNG, "image/jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 50, "image/gif": b"GIF89a" + b"\0" * 50,
    "application/pdf": b"%PDF-1.7\n" + b"x" * 50,
    "image/webp": b"RIFF\x24\0\0\0WEBPVP8 " + b"\0" * 50, "image/heif": b"\0\0\0\x18ftypheic\0\0\0\0" + b"\0" * 50, "text/plain": "Grüße\n1,2\n".encode(),
}
REFUSED = {
    "html": b"<html><script>alert(1)</script>", "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "program": b"MZ\x90\0" + b"\0" * 100,
    "elf": b"\x7fELF" + b"\0" * 60, "zip": b"PK\x03\x04" + b"\0" * 60, "film": b"\0\0\0\x18ftypmp42\0\0\0\0" + b"\0" * 50, "bytes": bytes(range(256)),
}


@pytest.fixture(autouse=True)
def _switched_on(settings: Any) -> None:
    settings.FILES = True


@pytest.fixture
def visitor(handoff: Handoff) -> Callable[..., Any]:
    path = reverse("customer_files", args=[addresses.token(handoff.conversation_id)])

    def send(*given: tuple[str, bytes], client_id: str = "f-1") -> Any:
        uploads = [SimpleUploadedFile(name, content, "image/png") for name, content in given]
        return Client().post(path, {"file": uploads, "client_id": client_id}, headers={"X-Requested-With": "fetch"})

    return send


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_kind_is_known_by_its_first_bytes(kind: str) -> None:
    assert files.kind_of(SAMPLES[kind]) == kind


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_other_kinds_are_refused_whatever_they_are_called(visitor: Callable[..., Any], content: bytes) -> None:
    assert (visitor(("photo.png", content)).status_code, File.objects.count()) == (415, 0)


def test_a_file_is_a_turn_once_and_an_agent_of_the_team_saves_it(
    visitor: Callable[..., Any], handoff: Handoff, ann: Agent, dan: Agent, signed_in: Callable[[Agent], Client]
) -> None:
    assert [visitor(("../my photo.png", PNG), ("a.txt", b"hi")).status_code for _ in range(2)] == [204, 204]
    turn = Turn.objects.get(kind=Turn.Kind.FILE)
    assert (turn.text, [(file.name, file.kind, file.size) for file in turn.files.all()]) == (
        "my photo.png, a.txt", [("my photo.png", "image/png", len(PNG)), ("a.txt", "text/plain", 2)])
    file = turn.files.first()
    path = reverse("file", args=[handoff.conversation_id, file.pk])
    answer = signed_in(ann).get(path)
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, PNG)
    assert (answer["Content-Disposition"], answer["X-Content-Type-Options"]) == ('attachment; filename="my photo.png"', "nosniff")
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert [signed_in(dan).get(path).status_code, Client().get(path).status_code] == [404, 302]
    desk = signed_in(ann).get(reverse("desk", args=[handoff.pk])).content.decode()
    assert (f'href="{path}" download' in desk, "my photo.png" in desk) == (True, True)


def test_the_name_of_a_file_is_no_fact(visitor: Callable[..., Any], handoff: Handoff) -> None:
    visitor(("order number A-1234.png", PNG))
    assert [fact for fact in reload(handoff).what_to_know.facts if "1234" in fact.value] == []


def given(client: Client, handoff: Handoff, *uploads: tuple[str, bytes], client_id: str = "g-1") -> Any:
    form = {"file": [SimpleUploadedFile(name, content) for name, content in uploads], "client_id": client_id}
    return client.post(reverse("give", args=[handoff.pk]), form, headers={"Accept": "application/json"})


def test_the_agent_sends_a_file_and_the_customer_saves_it(claimed: Handoff, ann: Agent, signed_in: Callable[[Agent], Client]) -> None:
    assert [given(signed_in(ann), claimed, ("label.pdf", SAMPLES["application/pdf"])).status_code for _ in range(2)] == [201, 201]
    turn = Turn.objects.get(kind=Turn.Kind.FILE)
    assert (turn.author, turn.agent, [file.author for file in turn.files.all()]) == ("agent", ann, ["agent"])
    address = addresses.token(claimed.conversation_id)
    path = f"{reverse('customer_file', args=[address])}?file={turn.files.get().pk}"
    assert f'href="{path}" download' in Client().get(reverse("customer", args=[address])).content.decode()
    assert b"".join(Client().get(path).streaming_content) == SAMPLES["application/pdf"]


def test_files_under_the_id_of_words_that_were_said_are_not_kept(claimed: Handoff, ann: Agent) -> None:
    said = receiving.say(reload(claimed), ann, "Hello", client_id="g-1")
    assert files.give(reload(claimed), ann, [("a.png", PNG)], client_id="g-1") == said
    assert File.objects.count() == 0


def test_who_has_no_conversation_sends_no_file_into_it(claimed: Handoff, ann: Agent, bob: Agent, signed_in: Callable[[Agent], Client]) -> None:
    answers = [given(signed_in(bob), claimed, ("a.png", PNG)), given(signed_in(ann), claimed, ("a.png", REFUSED["program"]))]
    assert ([each.status_code for each in answers], File.objects.count()) == ([409, 415], 0)
    assert answers[1].json()["title"] == "Not a kind of file that is kept, by its first bytes"


def test_a_letter_says_that_files_are_in_the_chat(claimed: Handoff, ann: Agent, signed_in: Callable[[Agent], Client], mailoutbox: Any) -> None:
    Conversation.objects.update(page_open_until=None, reply_by_email="amara@example.com")
    given(signed_in(ann), claimed, ("label.pdf", SAMPLES["application/pdf"]))
    letters.send(letters.due().get(turn__kind=Turn.Kind.FILE))
    assert mailoutbox[0].body.startswith("Ann sent you files. They are in your chat:\n\nlabel.pdf")


def test_a_file_of_another_conversation_is_not_there(
    visitor: Callable[..., Any], hand_off: Callable[..., Handoff], ann: Agent, signed_in: Callable[[Agent], Client]
) -> None:
    visitor(("a.png", PNG))
    file, other = File.objects.get(), hand_off()
    foreign = reverse("customer_file", args=[addresses.token(other.conversation_id)])
    own = reverse("customer_file", args=[addresses.token(file.conversation_id)])
    assert [Client().get(f"{path}?file={file.pk}").status_code for path in (own, foreign)] == [200, 404]
    assert [Client().get(f"{own}?file={key}").status_code for key in ("", "x", "../../etc/passwd")] == [404] * 3
    assert signed_in(ann).get(reverse("file", args=[other.conversation_id, file.pk])).status_code == 404


def test_what_may_not_be_is_refused_with_its_reason(visitor: Callable[..., Any], handoff: Handoff, settings: Any) -> None:
    settings.FILES_LARGEST = 1000
    assert visitor(("a.txt", b"x" * 1001)).status_code == 413
    assert visitor(*[("a.txt", b"x")] * 6).status_code == 413
    assert visitor(("a.txt", b"")).status_code == 422
    assert visitor().status_code == 422
    assert visitor(("a.png", PNG), ("b.exe", REFUSED["program"])).status_code == 415  # all or none
    settings.FILES = False
    assert visitor(("a.png", PNG)).status_code == 403
    assert (File.objects.count(), Turn.objects.filter(kind=Turn.Kind.FILE).count()) == (0, 0)


@pytest.mark.parametrize(("name", "shown"), [
    ("run.bat", "run.bat.txt"), ("C:\\temp\\list.csv", "list.csv"), ("/etc/passwd", "passwd.txt"), ("a\u202etxt.exe", "atxt.exe.txt"),
    ("x" * 300 + ".txt", "x" * 100 + ".txt"),
    ("", "file.txt"), ("...", "file.txt"), ("a\r\nSet-Cookie: x.txt", "aSet-Cookie x.txt"), ('"><script>.txt', "script.txt"), ("Grüße.TXT", "Grüße.TXT"),
])
def test_a_name_is_shown_without_tricks_and_with_a_true_ending(handoff: Handoff, name: str, shown: str) -> None:
    files.send(handoff.conversation, [(name, b"hello")])
    assert File.objects.get().name == shown


def test_it_is_stored_under_a_name_that_says_nothing_outside_what_is_served(handoff: Handoff, settings: Any) -> None:
    files.send(handoff.conversation, [("secret-report.txt", b"hello")])
    path = Path(storages["files"].path(File.objects.get().stored.name))
    assert (path.read_bytes(), "secret" in str(path), path.is_relative_to(settings.STATIC_ROOT)) == (b"hello", False, False)


class Noting(FileSystemStorage):
    """Bytes in a folder, and whether a transaction was open when they were written."""

    inside: ClassVar[list[bool]] = []

    def _save(self, name: str, content: Any) -> str:
        self.inside.append(connection.in_atomic_block)
        return super()._save(name, content)

    def count(self) -> int:
        return sum(path.is_file() for path in Path(self.location).rglob("*"))


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Noting:
    monkeypatch.setattr(Noting, "inside", [])
    storage = Noting(location=tmp_path)
    monkeypatch.setattr(File._meta.get_field("stored"), "storage", storage)
    return storage


@pytest.mark.django_db(transaction=True)
def test_bytes_are_written_while_nothing_is_locked_and_go_with_what_was_not_kept(stored: Noting, handoff: Handoff) -> None:
    uploads = [("a.png", PNG), ("b.txt", b"hi")]
    first, again = (files.send(handoff.conversation, uploads, client_id="f-1") for _ in range(2))
    assert (first, stored.inside, stored.count(), File.objects.count()) == (again, [False] * 4, 2, 2)
    Conversation.objects.update(owner=Owner.NOBODY, agent=None, team=None)
    with pytest.raises(files.Refused, match="closed"):
        files.send(handoff.conversation, uploads, client_id="f-2")
    assert stored.count() == 2


@pytest.mark.django_db(transaction=True)
def test_bytes_go_with_their_row_once_that_is_sure(stored: Noting, handoff: Handoff) -> None:
    files.send(handoff.conversation, [("a.png", PNG)])
    with transaction.atomic():
        File.objects.all().delete()
        transaction.set_rollback(True)
    assert (File.objects.count(), stored.count()) == (1, 1)
    File.objects.all().delete()
    assert stored.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_mails_files_are_written_while_nothing_is_locked(stored: Noting, handoff: Handoff) -> None:
    for text in ("Here it is", ""):
        key = arrivals.rows.key_of(text)
        assert [arrivals.rows.say(handoff.conversation, text, [("a.png", PNG), ("b.exe", REFUSED["program"])], key).files for _ in range(2)] == [1, 1]
    assert (set(stored.inside), stored.count(), File.objects.count()) == ({False}, 2, 2)


def test_what_is_attached_to_a_mail_comes_along(handoff: Handoff, settings: Any) -> None:
    settings.MAIL_REPLY_ADDRESS = "reply@mail.example"

    def mail(number: int, text: str, *attached: bytes) -> bytes:
        message = EmailMessage()
        message["To"], message["Message-ID"] = mail_addresses.address(handoff.conversation_id, timezone.now()), f"<{number}@example.com>"
        message.set_content(text)
        for content in attached:
            message.add_attachment(content, maintype="application", subtype="octet-stream", filename="photo.png")
        return message.as_bytes()

    raw = mail(1, "Here it is", PNG, REFUSED["program"])
    first = [arrivals.take_mail(raw) for _ in range(2)][-1]
    assert (first.turn.text, first.turn.files.count(), first.files, first.files_refused) == ("Here it is", 1, 1, 1)
    alone = arrivals.take_mail(mail(2, "", PNG))
    assert (alone.result, alone.turn.kind, alone.files) == ("taken", Turn.Kind.FILE, 1)
    mixed = arrivals.take_mail(mail(4, "", REFUSED["program"], PNG))
    assert (mixed.result, mixed.files, mixed.files_refused) == ("taken", 1, 1)
    settings.FILES = False
    none = arrivals.take_mail(mail(5, "", PNG))
    assert (none.result, none.turn, none.why) == ("nothing said", None, "1 attached, none kept")
    assert handoff.steps.get(verb="media_not_taken").note == none.why
    refused = arrivals.take_mail(mail(3, "And this", PNG))
    assert (refused.turn.text, refused.files, refused.files_refused) == ("And this", 0, 1)
    assert Conversation.objects.count() == 1


def test_where_there_is_no_room_nothing_more_is_kept(handoff: Handoff, monkeypatch: pytest.MonkeyPatch) -> None:
    turn = handoff.conversation.turns.last()
    files.attach(turn, files.store(handoff.conversation, [(f"{number}.png", PNG) for number in range(3)]))
    monkeypatch.setattr(files, "MOST_IN_ALL", 1)
    files.attach(turn, files.store(handoff.conversation, [(f"{number}.png", PNG) for number in range(4)]))
    assert File.objects.count() == 3


Sender = Callable[..., tuple[int, Any]]


@pytest.fixture
def over_the_api(handoff: Handoff, juniper: Assistant, ann: Agent, key: Callable[..., str]) -> Sender:
    other = Assistant.objects.create(code="other", name="Other")
    secrets = {"agent": key(agent=ann), "assistant": key(assistant=handoff.conversation.assistant), "stranger": key(assistant=other)}

    def send(*given: tuple[str, bytes], by: str = "assistant", idempotency: str = "", **form: Any) -> tuple[int, Any]:
        uploads = [SimpleUploadedFile(name, content) for name, content in given]
        headers = {"Authorization": f"Bearer {secrets[by]}", **({"Idempotency-Key": idempotency} if idempotency else {})}
        answer = Client().post(f"/api/v1/conversations/{handoff.conversation_id}/files", {"file": uploads, **form}, headers=headers)
        return answer.status_code, answer.json()

    return send


def test_an_assistant_sends_its_customers_files_once(over_the_api: Sender, handoff: Handoff) -> None:
    answers = [over_the_api(("../my photo.png", PNG), ("a.txt", b"hi"), client_id="f-1") for _ in range(2)]
    assert [(status, body["author"], body["kind"], [file["name"] for file in body["files"]]) for status, body in answers] == [
        (201, "customer", "file", ["my photo.png", "a.txt"])] * 2
    assert (answers[0][1]["number"], File.objects.filter(conversation=handoff.conversation_id).count()) == (answers[1][1]["number"], 2)


def test_an_agent_sends_files_over_the_api_while_it_is_theirs(over_the_api: Sender, handoff: Handoff, ann: Agent) -> None:
    before = over_the_api(("a.png", PNG), by="agent")[0]
    receiving.claim(handoff, ann)
    status, body = over_the_api(("a.png", PNG), by="agent")
    assert (before, status, body["author"], [file["name"] for file in body["files"]]) == (409, 201, "agent", ["a.png"])


def test_one_idempotency_key_is_for_the_same_files(over_the_api: Sender) -> None:
    answers = [over_the_api(("a.png", PNG + more), idempotency="k-1")[0] for more in (b"", b"", b"other")]
    assert (answers, File.objects.count()) == ([201, 201, 422], 1)


@pytest.mark.parametrize(("given", "status", "problem"), [
    ([("a.png", b"MZ" + b"\0" * 100)], 415, "file-kind"), ([], 422, "file-empty"), ([("a.png", PNG)] * 6, 413, "file-too-many"),
    ([("a.png", PNG + b"x" * 2000)], 413, "file-too-large"),
], ids=["a program", "nothing", "six", "too large"])
def test_what_is_not_kept_is_a_problem(over_the_api: Sender, settings: Any, given: list[tuple[str, bytes]], status: int, problem: str) -> None:
    settings.FILES_LARGEST = 1000
    answer = over_the_api(*given)
    assert (answer[0], answer[1]["type"], File.objects.count()) == (status, f"/problems/{problem}", 0)


def test_files_over_the_api_are_off_unless_switched_on_and_nobody_elses(over_the_api: Sender, settings: Any) -> None:
    assert over_the_api(("a.png", PNG), by="stranger")[0] == 404
    settings.FILES = False
    assert (over_the_api(("a.png", PNG))[0], File.objects.count()) == (403, 0)


def test_only_a_form_brings_files(handoff: Handoff, key: Callable[..., str]) -> None:
    caller, path = Caller(key(assistant=handoff.conversation.assistant)), f"/conversations/{handoff.conversation_id}/files"
    assert [caller.post(path, {"file": "x"})[0], caller.send(path, b"--x", "multipart/form-data; boundary=x").status_code,
            caller.send(path, b"x", "multipart/form-data").status_code] == [415, 422, 400]
