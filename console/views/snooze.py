"""Putting a handoff aside for a while, and taking it up again."""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime

from console.views import fields
from console.views.common import act, agent_of, find, see_other
from handoffs import clock, snoozing
from handoffs.models import Team
from handoffs.transitions import Forbidden


@act
def snooze(request: HttpRequest, key: UUID) -> HttpResponse:
    handoff = find(request, key)
    snoozing.snooze(handoff, agent_of(request), until(request, handoff.team), tell="tell" in request.POST)
    return see_other("queue")


@act
def wake(request: HttpRequest, key: UUID) -> HttpResponse:
    snoozing.wake(find(request, key), agent_of(request))
    return see_other("desk", key)


def until(request: HttpRequest, team: Team) -> datetime:
    """The time chosen: minutes from now, tomorrow morning, or a time of the agent's own, as clocks show it where the team works."""
    chosen = fields.words(request, "for")
    if chosen == "tomorrow":
        return snoozing.tomorrow(team)
    if minutes := fields.number(request.POST, "for"):
        return clock.now() + timedelta(minutes=min(minutes, 60 * 24 * 365))
    with suppress(ValueError):
        if chosen == "own" and (own := parse_datetime(fields.words(request, "until"))):
            return own.replace(tzinfo=snoozing.zone_of(team))
    raise Forbidden("choose a time first")
