"""Endpoints: made, paused, resumed, given another secret, and sent once more what did not arrive."""

import base64
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils.crypto import salted_hmac

from handoffs import clock, outbox, outgoing
from handoffs.models import Assistant, Delivery, Endpoint, Team

OVERLAP = timedelta(hours=24)  # in which the secret before still signs too
MOST = 50  # endpoints


class Unfit(Exception):
    """No endpoint can be like this: which field is wrong, and why."""

    def __init__(self, field: str, reason: str) -> None:
        self.field, self.reason = field, reason
        super().__init__(f"{field}: {reason}")


def make(url: str, *, events: list[str] | None = None, assistant: Assistant | None = None, team: Team | None = None, note: str = "") -> Endpoint:
    """Raises Unfit. Whether the host leads into a private network is looked at whenever something is sent."""
    check(url, events or [])
    if Endpoint.objects.count() >= MOST:
        raise Unfit("url", f"there are {MOST} endpoints already")
    return Endpoint.objects.create(url=url, events=events or [], assistant=assistant, team=team, note=note)


def check(url: str, events: Any) -> None:
    """Raises Unfit."""
    try:
        outgoing.check(url, allowed())
    except outgoing.Refused as refused:
        raise Unfit("url", str(refused)) from None
    if not isinstance(events, list) or not all(event in outbox.EVENTS for event in events):
        raise Unfit("events", f"a list of {', '.join(outbox.EVENTS)}; empty for all")


def allowed() -> tuple[outgoing.Network, ...]:
    return outgoing.networks(tuple(settings.WEBHOOK_NETWORKS))


def secrets(endpoint: Endpoint) -> list[str]:
    """What signs for the endpoint now, the newest first: two of them for a day after a rotation. Kept nowhere, made anew from our own secret."""
    numbers = [endpoint.secret_number]
    if endpoint.rotated_at and clock.now() - endpoint.rotated_at < OVERLAP:
        numbers.append(endpoint.secret_number - 1)
    keys = (salted_hmac("baton.webhook", f"{endpoint.pk.hex}:{number}", algorithm="sha256").digest() for number in numbers)
    return [f"whsec_{base64.b64encode(key).decode()}" for key in keys]


def rotate(endpoint: Endpoint) -> str:
    """A new secret, returned; for a day the one before signs too."""
    Endpoint.objects.filter(pk=endpoint.pk).update(secret_number=F("secret_number") + 1, rotated_at=clock.now())
    endpoint.refresh_from_db()
    return secrets(endpoint)[0]


def pause(endpoint: Endpoint, why: str) -> bool:
    """Send nothing more; what happens meanwhile is kept. False when it was paused already."""
    return bool(Endpoint.objects.filter(pk=endpoint.pk, paused_at__isnull=True).update(paused_at=clock.now(), paused_why=why))


def resume(endpoint: Endpoint) -> None:
    """Send again, what was kept first."""
    Endpoint.objects.filter(pk=endpoint.pk).update(paused_at=None, paused_why="", failures=0, failing_since=None)
    Delivery.objects.filter(endpoint=endpoint, state=Delivery.State.DUE, due_at__gt=clock.now()).update(due_at=clock.now())


def replay(deliveries: QuerySet[Delivery]) -> int:
    """Send once more what was given up or sent, with the ids they had; how many."""
    ended = deliveries.filter(state__in=[Delivery.State.SENT, Delivery.State.DEAD])
    return ended.update(state=Delivery.State.DUE, due_at=clock.now(), tries=0, error="", status=None, ended_at=None)
