"""The worker's line to Redis."""

from uuid import uuid4

import celery
import pytest
import redis
from celery.beat import Scheduler
from django.conf import settings
from kombu import Connection, Producer, Queue

from console.celery import app


def test_a_message_whose_acknowledgement_failed_does_not_hold_its_place() -> None:
    """Otherwise a worker that may hold one message takes no other until it is started again: no sweep, no letters, no answers."""
    assert app.conf.worker_prefetch_multiplier == 1
    with redis.Redis.from_url(settings.REDIS_URL) as client, Connection(settings.CELERY_BROKER_URL) as connection:
        channel = connection.default_channel
        channel.basic_qos(0, 1, False)
        queue = Queue(uuid4().hex)(channel)
        queue.declare()
        Producer(channel).publish("sweep", routing_key=queue.name)
        message = queue.get()
        assert channel.qos.can_consume() is False
        client.execute_command("ACL", "SETUSER", "default", "-zrem")
        try:
            with pytest.raises(redis.ResponseError):
                message.ack()
        finally:
            client.execute_command("ACL", "SETUSER", "default", "+@all")
        assert channel.qos.can_consume() is True
        queue.delete()


def test_what_beat_cannot_send_is_one_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    away = celery.Celery(broker="redis://127.0.0.1:1/0", set_as_current=False)
    away.conf.task_publish_retry = False
    beat = Scheduler(away, lazy=True)
    beat.apply_entry(beat.Entry(name="sweep", task="baton.sweep", schedule=1.0, app=away))
    assert [caplog.handler.format(record).count("\n") for record in caplog.records] == [0]
    assert "Couldn't apply scheduled task sweep" in caplog.text
