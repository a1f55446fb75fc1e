"""Asks the sources for what is due: some at once, so that a slow one holds only its own places, and no answer is waited for without end."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from handoffs import briefs, clock, transitions
from handoffs.lookups.due import of, open_handoffs, plugin_of
from handoffs.lookups.known import filled
from handoffs.models import Customer, CustomerRecord, ImportedRecord, RecordSource
from handoffs.records import Failed, Found, Who
from handoffs.records.fitting import fitted
from handoffs.snapshots import Brief

logger = logging.getLogger(__name__)

PER_SOURCE, LOOKED_AT = 4, 50
BEGIN_FOR = 3.0  # seconds in which one run begins look-ups
LONGEST = 8.0  # seconds after which a plug-in is given up, whatever it waits for
LOST_AFTER = timedelta(seconds=20)
PAUSES = (timedelta(seconds=2), timedelta(seconds=10))
# Runs at once in a process: the second begins what is due while the first still waits, a third would take threads from other duties.
RUNS = threading.BoundedSemaphore(2)
LOST = "was stopped again and again before it was done"


@dataclass(frozen=True)
class Asked:
    """A row whose source is being asked, what will be its answer, and until when that is waited for."""

    row: CustomerRecord
    answer: "Future[Found | None]"
    until: float


def work(*, longest: float = LONGEST) -> int:
    """Ask for every row that is due, at most PER_SOURCE of one source at once; how many ended is returned."""
    if not RUNS.acquire(blocking=False):
        return 0
    try:
        return _work(longest)
    finally:
        RUNS.release()


def _work(longest: float) -> int:
    begin_until, asked, ended = time.monotonic() + BEGIN_FOR, list[Asked](), 0
    while True:
        if time.monotonic() < begin_until:
            asked += _begin(asked, longest)
        if not asked:
            return ended
        wait([each.answer for each in asked], min(each.until for each in asked) - time.monotonic(), FIRST_COMPLETED)
        over = [each for each in asked if each.answer.done() or time.monotonic() >= each.until]
        asked = [each for each in asked if each not in over]
        for each in over:
            _end(each)
        ended += len(over)


def _begin(busy: list[Asked], longest: float) -> list[Asked]:
    rows = _taken(Counter(each.row.source_id for each in busy))
    imported = _imported(rows) if rows else {}
    until = time.monotonic() + longest
    return [Asked(row, _answer(row, imported.get(row.source_id, {})), until) for row in rows]


def _taken(busy: Counter[int]) -> list[CustomerRecord]:
    """Due rows that are ours now. One whose worker died is due again after LOST_AFTER."""
    now, taken = clock.now(), []
    full = [source for source, count in busy.items() if count >= PER_SOURCE]
    due = CustomerRecord.objects.filter(due_at__lte=now, source__enabled=True).exclude(source__in=full).order_by("due_at")
    for row in due.select_related("source", "customer__assistant")[:LOOKED_AT]:
        if busy[row.source_id] < PER_SOURCE and _take(row, now):
            busy[row.source_id] += 1
            taken.append(row)
    return taken


def _take(row: CustomerRecord, now: datetime) -> bool:
    mine = CustomerRecord.objects.filter(pk=row.pk, due_at=row.due_at)
    if row.tries > len(PAUSES):
        mine.update(due_at=None, error=LOST)
        return False
    row.due_at = now + LOST_AFTER
    return bool(mine.update(due_at=row.due_at, tries=F("tries") + 1))


def _imported(rows: Iterable[CustomerRecord]) -> dict[int, dict[str, Any]]:
    """The imported rows of the sources under the ids and e-mails of these customers, by source and key."""
    keys = {key for row in rows for key in (row.customer.external_id, "" if _typed(row.customer) else row.customer.email.lower()) if key}
    found: dict[int, dict[str, Any]] = {}
    for imported in ImportedRecord.objects.filter(source__in={row.source_id for row in rows}, key__in=keys):
        found.setdefault(imported.source_id, {})[imported.key] = imported.body
    return found


def _typed(customer: Customer) -> bool:
    """Whether the customer wrote on our own page: there anybody may type anybody's e-mail, and would be shown with their record."""
    return bool(customer.assistant.plugin)


def _answer(row: CustomerRecord, imported: dict[str, Any]) -> "Future[Found | None]":
    """The source's answer to come, from a thread of its own that touches no database and that nothing waits for when the process ends."""
    answer: Future[Found | None] = Future()
    try:
        plugin, settings = plugin_of(row.source)
    except Failed as error:
        answer.set_exception(error)
        return answer
    customer = row.customer
    who = Who(customer.external_id) if _typed(customer) else Who(customer.external_id, customer.email, customer.name, imported)
    threading.Thread(target=_fulfil, args=(answer, lambda: plugin.look_up(settings, who)), name=f"look-up-{row.pk}", daemon=True).start()
    return answer


def _fulfil(answer: "Future[Found | None]", look_up: Callable[[], Found | None]) -> None:
    try:
        answer.set_result(look_up())
    except Exception as error:
        answer.set_exception(error)


def _end(asked: Asked) -> None:
    """Keep what came of it. A row that somebody else has taken meanwhile is theirs."""
    try:
        if not asked.answer.done():
            raise Failed("did not answer in time")
        _loaded(asked.row, asked.answer.result())
    except Failed as error:
        _failed(asked.row, str(error))
    except Exception:
        logger.exception("the look-up %s failed", asked.row.pk)
        _failed(asked.row, "could not be read")


def _loaded(row: CustomerRecord, found: Found | None) -> None:
    body = fitted(found) if found else {}
    with transaction.atomic():
        mine = CustomerRecord.objects.filter(pk=row.pk, due_at=row.due_at)
        if mine.update(due_at=None, tries=0, loaded_at=clock.now(), error="", body=body):
            RecordSource.objects.filter(pk=row.source_id, failures__gt=0).update(failures=0, failing_since=None)
            _tell(row)


def _failed(row: CustomerRecord, words: str) -> None:
    """Due again after a pause, at most twice; then it waits for a person."""
    now, more = clock.now(), row.tries < len(PAUSES)
    with transaction.atomic():
        mine = CustomerRecord.objects.filter(pk=row.pk, due_at=row.due_at)
        if not mine.update(due_at=now + PAUSES[row.tries] if more else None, error=words[:300]):
            return
        RecordSource.objects.filter(pk=row.source_id).update(failures=F("failures") + 1, failing_since=Coalesce("failing_since", now))
        _tell(row)


def _tell(row: CustomerRecord) -> None:
    """Bring the customer's open handoffs up to what is known now, and tell whoever watches."""
    known = of(row.customer)

    def with_record(brief: Brief) -> Brief | None:
        record = filled(brief.record, row.customer, known)
        return None if record == brief.record else brief.model_copy(update={"record": record})

    for handoff in open_handoffs(row.customer_id):
        if briefs.revise(handoff.pk, with_record) is None:
            transitions.touch(handoff)
