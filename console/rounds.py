"""Work that a process does again and again beside its sockets."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from django.db import DatabaseError

logger = logging.getLogger(__name__)


async def every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Do `work` for ever, `seconds` after its end again. A database that is away for a moment, or one failure, ends nothing."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except DatabaseError as error:
            logger.warning("%s is tried again: %s", work.__qualname__, type(error).__name__)
        except Exception:
            logger.exception("%s failed", work.__qualname__)
