"""Customers are spoken to in their language: nothing is untranslated or stale, plurals are right, and workers speak it as well."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import OperationalError, connection
from django.test import Client
from django.utils import translation

from console import translations
from handoffs import addresses, letters, tongue, turns, waiting_room
from handoffs.models import Conversation, Letter, Turn

CODES = translations.codes()
Start = Callable[..., Conversation]


@pytest.mark.parametrize("code", CODES)
def test_every_sentence_is_translated_and_compiled(code: str) -> None:
    assert translations.missing(code) == []
    assert translations.is_fresh(code), "run `manage.py translate`"


@pytest.mark.parametrize("code", CODES)
def test_a_translation_names_the_same_things(code: str) -> None:
    for message in translations.kept(code):
        if message.id:
            whole = message.id if isinstance(message.id, str) else message.id[1]
            strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
            assert {frozenset(re.findall(r"%\(\w+\)s|%%", each)) for each in strings} <= {frozenset(re.findall(r"%\(\w+\)s|%%", whole)), frozenset()}
            assert re.findall(r"%\(\w+\)s|%%", strings[-1]) or not re.findall(r"%\(\w+\)s|%%", whole), message.id


def test_arabic_has_six_plurals() -> None:
    assert translations.kept("ar").num_plurals == 6


@pytest.mark.parametrize(("columns", "spoken"), [
    ({}, "en"), ({"browser_language": "fr"}, "fr"), ({"browser_language": "fr", "language": "pt-BR"}, "pt"),
    ({"browser_language": "fr", "language": "ja"}, "fr"), ({"browser_language": "fr", "language": "es", "chosen_language": "ar"}, "ar"),
])
def test_what_was_chosen_comes_before_what_is_written_before_the_browsers(start: Start, columns: dict[str, str], spoken: str) -> None:
    assert tongue.of(start(**columns)) == spoken


def test_the_page_speaks_the_browsers_language_and_workers_do_from_then_on(start: Start) -> None:
    conversation = start()
    page = Client(headers={"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}).get(f"/c/{addresses.token(conversation.pk)}/").content.decode()
    assert '<html lang="de">' in page
    assert "Mit einem Menschen sprechen" in page
    turns.ask_for_person(conversation)
    assert "Gern. Wir verbinden Sie mit einem Menschen." in Turn.objects.get(kind=Turn.Kind.HANDED_OFF).text
    assert translation.get_language() == settings.LANGUAGE_CODE


def test_a_letter_speaks_the_customers_language(start: Start, mailoutbox: list[EmailMessage]) -> None:
    conversation = start(language="es", reply_by_email="amara@example.com")
    waiting_room.tell(conversation, waiting_room.words("closed", conversation), Turn.Kind.CLOSED)
    assert letters.send(Letter.objects.get())
    assert "Gracias por escribirnos." in mailoutbox[0].body
    assert "vea todo el chat:" in mailoutbox[0].body
    assert mailoutbox[0].subject.endswith(": cómo va su chat")


def test_the_language_is_changed_on_the_page_and_words_being_written_stay(start: Start) -> None:
    conversation, web = start(language="de"), Client()
    page = web.post(f"/c/{addresses.token(conversation.pk)}/language/", {"language": "ar", "text": "still writing"}).content.decode()
    assert '<html lang="ar" dir="rtl">' in page
    assert "still writing</textarea>" in page
    assert '<html lang="ar" dir="rtl">' in web.get(f"/c/{addresses.token(conversation.pk)}/").content.decode()


def test_a_language_we_do_not_have_changes_nothing(start: Start) -> None:
    conversation = start(language="fr")
    assert '<html lang="fr">' in Client().post(f"/c/{addresses.token(conversation.pk)}/language/", {"language": "tlh"}).content.decode()


def test_a_page_without_a_chat_speaks_the_language_of_the_site_around_it(db: None) -> None:
    answer = Client(headers={"Accept-Language": "es"}).get("/chat/?lang=pt")
    assert '<html lang="pt">' in answer.content.decode()


def test_the_console_speaks_english_whatever_the_browser_asks_for(db: None) -> None:
    assert '<html lang="en">' in Client(headers={"Accept-Language": "de"}).get("/login/").content.decode()


@pytest.mark.parametrize(("tongue", "sentence"), [("en", "it came from an address that is not ours"), ("de", "die nicht unsere ist"), ("ar", "عنوان ليس لنا")])
def test_a_refused_form_says_so_in_the_customers_language_and_leads_back(start: Start, tongue: str, sentence: str) -> None:
    web, path = Client(headers={"Origin": "null", "Accept-Language": tongue}), f"/c/{addresses.token(start().pk)}/"
    page, words = web.post(f"{path}say/"), web.post(f"{path}say/", headers={"X-Requested-With": "fetch"})
    assert (page.status_code, page["Cache-Control"], words["Content-Type"]) == (403, "no-store", "text/plain; charset=utf-8")
    assert [sentence in each.content.decode() for each in (page, words)] == [True, True]
    assert f'href="{settings.BASE_URL}{path}"' in page.content.decode()
    assert 'href="/chat/"' in web.post("/chat/").content.decode()
    assert "?lang=" not in page.content.decode()


@pytest.mark.parametrize("missing", ["callback.ics", "file/?file=x", "made/up"])
def test_what_is_not_there_is_a_page_of_the_customers(start: Start, missing: str) -> None:
    path = f"/c/{addresses.token(start().pk)}/"
    answer = Client(headers={"Accept-Language": "fr"}).get(path + missing)
    page = answer.content.decode()
    assert (answer.status_code, answer["Referrer-Policy"], "X-Frame-Options" in answer) == (404, "same-origin", False)
    assert ['<html lang="fr">' in page, "rien à cette adresse" in page, f'href="{path}"' in page] == [True, True, True]


@pytest.mark.parametrize("address", ["/chat/made/up", "/c/", "/c/made.up/elsewhere"])
def test_where_there_is_no_chat_a_new_one_can_be_begun(db: None, address: str) -> None:
    assert 'href="/chat/">Start a new chat' in Client().get(address).content.decode()


def test_agents_keep_their_own_page_for_what_is_not_there(db: None) -> None:
    assert "There is nothing here for you" in Client().get("/chats").content.decode()


def test_what_broke_is_said_without_the_database(start: Start) -> None:
    path = f"/c/{addresses.token(start().pk)}/"
    with connection.execute_wrapper(_is_down):
        answers = [Client(raise_request_exception=False, headers={"Accept-Language": "es"}).get(each) for each in (path, "/chat/")]
    pages = [answer.content.decode() for answer in answers]
    assert [answer.status_code for answer in answers] == [500, 500]
    assert [f'href="{path}"' in pages[0], 'href="/chat/"' in pages[1], "Algo ha fallado por nuestra parte" in pages[1]] == [True, True, True]


def _is_down(*_: object) -> None:
    raise OperationalError("the database is down")
