"""Processes that are told to stop: pages move on in good order, nothing in flight is cut, and then they are gone."""

import asyncio
import http.client
import json
import re
import signal
import socket as socketlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from websockets.exceptions import InvalidStatus

from console.celery import app
from handoffs import addresses
from handoffs.models import Agent, Conversation, CustomerRecord, Handoff, RecordSource
from tests.crm import serving
from tests.servers import ROOT, Site, running, wait_for
from tests.sockets import closed_with, cookie, heard, socket

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def ask(site: Site, path: str, **headers: str) -> http.client.HTTPConnection:
    """A request that is under way."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=40)
    connection.request("GET", path, headers=headers)
    return connection


def answer(connection: http.client.HTTPConnection) -> tuple[int, Any]:
    with closing(connection):
        response = connection.getresponse()
        return response.status, json.load(response)


def test_pages_are_told_and_closed_one_by_one_and_requests_finished(
    conversation: Conversation, key: Callable[..., str], ann: Agent, signed_in: Callable[[Agent], Client]
) -> None:
    headers = cookie(signed_in(ann))
    retried = re.findall(r"RETRIED_BY_HTMX = \[([\d, ]+)\]", (ROOT / "static" / "live.js").read_text())
    with running("web", DRAIN_SECONDS="2") as site:
        process, path = site.processes["web"], f"/live/c/{addresses.token(conversation.pk)}/"
        bearer = f"Bearer {key(assistant=conversation.assistant)}"
        held_back = ask(site, f"/api/v1/conversations/{conversation.pk}/turns?wait=25", Authorization=bearer)

        async def leave() -> None:
            async with socket(site, path) as a, socket(site, path) as b, socket(site, "/live/?streams=queue:billing", headers) as c:
                await asyncio.gather(*(heard(page, "ping") for page in (a, b, c)))
                process.send_signal(signal.SIGTERM)
                assert [json.loads(await heard(page, "goodbye")) for page in (a, b, c)] == [{"t": "goodbye", "within": 2.0}] * 3
                closed = [asyncio.create_task(closed_with(page)) for page in (a, b, c)]
                status, ready = await asyncio.to_thread(lambda: answer(ask(site, "/readyz")))
                assert (status, ready["checks"]["process"]) == (503, {"ok": False, "detail": "is shutting down"})
                with pytest.raises(InvalidStatus) as refused:
                    async with socket(site, path):
                        pass
                assert refused.value.response.status_code == 503
                await asyncio.wait(closed, return_when=asyncio.FIRST_COMPLETED)
                assert not all(task.done() for task in closed)
                assert await asyncio.gather(*closed) == [1012] * 3

        asyncio.run(leave())
        status, body = answer(held_back)
        assert (status, body["turns"]) == (200, [])
        assert process.wait(30) == 0
    ann.refresh_from_db()
    assert ("1012" in retried[0].split(", "), ann.lease_until > timezone.now()) == (True, True)


def test_systemd_is_told_and_a_second_signal_ends_the_drain_at_once(tmp_path: Path) -> None:
    with socketlib.socket(socketlib.AF_UNIX, socketlib.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(20)
        with running("web", DRAIN_SECONDS="600", NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="60000000") as site:
            assert [systemd.recv(100), systemd.recv(100)] == [b"READY=1", b"WATCHDOG=1"]
            process = site.processes["web"]
            process.send_signal(signal.SIGTERM)
            assert systemd.recv(100) == b"STOPPING=1"
            assert site.status("/healthz") == 200
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == -signal.SIGTERM


def test_a_worker_finishes_what_it_does(handoff: Handoff) -> None:
    with serving() as crm, running("worker") as site:
        asked = {"url": f"{crm.url}/late/{{external_id}}", "timeout": 5, "account": {"plan": "subscription.plan"}}
        source = RecordSource.objects.create(code="crm", name="CRM", plugin="http", settings=asked)
        record = CustomerRecord.objects.create(customer=handoff.conversation.customer, source=source)
        app.send_task("baton.look_up", queue=app.conf.task_default_queue)
        wait_for(lambda: bool(crm.seen), what="the look-up to begin")
        site.processes["worker"].send_signal(signal.SIGTERM)
        crm.ending.set()
        assert site.processes["worker"].wait(30) == 0
        record.refresh_from_db()
        assert record.body["account"] == {"plan": "Family"}
