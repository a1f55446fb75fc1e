"""What comes along with a short message stands at the provider's: a worker fetches it, and it becomes files of the customer, once."""

import asyncio
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

AT_ONCE, MOST = 20, 10
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
    return {"enclosed": "\n".join(media[:MOST]), "due_at": clock.now()}


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
    before, row.due_at = row.due_at, clock.now() + LOST_AFTER
    return bool(InboundMail.objects.filter(pk=row.pk, due_at=before).update(due_at=row.due_at, tries=F("tries") + 1))


def _work(row: InboundMail) -> None:
    found = asyncio.run(_all(row.enclosed.split()))
    failed = [each for each in found if isinstance(each, Exception) and not isinstance(each, Rejected)]
    if failed and row.tries < len(PAUSES):
        _end(row, due_at=clock.now() + PAUSES[row.tries], why=(str(failed[0]) or type(failed[0]).__name__)[:200])
        return
    # What cannot be had is an empty file: none that is kept, but counted.
    uploads = [(f"file {number}", each if isinstance(each, bytes) else b"") for number, each in enumerate(found, 1)]
    if row.conversation:
        rows.say(row.conversation, "", uploads, rows.key_of(row.key, "enclosed"), medium=row.medium, sender=row.sender, message_id=row.message_id)
    _end(row, due_at=None, why="")


def _end(row: InboundMail, **columns: Any) -> None:
    InboundMail.objects.filter(pk=row.pk, due_at=row.due_at).update(**columns)


async def _all(media: Sequence[str]) -> list[bytes | BaseException]:
    return await asyncio.gather(*map(twilio.fetch, media), return_exceptions=True)
