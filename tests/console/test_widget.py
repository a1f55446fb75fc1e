"""The widget's script, and what lets a customer's page work in another site's frame: no cookies, and only where it is allowed."""

import gzip
import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from console.views import framing, widget
from handoffs import addresses
from handoffs.models import Conversation

MOST_BYTES = 15_000


@pytest.fixture
def web() -> Client:
    return Client(enforce_csrf_checks=True)


def test_the_script_and_its_style_are_small(web: Client) -> None:
    answer = web.get("/widget.js", headers={"Accept-Encoding": "gzip"})
    assert (answer["Content-Encoding"], answer["Cache-Control"]) == ("gzip", "public, max-age=3600")
    assert len(answer.content) <= MOST_BYTES
    assert not re.search(r"(?:src|href|url|import)\W{1,3}https?:", gzip.decompress(answer.content).decode())


def test_the_script_has_its_words_in_every_language() -> None:
    words = {code: widget._words(code) for code, _ in settings.LANGUAGES}
    assert all("#" in each["unread"] for each in words.values())
    assert len({each["close"] for each in words.values()}) == len(words)


def test_a_script_that_did_not_change_is_not_sent_again(web: Client) -> None:
    assert web.get("/widget.js", headers={"If-None-Match": web.get("/widget.js")["ETag"]}).status_code == 304


def test_a_customers_page_uses_no_cookies(web: Client, start: Callable[..., Conversation]) -> None:
    address = f"/c/{addresses.token(start().pk)}/"
    answers = [web.get(address), web.post(f"{address}ask/"), web.get("/chat/"), web.post("/chat/", {}), web.get("/c/made.up/")]
    assert [answer.status_code for answer in answers] == [200, 303, 200, 303, 403]
    assert not web.cookies


@pytest.mark.parametrize(("origin", "status"), [(None, 303), ("http://testserver", 303), ("http://127.0.0.1:8000", 303),
                                                ("https://elsewhere.example", 403), ("http://testserver:81", 403), ("null", 403)])
def test_forms_of_other_sites_are_refused(web: Client, conversation: Conversation, origin: str | None, status: int) -> None:
    answer = web.post(f"/c/{addresses.token(conversation.pk)}/ask/", headers={"Origin": origin} if origin else {})
    assert answer.status_code == status
    conversation.refresh_from_db()
    assert (conversation.owner == "team") == (status == 303)


def test_nobody_frames_a_page_until_it_is_allowed(web: Client, conversation: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = web.get(f"/c/{addresses.token(conversation.pk)}/")
    assert "frame-ancestors 'self';" in answer["Content-Security-Policy"] + ";"
    monkeypatch.setitem(framing.POLICY, "frame-ancestors", ["'self'", "https://shop.example"])
    answer = web.get(f"/c/{addresses.token(conversation.pk)}/")
    assert "frame-ancestors 'self' https://shop.example;" in answer["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in answer
    assert "frame-ancestors 'none'" in web.get("/login/")["Content-Security-Policy"]
