"""Sends what is due: signed, a few at once for each endpoint, in order within a conversation, and again later when it fails."""

import asyncio
import logging
import random
import threading
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta

import httpx
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from standardwebhooks import Webhook

from handoffs import clock, outgoing
from handoffs.models import Delivery, Endpoint
from handoffs.webhooks import unheard
from handoffs.webhooks.endpoints import allowed, pause, secrets

logger = logging.getLogger(__name__)

TIMEOUT = 15.0  # seconds, for all of one try
LOST_AFTER = timedelta(seconds=45)
BEGIN_FOR = 4.0  # seconds in which one run begins deliveries
PLACES, AT_ONCE = 4, 20
# After each failed try; after the last, people are asked.
PAUSES = tuple(timedelta(seconds=each) for each in (5, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600))
# An earlier delivery of the same conversation is waited for until it has failed so often; from then on receivers go by the numbers.
HOLDS = 3
GIVEN_UP = timedelta(days=5)
SENT_KEPT, KEPT = timedelta(days=7), timedelta(days=30)
GONE = 410
LOST = "was stopped again and again before there was an answer"
RUNS = threading.BoundedSemaphore(3)
PENDING = (Delivery.State.DUE, Delivery.State.SENDING)


def work() -> int:
    """Send what is due; how many were tried is returned."""
    if not RUNS.acquire(blocking=False):
        return 0
    try:
        return _work(time.monotonic() + BEGIN_FOR)
    finally:
        RUNS.release()


def tidy() -> None:
    """Forget what arrived a week ago, and whatever is a month old; say what waits for an endpoint that is paused."""
    now = clock.now()
    Delivery.objects.filter(state=Delivery.State.SENT, ended_at__lt=now - SENT_KEPT).delete()
    Delivery.objects.filter(ended_at__lt=now - KEPT).delete()
    Delivery.objects.filter(state=Delivery.State.DUE, due_at__lt=now - KEPT).delete()
    unheard.note_paused()


def _work(until: float) -> int:
    tried = 0
    while time.monotonic() < until and (rows := _taken()):
        with ThreadPoolExecutor(len(rows)) as pool:
            sent = {pool.submit(_send, row): row for row in rows}
            for answer in as_completed(sent):
                _end(sent[answer], answer)
        tried += len(rows)
    return tried


def _taken() -> list[Delivery]:
    """Due rows that are ours now, the first of each conversation. One whose worker died is due again after LOST_AFTER."""
    now = clock.now()
    pending = Delivery.objects.filter(state__in=PENDING)
    busy = Counter(dict(pending.filter(state=Delivery.State.SENDING, due_at__gt=now).values_list("endpoint").annotate(Count("pk")).order_by()))
    before = pending.filter(endpoint=OuterRef("endpoint"), conversation=OuterRef("conversation"), pk__lt=OuterRef("pk"), tries__lt=HOLDS)
    due = pending.filter(due_at__lte=now, endpoint__paused_at__isnull=True).exclude(endpoint__in=[each for each in busy if busy[each] >= PLACES])
    taken: list[Delivery] = []
    for row in due.filter(~Exists(before)).select_related("endpoint").order_by("due_at", "pk")[: 5 * AT_ONCE]:
        if len(taken) < AT_ONCE and busy[row.endpoint_id] < PLACES and _take(row, now):
            busy[row.endpoint_id] += 1
            taken.append(row)
    return taken


def _take(row: Delivery, now: datetime) -> bool:
    mine = Delivery.objects.filter(pk=row.pk, state=row.state, due_at=row.due_at)
    if row.tries > len(PAUSES):
        with transaction.atomic():
            if mine.update(state=Delivery.State.DEAD, ended_at=now, error=LOST):
                unheard.note(Q(pk=row.pk), f"it {LOST}")
        return False
    row.state, row.due_at, row.tries = Delivery.State.SENDING, now + LOST_AFTER, row.tries + 1
    return bool(mine.update(state=row.state, due_at=row.due_at, tries=F("tries") + 1))


def _send(row: Delivery) -> int:
    """The status of the answer; in a thread that touches no database."""
    return asyncio.run(outgoing.post(row.endpoint.url, row.body.encode(), headers(row), timeout=TIMEOUT, allowed=allowed()))


def headers(row: Delivery) -> dict[str, str]:
    now, name = clock.now(), f"msg_{row.key.hex}"
    signed = " ".join(Webhook(secret).sign(name, now, row.body) for secret in secrets(row.endpoint))
    return {"Content-Type": "application/json", "webhook-id": name, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signed}


def _end(row: Delivery, answer: "Future[int]") -> None:
    """Keep what came of it. A row that somebody else has taken meanwhile is theirs."""
    try:
        status = answer.result()
        words = "" if 200 <= status < 300 else f"answered {status}"
    except Exception as error:
        status, words = None, _words(error)
    mine = Delivery.objects.filter(pk=row.pk, state=Delivery.State.SENDING, due_at=row.due_at)
    with transaction.atomic():
        if not words and mine.update(state=Delivery.State.SENT, ended_at=clock.now(), status=status, error=""):
            Endpoint.objects.filter(pk=row.endpoint_id, failures__gt=0).update(failures=0, failing_since=None)
        elif words:
            _failed(row, status, words)


def _words(error: Exception) -> str:
    """Short, and without what an address may hold."""
    match error:
        case outgoing.Refused():
            return f"its address {error}"
        case TimeoutError():
            return f"took longer than {TIMEOUT:g} s"
        case httpx.RemoteProtocolError() | httpx.ReadError():
            return "broke off"
        case httpx.HTTPError() | OSError():
            return "cannot be reached"
    logger.error("a delivery failed", exc_info=error)
    return "could not be sent"


def _failed(row: Delivery, status: int | None, words: str) -> None:
    now, pauses = clock.now(), PAUSES[row.tries - 1 : row.tries]
    mine = Delivery.objects.filter(pk=row.pk, state=Delivery.State.SENDING, due_at=row.due_at)
    if pauses and status != GONE:
        found = mine.update(state=Delivery.State.DUE, due_at=now + pauses[0] * random.uniform(0.9, 1.1), status=status, error=words)
    else:
        found = mine.update(state=Delivery.State.DEAD, ended_at=now, status=status, error=words)
    if not found:
        return
    Endpoint.objects.filter(pk=row.endpoint_id).update(failures=F("failures") + 1, failing_since=Coalesce("failing_since", now))
    endpoint = Endpoint.objects.get(pk=row.endpoint_id)
    if status == GONE:
        pause(endpoint, "It answered 410: gone.")
    elif endpoint.failing_since and now - endpoint.failing_since >= GIVEN_UP:
        pause(endpoint, f"Nothing arrived for {GIVEN_UP.days} days; the last try {words}.")
    unheard.note(Q(pk=row.pk, state=Delivery.State.DEAD), f"{row.endpoint} {words}")
