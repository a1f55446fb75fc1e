"""The judge of pages: a wrong page is caught however long it takes to read what is right, and a right one is not blamed for that."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence

import httpx
import pytest

from tests.faults import dom
from tests.faults.page import Page
from tests.faults.picture import Wanted
from tests.faults.rightness import AWAY, until_right

LIMIT = 0.3


def shows(words: str) -> str:
    return f'<main><p id="line">{words}</p></main>'


def page() -> Page:
    one = Page(httpx.AsyncClient(base_url="http://127.0.0.1", verify=False), "/c/token/", random.Random(1))
    one.document = dom.read(shows("old"))
    return one


def answering(*words: str, first: Callable[[int], Awaitable[None]] | None = None) -> Callable[[list[Page]], Awaitable[Sequence[Wanted]]]:
    """A server that renders these words, one after the other, and then the last again and again; `first` happens within each reading, given its number."""
    times = 0

    async def read(pages: list[Page]) -> Sequence[Wanted]:
        nonlocal times
        times += 1
        if first:
            await first(times)
        return [({"line": f'<p id="line">{words[min(times, len(words)) - 1]}</p>'}, None)] * len(pages)

    return read


async def test_a_page_that_stays_wrong_is_caught() -> None:
    took, wrong = await until_right([page()], LIMIT, answering("new"))
    assert (took >= LIMIT, len(wrong)) == (True, 1)


async def test_a_page_that_is_right_too_late_is_caught_although_the_look_began_in_time() -> None:
    one = page()

    async def until_it_is_over(number: int) -> None:
        if number == 2:
            await asyncio.sleep(2 * LIMIT)
            one.document = dom.read(shows("new"))

    assert len((await until_right([one], LIMIT, answering("new", first=until_it_is_over)))[1]) == 1


async def test_a_page_that_is_right_in_time_is_right_although_reading_ends_later() -> None:
    one = page()

    async def long(number: int) -> None:
        if number == 2:
            await asyncio.sleep(LIMIT / 3)
            one.document = dom.read(shows("new"))
            await asyncio.sleep(LIMIT)

    assert await until_right([one], LIMIT, answering("new", first=long)) == (LIMIT, [])


async def test_what_the_server_had_before_is_no_longer_right() -> None:
    assert len((await until_right([page()], LIMIT, answering("old", "new")))[1]) == 1


@pytest.mark.parametrize(("told", "stands", "is_right"), [(55, 54, True), (20, 19, False), (60, 54, False), (300, 305, True)])
async def test_far_back_in_line_a_page_is_right_within_the_step_it_is_told(told: int, stands: int, is_right: bool) -> None:
    one = page()
    one.document = dom.read(shows(f"You’re number {told} in line."))
    _, wrong = await until_right([one], LIMIT, answering(f"You’re number {stands} in line."))
    assert bool(wrong) is not is_right


async def test_what_changes_just_when_the_time_is_over_is_looked_at_once_more() -> None:
    one = page()

    async def follow(number: int) -> None:
        if number == 2:
            await asyncio.sleep(2 * LIMIT)
            one.document = dom.read(shows("new"))

    assert (await until_right([one], LIMIT, answering("older", "new", first=follow)))[1] == []


async def test_a_page_is_not_right_because_the_database_was_away() -> None:
    async def read(pages: list[Page]) -> Sequence[Wanted]:
        return next(answers)

    new = ({"line": '<p id="line">new</p>'}, None)
    answers = iter([[AWAY], *[[new]] * 99])
    assert len((await until_right([page()], LIMIT, read))[1]) == 1
    assert "is away" in (await until_right([page()], LIMIT, lambda pages: asyncio.sleep(0, [AWAY])))[1][0]


async def test_one_wrong_page_among_right_ones_is_named() -> None:
    right, other = page(), page()
    other.path, other.document = "/queue/", dom.read(shows("wrong"))
    assert (await until_right([right, other], LIMIT, answering("old")))[1] == ["/queue/: line: …<p id=\"line\">wrong</p>… instead of …<p id=\"line\">old</p>…"]
