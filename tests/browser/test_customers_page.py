"""The customer's page for everybody: in other languages, by keyboard, light enough for slow lines, and without scripts."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

from handoffs import handback, receiving, waiting_room
from handoffs.models import Agent, Conversation, Handoff
from tests.browser.test_accessibility import OPTIONS, fits, look
from tests.conftest import reload

CustomerPage, HandOff = Callable[..., Page], Callable[..., Handoff]
MOST_BYTES = 60_000
PHONE = {"viewport": {"width": 390, "height": 844}}


def opened(page: Page) -> Page:
    page.evaluate("for (const folded of document.querySelectorAll('details:not(.tongues)')) folded.open = true")
    return page


@pytest.mark.parametrize(("language", "theme"), [("de", "light"), ("ar", "dark")])
def test_it_is_accessible_in_other_languages(hand_off: HandOff, ann: Agent, customer_page: CustomerPage, language: str, theme: str) -> None:
    waiting, done = hand_off(chosen_language=language), hand_off(chosen_language=language)
    receiving.claim(done, ann)
    handback.hand_back(reload(done), ann, resolution="Refunded €14")
    for handoff in (waiting, done):
        page = opened(customer_page(handoff.conversation, **OPTIONS, **PHONE))
        look(page, f"{language}, {handoff.state}", themes=(theme,))
        fits(page, f"{language}, {handoff.state}")
        assert page.locator("[role=log], [role=status], [role=alert]").evaluate_all("all => all.map(one => one.getAttribute('role')).sort()")[:2] == [
            "alert", "log"]


def test_arabic_runs_from_right_to_left(hand_off: HandOff, customer_page: CustomerPage) -> None:
    page = customer_page(hand_off(chosen_language="ar").conversation)
    sides = page.evaluate("""() => ['.chat__top > div', '.tongues', '.door .ico', '#write .btn', '.bub--me .bub__t'].map(
        (one) => document.querySelector(one).getBoundingClientRect()).map((at) => at.left + at.width / 2 > innerWidth / 2)""")
    assert sides == [True, False, True, False, False]


def test_the_language_is_changed_by_keyboard_and_what_is_written_stays(hand_off: HandOff, customer_page: CustomerPage) -> None:
    page = customer_page(hand_off().conversation)
    page.get_by_label("Your message").fill("still writing")
    page.locator(".tongues summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_label("Ihre Nachricht")).to_have_value("still writing")


def test_the_door_works_by_keyboard_and_the_wait_is_announced(conversation: Conversation, customer_page: CustomerPage) -> None:
    page = customer_page(conversation)
    page.get_by_label("Your message").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#room-title")).to_be_focused()
    expect(page.locator("p#spoken[role=status]")).to_contain_text("at their desk right now")


def test_a_page_is_at_most_60_kb_before_fonts(hand_off: HandOff, customer_page: CustomerPage) -> None:
    page = customer_page(hand_off().conversation)
    expect(page.locator("#room-title")).to_be_visible()
    loaded = page.evaluate("performance.getEntriesByType('resource').filter(one => /\\/static\\/(?!fonts)/.test(one.name)).map(one => one.name)")
    scripts = [one for one in page.evaluate("[...document.scripts].map(one => one.src)") if one]
    whole = page.evaluate("performance.getEntriesByType('navigation')[0].transferSize")
    # The tests' server sends files as they are; elsewhere they are compressed like this once, beforehand.
    files = {name: len(gzip.compress(urlopen(name).read(), 9)) for name in {*loaded, *scripts}}
    assert any(name.endswith("customer.css") for name in files)
    assert not any("ui.css" in name for name in files)
    assert whole + sum(files.values()) <= MOST_BYTES, (whole, files)


def test_without_scripts_news_come_and_what_is_written_stays(hand_off: HandOff, ann: Agent, customer_page: CustomerPage) -> None:
    handoff = hand_off()
    page = customer_page(handoff.conversation, java_script_enabled=False)
    expect(page.locator("noscript .strip span")).to_contain_text("Scripts are off")
    page.locator("#text").fill("still writing")
    frame = page.frame_locator("iframe.still")
    expect(frame.locator("meta[http-equiv=refresh]")).to_have_attribute("content", "15")
    receiving.claim(handoff, ann)
    receiving.say(reload(handoff), ann, "I have it here.", client_id="1")
    page.frames[1].goto(page.frames[1].url)
    expect(frame.locator(".bub--human")).to_contain_text("I have it here.")
    expect(frame.locator("body")).to_contain_text("Something has changed.")
    expect(page.locator("#text")).to_have_value("still writing")
    page.locator("#write button[type=submit]").click()
    expect(page.locator(".bub--me").last).to_contain_text("still writing")
    frame.get_by_role("link", name="Load the whole page")
    assert re.search(r"/c/[\w.:-]+/$", page.url)


def test_a_file_is_sent_by_choosing_it_and_one_that_is_refused_is_said(hand_off: HandOff, customer_page: CustomerPage) -> None:
    page = customer_page(hand_off().conversation)
    page.get_by_label("Files for the team").set_input_files({"name": "receipt.txt", "mimeType": "text/plain", "buffer": b"14.99"})
    expect(page.locator("#log .bub__file")).to_have_text("receipt.txt")
    expect(page.locator("#pending > *")).to_have_count(0)
    page.get_by_label("Files for the team").set_input_files({"name": "program.exe", "mimeType": "image/png", "buffer": b"MZ\x90\0" + b"\0" * 99})
    expect(page.locator("#refused")).to_have_text("We can take pictures, PDF and text files here.")
    expect(page.locator("#pending > *")).to_have_count(0)


def test_an_agents_file_reaches_the_customer_and_the_desk_it_leaves_breaks_no_rule(
    hand_off: HandOff, ann: Agent, agent_page: Callable[..., Page], customer_page: CustomerPage
) -> None:
    handoff = hand_off()
    receiving.claim(handoff, ann)
    desk, page = agent_page(ann, f"/handoffs/{handoff.pk}/", **OPTIONS), customer_page(handoff.conversation)
    desk.get_by_label("Files for Amara").set_input_files({"name": "label.txt", "mimeType": "text/plain", "buffer": b"14.99"})
    expect(desk.get_by_role("link", name="label.txt")).to_be_visible()
    look(desk, "files from the desk")
    link = page.locator("#log .bub--human .bub__file").get_by_role("link", name="label.txt")
    with page.expect_download() as saved:
        link.click()
    assert Path(saved.value.path()).read_bytes() == b"14.99"


def test_a_chat_that_closes_takes_no_more_files(hand_off: HandOff, customer_page: CustomerPage, ann: Agent) -> None:
    handoff = hand_off()
    page = customer_page(handoff.conversation)
    expect(page.locator("#file-form")).to_be_visible()
    receiving.claim(handoff, ann)
    receiving.resolve(reload(handoff), ann, hands_back=False)
    handback.close(reload(handoff))
    expect(page.locator("#file-form")).to_be_hidden()


def test_files_that_are_too_many_or_too_large_are_said_before_they_are_sent(hand_off: HandOff, customer_page: CustomerPage, settings: Any) -> None:
    page = customer_page(hand_off().conversation)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" and "/files" in request.url else None)
    large, many = "That file is too large. Please send a smaller one.", "That is more files than we can take here."
    for count, size, words in ((1, settings.FILES_LARGEST + 1, large), (6, 1, many)):
        given = [{"name": f"{number}.txt", "mimeType": "text/plain", "buffer": b"x" * size} for number in range(count)]
        page.get_by_label("Files for the team").set_input_files(given)
        expect(page.locator("#refused")).to_have_text(words)
    assert (sent, page.locator("#pending > *").count()) == ([], 0)
    page.get_by_label("Files for the team").set_input_files({"name": "receipt.txt", "mimeType": "text/plain", "buffer": b"14.99"})
    expect(page.locator("#log .bub__file")).to_have_text("receipt.txt")
    assert len(sent) == 1


def test_without_scripts_a_file_is_chosen_and_sent(hand_off: HandOff, customer_page: CustomerPage) -> None:
    page = customer_page(hand_off().conversation, java_script_enabled=False)
    page.get_by_label("Files for the team").set_input_files({"name": "receipt.txt", "mimeType": "text/plain", "buffer": b"14.99"})
    page.get_by_role("button", name="Send the files").click()
    expect(page.locator("#log .bub__file")).to_have_text("receipt.txt")
    # The frame has the line, so the page's own is not there a second time.
    expect(page.locator("#line")).to_be_hidden()
    expect(page.frame_locator("iframe.still").locator("#line")).to_be_visible()


def test_of_what_a_long_wait_says_the_last_words_stay(hand_off: HandOff, customer_page: CustomerPage) -> None:
    conversation = hand_off().conversation
    for number in range(5):
        waiting_room.tell(conversation, f"Still here {number}.", "check_in")
    page = customer_page(conversation)
    assert page.locator("#feed > li:visible p").all_text_contents() == ["Still here 4.", "Still here 3.", "Still here 2."]
    waiting_room.withdraw(conversation)
    page.reload()
    assert page.locator(".seams:visible .said").all_text_contents()[-1].endswith("Still here 4.")
    expect(page.get_by_text("Still here 3.")).to_be_hidden()


def test_a_page_goes_on_in_the_language_the_customer_writes(hand_off: HandOff, customer_page: CustomerPage) -> None:
    conversation = hand_off(chosen_language="ar").conversation
    page = customer_page(conversation)
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    page.locator("#text").fill("still writing")
    Conversation.objects.filter(pk=conversation.pk).update(chosen_language="en")
    waiting_room.leave_email(conversation, "amara@example.com")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.evaluate("document.documentElement.dir") == ""
    expect(page.get_by_label("Your message")).to_have_value("still writing")
    expect(page.get_by_label("Your message")).to_be_focused()
