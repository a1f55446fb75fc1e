"""Whether every page shows what the server has, and how long it took."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

from django.db import DatabaseError

from console.threads import in_thread
from tests.faults import reading
from tests.faults.page import Page
from tests.faults.picture import Picture, Wanted

# What the server has may change just when the time is over (a sweep, a wrap-up): so much longer until it stands still for one look.
FLUX = 5.0
AWAY: Wanted = ({}, None)
Read = Callable[[list[Page]], Awaitable[Sequence[Wanted]]]
Pictures = Mapping[Page, Picture]


async def as_stored(pages: list[Page]) -> Sequence[Wanted]:
    """What each page should show, all read at once."""
    try:
        return await in_thread(reading.wanted, [(page.streams, page.token) for page in pages])
    except DatabaseError:
        return [AWAY] * len(pages)


async def until_right(pages: list[Page], seconds: float, read: Read = as_stored) -> tuple[float, list[str]]:
    """The seconds until every page was seen right, and what was wrong when `seconds` were over.

    A look takes pictures of the pages and then reads what the server has; on a busy machine that takes a while, so pictures are also taken at the very
    end of the time, whatever is being read: a page is right when a picture of it, taken in time, shows what was read after it.
    """
    began, left, before = time.monotonic(), list(pages), dict(zip(pages, await read(pages), strict=True))
    while True:
        at, pictures = time.monotonic() - began, _pictures(left, before)
        after, last = await _read_after(left, before, read, began + seconds)
        found = {page: words for page in left if (words := _wrong(page, after, pictures, last))}
        if not found:
            return (seconds if any(pictures[page].differs(after[page]) for page in left) else at), []
        moves = any(before[page] != after[page] for page in found)
        if (last or at >= seconds) and (not moves or at >= seconds + FLUX):
            return max(at, seconds), list(found.values())
        left, before = list(found), after
        await asyncio.sleep(0.2)


def _pictures(pages: list[Page], wanted: Mapping[Page, Wanted]) -> Pictures:
    return {page: page.picture(wanted[page][0]) for page in pages}


async def _read_after(pages: list[Page], before: Mapping[Page, Wanted], read: Read, end: float) -> tuple[dict[Page, Wanted], Pictures]:
    """What the server has now, and pictures of the end of the time if that came while it was read."""
    left, last = end - time.monotonic(), {}
    work = asyncio.ensure_future(read(pages))
    if left > 0 and not (await asyncio.wait([work], timeout=left))[0]:
        last = _pictures(pages, before)
    return dict(zip(pages, await work, strict=True)), last


def _wrong(page: Page, wanted: Mapping[Page, Wanted], *shots: Pictures) -> str:
    """In what the page is wrong by its last picture; nothing when it is right by any."""
    if wanted[page] is AWAY:
        return f"{page.path}: the database is away"
    words = [pictures[page].differs(wanted[page]) for pictures in shots if pictures]
    return words[-1] if all(words) else ""

