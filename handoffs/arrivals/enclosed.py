"""What comes along with a short message stands at the provider's: a worker fetches it, and it becomes files of the customer, once."""

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import takewhile
from typing import Any

from django.db.models import F

from handoffs import clock, files
from handoffs.arrivals import rows
from handoffs.mediums import Rejected, twilio
from handoffs.models import InboundMail

logger = logging.getLogger(__name__)

# Messages of one run; files of one message, whose bytes are held together.
AT_ONCE, MOST = 20, files.MOST_AT_ONCE
BEGIN_FOR = 5.0  # seconds in which one run begins to fetch
# Longer than a run may take: what a killed worker left is taken again then.
LOST_AFTER = timedelta(seconds=60)
PAUSES = (timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))


def wanted(media: Sequence[str]) -> dict[str, Any]:
    """The columns of a message's row: what is to be fetched from the provider, or that something is not."""
    if not media:
        return {}
    if not files.allowed() or not all(map(twilio.is_its_own, media)):
        return {"why": f"{len(media)} media not fetched"}
    return {"enclosed": "\n".join(media), "due_at": clock.now()}


def fetch() -> int:
    """Fetch what is due; how many messages were tried."""
    until = time.monotonic() + BEGIN_FOR
    due = InboundMail.objects.filter(due_at__lte=clock.now()).select_related("conversation__customer", "conversation__answered_by").order_by("due_at")
    tried = 0
    for row in takewhile(lambda _: time.monotonic() < until, due[:AT_ONCE]):
        if _take(row):
            _work(row)
            tried += 1
    return tried


def _take(row: InboundMail) -> bool:
    """Whether it is this run's to fetch. One that was tried often enough, though no run came to its end, is given up."""
    if row.tries > len(PAUSES):
        row.why = f"{len(row.enclosed.split())} media not fetched"
        if _end(row, due_at=None, why=row.why):
            rows.untold(row, beside=row.turn_id is not None)
        return False
    before, row.due_at = row.due_at, clock.now() + LOST_AFTER
    return bool(InboundMail.objects.filter(pk=row.pk, due_at=before).update(due_at=row.due_at, tries=F("tries") + 1))


def _work(row: InboundMail) -> None:
    """Fetch and say it; what fails is tried again later, and holds up no other message."""
    try:
        found = asyncio.run(_all(row.enclosed.split()[:MOST]))
        failed = [each for each in found if isinstance(each, Exception) and not isinstance(each, Rejected)]
        if failed and row.tries < len(PAUSES):
            raise failed[0]
        _say(row, found)
    except Exception as failure:
        logger.warning("what came along with message %s is not kept yet", row.pk, exc_info=True)
        _end(row, due_at=clock.now() + (*PAUSES, timedelta())[row.tries], why=(str(failure) or type(failure).__name__)[:200])
    else:
        _end(row, due_at=None, why="")


def _say(row: InboundMail, found: Sequence[bytes | BaseException]) -> None:
    # What cannot be had, and what is more than may be kept, is an empty file: none that is kept, but counted.
    had = [each if isinstance(each, bytes) else b"" for each in found]
    had += [b""] * (len(row.enclosed.split()) - len(had))
    uploads = [(f"file {number}", each) for number, each in enumerate(had, 1)]
    if row.conversation:
        about = {"medium": row.medium, "sender": row.sender, "message_id": row.message_id, "at": row.at}
        rows.say(row.conversation, "", uploads, rows.key_of(row.key, "enclosed"), beside=row.turn_id is not None, **about)


def _end(row: InboundMail, **columns: Any) -> bool:
    return bool(InboundMail.objects.filter(pk=row.pk, due_at=row.due_at).update(**columns))


async def _all(media: Sequence[str]) -> list[bytes | BaseException]:
    return await asyncio.gather(*map(twilio.fetch, media), return_exceptions=True)
