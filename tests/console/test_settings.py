"""The known traps of the stack: each setting that avoids one is held by what would go wrong without it."""

import ast
import asyncio
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from console import redis_server
from console.celery import app
from console.settings import env_bool
from console.streams.desk import Desk
from console.streams.queue import Queue
from console.streams.tray import Tray
from console.streams.wall import Wall
from console.threads import in_thread
from handoffs import receiving, tasks, turns, waiting_room
from handoffs.models import Agent, Assistant, Conversation, Handoff, Heartbeat, Letter
from handoffs.signals import Change, announce, handoff_changed
from handoffs.states import State
from tests.conftest import reload
from tests.servers import ROOT, running, wait_for

AGO = timedelta(minutes=10)


# The channel layer


def test_a_blocking_read_of_the_layer_ends_before_its_connection_gives_up() -> None:
    layer = get_channel_layer()
    assert [host["socket_timeout"] > layer.brpop_timeout + 5 for host in layer.hosts] == [True]


async def test_a_burst_of_hints_is_not_dropped() -> None:
    layer = get_channel_layer()
    mailbox = await layer.new_channel()
    for number in range(300):
        await layer.send(mailbox, {"type": "hint", "number": number})
    assert [(await layer.receive(mailbox))["number"] for _ in range(300)] == list(range(300))


def test_a_frozen_redis_holds_nobody_up(
    transactional_db: None, conversation: Conversation, key: Callable[..., str], juniper: Assistant, tmp_path: Path
) -> None:
    redis, url = redis_server.start(tmp_path / "redis")
    secret, path = key(assistant=juniper), f"/conversations/{conversation.pk}/turns"
    try:
        with running("web", REDIS_URL=url) as site:
            site.post(path, {"author": "customer", "text": "Hello", "client_id": "1"}, secret)
            redis.send_signal(signal.SIGSTOP)
            answer = site.post(path, {"author": "customer", "text": "agent please", "client_id": "2"}, secret)
            assert (answer["decision"]["action"], "no hint to" in site.log("web")) == ("hand_off", False)
            wait_for(lambda: "no hint to" in site.log("web"), what="the push to give up, long after the answer")
            assert (site.status("/readyz"), site.status("/healthz")) == (503, 200)
    finally:
        redis.kill()
        redis.wait()


# Sockets and threads


async def test_database_work_of_two_sockets_runs_side_by_side() -> None:
    both = threading.Barrier(2)
    await asyncio.gather(in_thread(both.wait, 5), in_thread(both.wait, 5))


def test_what_people_type_into_is_never_swapped(claimed: Handoff, ann: Agent) -> None:
    parts = [html for stream in (Queue("billing"), Tray(str(ann.pk)), Desk(str(claimed.pk)), Wall("all")) for html in stream.parts().values()]
    assert [html for html in parts if re.search("<(textarea|input|select)", html)] == []


# The database


def test_two_transactions_that_read_and_then_write_wait_for_each_other(transactional_db: None) -> None:
    """SQLite's deferred transactions would fail at once: the first one's reading is old when it begins to write."""
    other = threading.Thread(target=read_then_write, args=("second",))
    with transaction.atomic():
        Heartbeat.objects.count()
        other.start()
        other.join(0.3)
        Heartbeat.beat("first")
    other.join()
    assert set(Heartbeat.objects.values_list("name", flat=True)) == {"first", "second"}


def read_then_write(name: str) -> None:
    with transaction.atomic():
        Heartbeat.objects.count()
        Heartbeat.beat(name)
    connection.close()


def test_a_web_process_keeps_few_connections(transactional_db: None, conversation: Conversation, key: Callable[..., str], juniper: Assistant) -> None:
    secret = key(assistant=juniper)
    with running("web") as site:
        for number in range(30):
            site.post(f"/conversations/{conversation.pk}/turns", {"author": "customer", "text": "Hello", "client_id": str(number)}, secret)
        assert connections_of(site.processes["web"].pid) <= settings.DATABASES["default"]["OPTIONS"].get("pool", {}).get("max_size", 2)


def connections_of(pid: int) -> int:
    if connection.vendor == "sqlite":
        name = str(connection.settings_dict["NAME"])
        return sum(os.readlink(file) == name for file in Path(f"/proc/{pid}/fd").iterdir())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        return int(cursor.fetchone()[0])


# Celery


def test_the_broker_speaks_to_the_same_redis() -> None:
    with app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=2)


def test_what_runs_by_the_clock_is_known_is_dropped_when_late_and_never_runs_twice() -> None:
    app.loader.import_default_modules()
    schedule = app.conf.beat_schedule.values()
    assert {entry["task"] for entry in schedule} == {name for name in app.tasks if name.startswith("baton.")}
    assert [entry for entry in schedule if set(entry["options"]) != {"expires"}] == []
    assert app.conf.broker_transport_options["visibility_timeout"] > app.conf.task_time_limit


def test_nobody_publishes_a_task_for_later() -> None:
    """A due row is found by the sweep; publishing blocks when Redis hangs, and a countdown may run several times."""
    files = [path for folder in ("handoffs", "console") for path in (ROOT / folder).rglob("*.py")]
    called = {node.attr for path in files for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    assert called & {"delay", "apply_async", "send_task"} == set()


@pytest.mark.django_db(transaction=True)
def test_two_beats_do_everything_once(
    start: Callable[..., Conversation], hand_off: Callable[..., Handoff], front_desk: Assistant, ann: Agent, bob: Agent, caplog: pytest.LogCaptureFixture
) -> None:
    told, lost, resolved = hand_off(), hand_off(), hand_off()
    silent, asked, idle = start(), start(answered_by=front_desk), start()
    waiting_room.leave_email(told.conversation, "amara@example.com")
    receiving.claim(lost, ann)
    receiving.claim(resolved, bob)
    receiving.resolve(reload(resolved), bob)
    for conversation in (silent, asked):
        turns.take(conversation, "How do I cancel Pro?", client_id="1")
    Agent.objects.filter(pk=ann.pk).update(lease_until=timezone.now() - AGO)
    Handoff.objects.update(due_at=timezone.now() - AGO)
    # By letter the first word comes after five minutes.
    Handoff.objects.filter(pk=told.pk).update(waiting_since=timezone.now() - timedelta(minutes=6), told_at=timezone.now() - timedelta(minutes=6))
    Conversation.objects.filter(pk=silent.pk).update(silence_due_at=timezone.now() - AGO)
    Conversation.objects.filter(pk=idle.pk).update(last_turn_at=timezone.now() - timedelta(days=2))

    twice(tasks.sweep)
    twice(tasks.answer)
    twice(tasks.deliver)
    twice(tasks.tidy)
    kinds = [list(row.conversation.turns.values_list("kind", flat=True)) for row in (told, lost, resolved)]
    assert [kind.count(name) for kind, name in zip(kinds, ("check_in", "returned", "handed_back"), strict=True)] == [1, 1, 1]
    assert (Handoff.objects.filter(conversation=silent).count(), asked.turns.filter(author="assistant").count()) == (1, 1)
    assert (Letter.objects.get().tries, reload(resolved).state, Conversation.objects.get(pk=idle.pk).epoch) == (1, State.HANDED_BACK, 2)
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


def twice(task: Callable[[], None]) -> None:
    gate = threading.Barrier(2)

    def run() -> None:
        gate.wait()
        task()
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# The rest


def test_a_listener_that_fails_is_logged_and_harms_nobody(
    conversation: Conversation, caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    heard_of = []

    def broken(**_: Any) -> None:
        raise ValueError("the listener is broken")

    def sound(change: Change, **_: Any) -> None:
        heard_of.append(change.conversation)

    for listener in (broken, sound):
        handoff_changed.connect(listener)
    with django_capture_on_commit_callbacks(execute=True):
        announce(Change(conversation.pk))
    for listener in (broken, sound):
        handoff_changed.disconnect(listener)
    assert (heard_of, "the listener is broken" in caplog.text) == ([conversation.pk], True)


def test_nonsense_in_the_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "maybe")
    with pytest.raises(ValueError, match="DEBUG must be true or false"):
        env_bool("DEBUG", False)


ASKED = """
import django; django.setup()
from django.core.mail import get_connection
from django.test import Client
from django.utils import timezone
answer = Client(headers={"host": "baton.example", "x-forwarded-proto": "https"}).get("/healthz")
print(answer.status_code, "Strict-Transport-Security" in answer.headers, timezone.get_current_timezone(), get_connection().use_tls)
"""


@pytest.mark.parametrize(("said", "heard"), [
    ({}, "200 False UTC False"),
    ({"BEHIND_PROXY": "1", "TIME_ZONE": "Asia/Tokyo", "EMAIL_USE_TLS": "1"}, "200 True Asia/Tokyo True"),
])
def test_the_proxys_word_the_clock_and_the_post_are_as_the_environment_says(said: dict[str, str], heard: str, tmp_path: Path) -> None:
    about = {"DJANGO_SETTINGS_MODULE": "console.settings", "BASE_URL": "https://baton.example", "ALLOWED_HOSTS": "baton.example",
             "BATON_VAR": str(tmp_path), "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend"}
    run = subprocess.run([sys.executable, "-c", ASKED], cwd=ROOT, env={**os.environ, **about, **said}, capture_output=True, text=True)
    assert run.stdout.strip() == heard, run.stderr


def test_the_migrations_match_the_models(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
