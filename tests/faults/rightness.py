"""Whether every page shows what the server has, and how long it took."""

import asyncio
import time

from django.db import DatabaseError

from tests.faults import reading
from tests.faults.page import Page


async def until_right(pages: list[Page], seconds: float) -> tuple[float, list[str]]:
    """The seconds until every page was seen right, and what was wrong at the end: nothing, unless the time ran out."""
    began, left = time.monotonic(), list(pages)
    while True:
        left = [page for page in left if await wrong_on(page)]
        took = time.monotonic() - began
        if not left or took > seconds:
            return took, [words for page in left if (words := await wrong_on(page))]
        await asyncio.sleep(0.2)


async def wrong_on(page: Page) -> str:
    """What the page shows that is not so; compared with the streams' own rendering."""
    token = page.path.split("/")[2] if page.path.startswith("/c/") else ""
    try:
        parts, numbers = await asyncio.to_thread(reading.wanted, [] if token else page.streams, token)
    except DatabaseError as error:
        return f"{page.path}: {error}"
    return page.differs(parts, numbers)
