"""A POST with an Idempotency-Key is done once: its repeats get the first answer."""

import hashlib
from datetime import datetime, timedelta
from threading import Lock

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from console.api import renewing
from console.api.problems import Problem, invalid
from handoffs import clock
from handoffs.models import ApiKey, FirstAnswer

LONGEST_KEY = 255
# Longer than a request or a renewal may wait for its turn at the database; after LONGEST no caller waits for the answer any more.
GIVEN_UP_AFTER, LONGEST = timedelta(seconds=30), timedelta(seconds=60)


class FirstRequest:
    """The right to give the first answer, renewed while it runs; lost when somebody took over after thirty seconds of silence."""

    def __init__(self, row: FirstAnswer, at: datetime) -> None:
        self._pk, self._at, self._end, self._writing = row.pk, at, at + LONGEST, Lock()
        renewing.add(self)

    def settle(self, response: HttpResponse) -> None:
        """Keep the answer for repeats. A failure on our side is not kept, so that the repeat is tried again."""
        renewing.drop(self)
        with self._writing:
            if response.status_code >= 500:
                self._rows.delete()
            else:
                self._rows.update(status=response.status_code, body=response.content.decode())

    def renew(self) -> bool:
        """Say that it still runs; False when it is settled, lost, or has run too long."""
        with self._writing:
            now = clock.now()
            if now > self._end or not self._rows.update(at=now):
                return False
            self._at = now
        return True

    @property
    def _rows(self) -> "QuerySet[FirstAnswer]":
        return FirstAnswer.objects.filter(pk=self._pk, status__isnull=True, at=self._at)


def begin(request: HttpRequest, key: ApiKey, body: bytes) -> FirstRequest | HttpResponse | None:
    """What to do with this request: answer it first (a FirstRequest), repeat the first answer, or nothing special.

    Raises Problem 422 when the key came with another request before, 409 while the first one still runs.
    """
    name = _name(request)
    if name is None:
        return None
    now, digest = clock.now(), _digest(request, body)
    row, made = FirstAnswer.objects.get_or_create(api_key=key, key=name, defaults={"request_digest": digest, "at": now})
    if made:
        return FirstRequest(row, now)
    if row.request_digest != digest:
        raise Problem(422, "key-reused", "This Idempotency-Key was used for another request.", errors=(("Idempotency-Key", "used for another request"),))
    return _repeat(row) if row.status else _take_over(row, now)


def _repeat(row: FirstAnswer) -> HttpResponse:
    kind = "application/json; charset=utf-8" if (row.status or 0) < 400 else "application/problem+json"
    return HttpResponse(row.body, status=row.status or 200, content_type=kind, headers={"Idempotency-Replayed": "true"})


def _take_over(row: FirstAnswer, now: datetime) -> FirstRequest:
    silent = FirstAnswer.objects.filter(pk=row.pk, status__isnull=True, at=row.at, at__lt=now - GIVEN_UP_AFTER)
    if not silent.update(at=now):
        raise Problem(409, "still-running", "The first request with this Idempotency-Key is still running. Try again.", headers={"Retry-After": "1"})
    return FirstRequest(row, now)


def _name(request: HttpRequest) -> str | None:
    name = request.headers.get("Idempotency-Key")
    if request.method != "POST" or name is None:
        return None
    if not 1 <= len(name) <= LONGEST_KEY or not (name.isascii() and name.isprintable()):
        raise invalid("Idempotency-Key", f"must have 1 to {LONGEST_KEY} printable ASCII characters")
    return name


def _digest(request: HttpRequest, body: bytes) -> str:
    return hashlib.sha256(b"\n".join([(request.method or "").encode(), request.get_full_path().encode(), body])).hexdigest()
