"""healthz speaks for the process alone, readyz for everything it needs."""

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from console import handler
from handoffs import turns
from handoffs.models import Conversation, Heartbeat
from tests.servers import running


def ready() -> tuple[int, dict[str, Any]]:
    response = Client().get("/readyz")
    return response.status_code, {name: check["ok"] for name, check in response.json()["checks"].items()}


def test_the_process_answers_without_anything_else() -> None:
    response = Client().get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_ready_when_all_is_well(db: None) -> None:
    Heartbeat.beat("sweep")
    assert ready() == (200, {"database": True, "redis": True, "migrations": True, "sweep": True})


def test_not_ready_when_redis_is_gone(db: None, settings: Any) -> None:
    Heartbeat.beat("sweep")
    settings.REDIS_URL = "redis://127.0.0.1:1"
    assert ready() == (503, {"database": True, "redis": False, "migrations": True, "sweep": True})


def test_not_ready_before_the_first_sweep_or_after_a_late_one(db: None) -> None:
    assert ready()[1]["sweep"] is False
    Heartbeat.objects.create(name="sweep", at=timezone.now() - timedelta(seconds=16))
    assert ready() == (503, {"database": True, "redis": True, "migrations": True, "sweep": False})


def test_not_ready_when_the_workers_clock_is_ahead(db: None) -> None:
    """Its leases and due times would mean other moments here: an agent who is present would be taken for gone."""
    Heartbeat.objects.create(name="sweep", at=timezone.now() + timedelta(seconds=16))
    assert ready() == (503, {"database": True, "redis": True, "migrations": True, "sweep": False})


def test_not_ready_with_a_migration_to_come(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'handoffs'")
    assert ready()[1]["migrations"] is False


def test_not_ready_without_a_database(transactional_db: None) -> None:
    with running("web", DATABASE_URL="sqlite:////nowhere/baton.sqlite3") as site, pytest.raises(HTTPError) as answer:
        urlopen(f"{site.url}/readyz", timeout=10)
    checks = json.load(answer.value)["checks"]
    assert (answer.value.code, {name: check["ok"] for name, check in checks.items()}) == (
        503, {"database": False, "redis": True, "migrations": False, "sweep": False}
    )


@pytest.mark.django_db(transaction=True)
async def test_however_many_wait_the_process_still_says_how_it_is(monkeypatch: pytest.MonkeyPatch, conversation: Conversation, key: Callable[..., str]) -> None:
    monkeypatch.setitem(handler.APART, handler.WAITING, 1)
    application = handler.Handler()
    bearer = [(b"authorization", f"Bearer {await sync_to_async(key)(assistant=conversation.assistant)}".encode())]
    path = f"/api/v1/conversations/{conversation.pk}/turns"
    waiting = asyncio.create_task(answer(asking(application, path, b"wait=25", bearer)))
    assert [(await answer(asking(application, path)))["status"] for path in ("/healthz", "/readyz")] == [200, 503]
    await sync_to_async(turns.take)(conversation, "Are you there?", client_id="1")
    assert (await waiting)["status"] == 200


async def test_whoever_asks_only_for_the_head_hears_it_however_busy_the_threads_are(transactional_db: None) -> None:
    application, free = handler.Handler(), threading.Event()
    application._threads = ThreadPoolExecutor(1)
    application._threads.submit(free.wait)
    try:
        assert [(await answer(asking(application, path, method="HEAD")))["status"] for path in ("/healthz", "/readyz")] == [200, 503]
    finally:
        free.set()


async def test_a_process_lives_however_many_ask_whether_it_is_ready() -> None:
    application, free = handler.Handler(), threading.Event()
    for _ in range(handler.APART["readyz"]):
        application._apart["readyz"]._executor.submit(free.wait)
    try:
        assert (await answer(asking(application, "/healthz")))["status"] == 200
    finally:
        free.set()


def asking(application: handler.Handler, path: str, query: bytes = b"", headers: Sequence[tuple[bytes, bytes]] = (), *,
           method: str = "GET") -> ApplicationCommunicator:
    headers = [(b"host", b"localhost"), *headers]
    return ApplicationCommunicator(application, {"type": "http", "method": method, "path": path, "query_string": query, "headers": headers})


async def answer(asked: ApplicationCommunicator) -> Any:
    await asked.send_input({"type": "http.request"})
    begun = await asked.receive_output(20)
    await asked.wait(20)
    return begun


def test_signs_of_life_within_moments_are_one_write(db: None) -> None:
    Heartbeat.beat("sweep")
    with CaptureQueriesContext(connection) as statements:
        Heartbeat.beat("sweep")
    assert [each["sql"].split()[0] for each in statements] == ["SELECT"]


def test_a_sign_of_life_from_the_future_does_not_keep_the_next_from_showing(db: None) -> None:
    Heartbeat.objects.create(name="sweep", at=timezone.now() + timedelta(seconds=16))
    Heartbeat.beat("sweep")
    assert ready()[1]["sweep"] is True
