"""The Celery application: workers and a beat do what is due."""

import os
from typing import Any

import celery
from celery.signals import worker_init
from django.conf import settings
from django.db import connection

from console import broker, warming
from handoffs import clock, plugins

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
broker.mend()


class Task(celery.Task):  # type: ignore[type-arg]
    """What is due is asked of the database by its own time, which a connection tells; without it nothing is done."""

    def before_start(self, *_: Any) -> None:
        if clock.is_unset():
            connection.ensure_connection()


app = celery.Celery("baton", task_cls=Task)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def warm_up(**_: Any) -> None:
    """Load what answers and judges before the worker forks, so that no customer waits for the first answer."""
    mine = app.amqp.queues.consume_from
    if app.conf.task_default_queue in mine:
        for assistant in plugins.load("handoffs.assistants").values():
            assistant.reply(warming.HELLO)
    if app.conf.task_default_queue in mine or settings.SWEEP_QUEUE in mine:
        warming.judge_something()
