"""Whether every page shows what the server has, and how long it took."""

import asyncio
import time

from django.db import DatabaseError

from console.threads import in_thread
from tests.faults import reading
from tests.faults.page import Page


async def until_right(pages: list[Page], seconds: float) -> tuple[float, list[str]]:
    """The seconds until every page was seen right, and what was wrong at the end: nothing, unless they were wrong in every look begun within `seconds`.

    A look takes a while itself on a busy machine, and a page may be ahead of what was read for it: the one that began last within `seconds` decides.
    """
    began, left, wrong = time.monotonic(), list(pages), ["nothing was looked at"]
    while True:
        if time.monotonic() - began > seconds:
            return time.monotonic() - began, wrong
        wanted = await _wanted(left)
        took = time.monotonic() - began
        found = [(page, page.differs(*as_stored) if as_stored else f"{page.path}: the database is away") for page, as_stored in zip(left, wanted, strict=True)]
        left, wrong = [page for page, words in found if words], [words for _, words in found if words]
        if not left:
            return took, []
        await asyncio.sleep(0.2)


async def _wanted(pages: list[Page]) -> list[reading.Wanted] | list[None]:
    """What each page should show, all read at once."""
    try:
        return await in_thread(reading.wanted, [(page.streams, page.token) for page in pages])
    except DatabaseError:
        return [None] * len(pages)
