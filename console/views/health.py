"""Whether this process lives, and whether everything it needs is there."""

from collections.abc import Callable
from datetime import timedelta

import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from redis.backoff import NoBackoff
from redis.retry import Retry

from console import draining
from handoffs import arrivals, clock, duties, letters, lookups, publishing, rewriting, shelf, timekeeping, webhooks
from handoffs.learned import health
from handoffs.models import Heartbeat

SWEPT_WITHIN = timedelta(seconds=15)
PATIENCE = 1.0
STORED = (shelf, publishing, lookups, rewriting, timekeeping, webhooks, arrivals, letters, duties)

# A check returns nothing when all is well, otherwise what is wrong.
Check = Callable[[], str]


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the product can do its work, otherwise 503; each check by name. A warning is something it does worse without."""
    found = {"database": _look(database), "redis": _look(answers)}
    for name, check in (("migrations", migrations), ("sweep", swept)):
        found[name] = "not looked at: the database is away" if found["database"] else _look(check)
    checks = {name: {"ok": not wrong, "detail": wrong or "ok"} for name, wrong in found.items()}
    if draining.begun():
        checks["process"] = {"ok": False, "detail": "is shutting down"}
    ready = all(check["ok"] for check in checks.values())
    stored = () if found["database"] or found["migrations"] else tuple(words for part in STORED for words in part.problems())
    warnings = [*health.problems(), *stored]
    body = {"status": "ok" if ready else "not ready", "checks": checks, "warnings": warnings}
    return JsonResponse(body, status=200 if ready else 503)


def _look(check: Check) -> str:
    try:
        return check()
    except Exception as error:
        # The kind alone: an address or a password may stand in the words.
        return type(error).__name__


def database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def answers() -> str:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0))
    with client:
        client.ping()
    return ""


def migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} not applied" if missing else ""


def swept() -> str:
    last = Heartbeat.objects.filter(name="sweep").first()
    if last is None:
        return "the sweep has never run"
    age = clock.now() - last.at
    if -age >= SWEPT_WITHIN:
        return f"last run in {-age.total_seconds():.0f} s: the machines' clocks differ"
    return "" if age < SWEPT_WITHIN else f"last run {age.total_seconds():.0f} s ago"
