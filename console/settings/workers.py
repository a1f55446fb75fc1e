"""Celery: its broker, which task waits in which queue, and what the beat wakes how often."""

import os

from console.settings.stores import REDIS_URL

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = os.environ.get("REDIS_PREFIX", "baton")
# What waits for other people's servers has a worker of its own (-Q); a worker without -Q does everything.
OUTSIDE_QUEUE = f"{CELERY_TASK_DEFAULT_QUEUE}.outside"
# What may not be late, lost agents and offers before all, waits behind nothing else.
SWEEP_QUEUE = f"{CELERY_TASK_DEFAULT_QUEUE}.sweep"
CELERY_TASK_QUEUES = {name: {"exchange": name, "routing_key": name} for name in (CELERY_TASK_DEFAULT_QUEUE, SWEEP_QUEUE, OUTSIDE_QUEUE)}
CELERY_TASK_ROUTES = {
    **{task: {"queue": OUTSIDE_QUEUE} for task in ("baton.look_up", "baton.rewrite", "baton.webhooks", "baton.read_mail", "baton.fetch", "baton.foretell")},
    **{task: {"queue": SWEEP_QUEUE} for task in ("baton.sweep", "baton.offer")},
}
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 20
CELERY_TASK_TIME_LIMIT = 30
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 60, "unacked_restore_interval": 10, "socket_timeout": 10, "health_check_interval": 25}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    # A task not picked up by the next tick is dropped: the next one does the same work.
    "sweep": {"task": "baton.sweep", "schedule": 1.0, "options": {"expires": 3}},
    "offer": {"task": "baton.offer", "schedule": 1.0, "options": {"expires": 3}},
    "notice": {"task": "baton.notice", "schedule": 3.0, "options": {"expires": 3}},
    "foretell": {"task": "baton.foretell", "schedule": 1.0, "options": {"expires": 3}},
    "overflow": {"task": "baton.overflow", "schedule": 3.0, "options": {"expires": 3}},
    "answer": {"task": "baton.answer", "schedule": 0.5, "options": {"expires": 3}},
    "deliver": {"task": "baton.deliver", "schedule": 10.0, "options": {"expires": 8}},
    "rewrite": {"task": "baton.rewrite", "schedule": 1.0, "options": {"expires": 3}},
    "replay": {"task": "baton.replay", "schedule": 1.0, "options": {"expires": 3}},
    "read_mail": {"task": "baton.read_mail", "schedule": 10.0, "options": {"expires": 8}},
    "fetch": {"task": "baton.fetch", "schedule": 2.0, "options": {"expires": 3}},
    "webhooks": {"task": "baton.webhooks", "schedule": 1.0, "options": {"expires": 3}},
    "look_up": {"task": "baton.look_up", "schedule": 1.0, "options": {"expires": 3}},
    "learn": {"task": "baton.learn", "schedule": 600.0, "options": {"expires": 500}},
    "tidy": {"task": "baton.tidy", "schedule": 60.0, "options": {"expires": 50}},
}
