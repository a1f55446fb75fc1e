"""The page without a browser keeps to the rules of static/live.js, so that what it misses is missed by people too."""

import random

import httpx
import pytest

from console.edits import order_of
from console.frames import announce, changed, out_of_band
from console.streams.base import Listing
from tests.faults import dom
from tests.faults.page import Page

SHOWN = """<main><ol id="queue-list"><li id="card-1">One</li></ol><p id="line">2nd <time>10:00</time></p><div id="told" data-keep="7">Yours</div>
<div id="log"><p id="turn-1" data-number="1">Hello</p></div></main>"""


def page() -> Page:
    one = Page(httpx.AsyncClient(base_url="http://127.0.0.1", verify=False), "/c/token/", random.Random(1))
    one.document, one.known, one.address = dom.read(SHOWN), 1, "/live/c/token/?after=1"
    return one


def turns(after: int, *numbers: int) -> str:
    said = "".join(f'<p id="turn-{number}" data-number="{number}">Turn {number}</p>' for number in numbers)
    return f'{announce(after, numbers[-1])}<div hx-swap-oob="beforeend:#log">{said}</div>'


async def hear(one: Page, *frames: str) -> Page:
    for frame in frames:
        await one._hear(frame)
    return one


async def test_turns_are_added_once() -> None:
    one = await hear(page(), turns(1, 2), turns(1, 2, 3))
    assert (one.numbers, one.known) == ([1, 2, 3], 3)


async def test_turns_after_a_gap_are_held_back() -> None:
    one = await hear(page(), turns(4, 5))
    assert (one.numbers, one.known, one.held) == ([1], 1, 4)


async def test_a_part_replaces_the_one_with_its_id() -> None:
    one = await hear(page(), '<ol hx-swap-oob="true" id="queue-list"><li id="card-2">Two</li></ol>')
    assert one.differs({"queue-list": '<ol id="queue-list"> <li id="card-2">Two</li> </ol>'}, [1]) == ""


async def test_a_page_that_shows_something_else_is_not_right() -> None:
    assert page().differs({"queue-list": '<ol id="queue-list"></ol>'}, None).startswith("/c/token/: queue-list: ")
    assert page().differs({}, [1, 2]) == "/c/token/: turns [1] instead of [1, 2] (1 of 2)"


async def test_a_part_that_a_page_has_lost_is_missed() -> None:
    one, wanted = page(), {"line": '<p id="line">1st</p>', "leave": '<p id="leave">Leave</p>'}
    one.document.had("line")
    await hear(one, '<main hx-swap-oob="delete:#line"></main>')
    assert one.differs(wanted, None).startswith("/c/token/: line: …… instead of")


async def test_the_place_in_line_may_be_as_of_another_time() -> None:
    assert page().differs({"line": '<p id="line">2nd <time>10:05</time></p>'}, None) == ""
    assert page().differs({"line": '<p id="line">1st <time>10:05</time></p>'}, None) != ""


async def test_what_somebody_may_be_typing_in_is_kept() -> None:
    one = await hear(page(), '<div id="told" data-keep="7" hx-swap-oob="true">Ours</div>')
    assert one.document.find("told").shown() == '<div data-keep="7" id="told">Yours</div>'  # type: ignore[union-attr]


async def test_what_is_said_in_passing_is_known() -> None:
    assert (await hear(page(), '{"t":"typing"}', '{"t":"looking"}', '{"t":"goodbye"}')).unknown == []


async def test_what_it_does_not_know_does_no_harm() -> None:
    one = await hear(page(), '{"t":"hologram"}', '<b id="hologram" hx-swap-oob="true">new</b>', '<i hx-swap-oob="beforeend:#nowhere"></i>')
    assert (one.unknown, one.numbers) == (["hologram"], [1])


def cards(order: str, now: str = "") -> dict[str, str]:
    return {f"card-{one}": f'<li id="card-{one}">{now}</li>' for one in order}


def queue(order: str) -> Page:
    one = page()
    one.document = dom.read(f'<b id="queue-count" data-order="{order_of(cards(order))}"></b><ol id="queue-list">{"".join(cards(order).values())}</ol>')
    return one


def pushed(before: str, now: str) -> str:
    """What those who show the cards of `before` are sent to show those of `now`."""
    html = f'<ol id="queue-list">{"".join(cards(now).values())}</ol>'
    count = f'<b id="queue-count" data-order="{order_of(cards(now))}"></b>'
    return out_of_band(changed({"queue-list": Listing("", cards(before))}, {"queue-list": Listing(html, cards(now)), "queue-count": count}))


def shown(one: Page) -> str:
    return "".join(card.attributes["id"][-1] for card in one.document.having("id") if card.tag == "li")


@pytest.mark.parametrize("now", ["xabc", "axbyc", "abcx", "ac", "bc", "b", "cab", "", "xyz"])
async def test_a_list_follows_who_comes_and_goes(now: str) -> None:
    one = await hear(queue("abc"), pushed("abc", now))
    assert (shown(one), one.asked) == (now, "")


@pytest.mark.parametrize("had", ["abx", "xab", "a", "", "abxy"])
async def test_a_list_that_is_not_the_servers_after_an_edit_is_asked_for(had: str) -> None:
    one = await hear(queue(had), pushed("ab", "axb"))
    assert one.asked == ("" if shown(one) == "axb" else str(order_of(cards("axb"))))


async def test_a_change_of_a_card_the_page_has_not_got_has_the_list_asked_for() -> None:
    one = queue("ab")
    await one._show(out_of_band(cards("c", "now")))
    assert one.asked == str(order_of(cards("ab")))
