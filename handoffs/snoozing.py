"""An agent puts a handoff aside until a time, or until the customer writes, whichever comes first. It stays theirs and keeps its room."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Least
from django.utils import timezone

from handoffs import clock, transitions, waiting_room
from handoffs.models import Agent, Conversation, Handoff, Step, Team, Turn
from handoffs.states import State
from handoffs.transitions import Forbidden, Stale

LONGEST = timedelta(days=14)
MORNING = 9


def snooze(handoff: Handoff, agent: Agent, until: datetime, *, tell: bool = True, seen: int | None = None) -> Step:
    """Put aside until then; with `tell`, the customer hears by when their agent is back.

    Raises Stale when it is not with the agent, Forbidden for a time that is over or too far ahead.
    """
    now = clock.now()
    if not now < until <= now + LONGEST:
        raise Forbidden(f"choose a time within the next {LONGEST.days} days")
    with transaction.atomic():
        if not _held(handoff, agent, seen).update(snoozed_until=until, alarmed_at=None, due_at=Least(F("due_at"), Value(until))):
            raise Stale(Conversation.objects.get(pk=handoff.conversation_id), "this conversation is not with you")
        if tell:
            waiting_room.tell(handoff.conversation, words(handoff, agent, until), Turn.Kind.CHECK_IN, agent=agent)
        return transitions.note(handoff, "snoozed", by="agent", agent=agent, detail={"until": until.isoformat(), "told": tell})


def wake(handoff: Handoff, agent: Agent, *, seen: int | None = None) -> Step | None:
    """Take it up again before its time; None when it was not put aside. Raises Stale when it is not with the agent."""
    with transaction.atomic():
        held = _held(handoff, agent, seen)
        if held.filter(snoozed_until__isnull=False).update(snoozed_until=None):
            return transitions.note(handoff, "woken", by="agent", agent=agent)
        if not held.exists():
            raise Stale(Conversation.objects.get(pk=handoff.conversation_id), "this conversation is not with you")
    return None


def heard(handoff: Handoff) -> None:
    """The customer has written: that ends it."""
    if Handoff.objects.filter(pk=handoff.pk, state=State.CLAIMED, snoozed_until__gt=clock.now()).update(snoozed_until=None):
        transitions.note(handoff, "woken", by="customer")


def is_aside(handoff: Handoff) -> bool:
    """Whether its time has not come yet; once it has, `snoozed_until` stays as a mark until its agent opens it."""
    return handoff.snoozed_until is not None and handoff.snoozed_until > clock.now()


def words(handoff: Handoff, agent: Agent, until: datetime) -> str:
    """What the customer is told."""
    zone = ZoneInfo(handoff.conversation.time_zone) if handoff.conversation.time_zone else zone_of(handoff.team)
    days = (until.astimezone(zone).date() - timezone.localdate(timezone=zone)).days
    with timezone.override(zone):
        return waiting_room.words("snoozed", handoff.conversation, agent=agent.public_name, until=until, days=days)


def choices(team: Team) -> dict[str, Any]:
    """What the form needs, in the time of where the team works: now, the last moment, tomorrow morning, and the zone's name."""
    zone = zone_of(team)
    now = timezone.localtime(timezone=zone).replace(second=0, microsecond=0)
    return {"now": f"{now:%Y-%m-%dT%H:%M}", "last": f"{now + LONGEST:%Y-%m-%dT%H:%M}", "tomorrow": f"{tomorrow(team):%A %H:%M}", "zone": str(zone)}


def tomorrow(team: Team) -> datetime:
    """Tomorrow morning where the team works."""
    day = timezone.localdate(timezone=zone_of(team)) + timedelta(days=1)
    return datetime(day.year, day.month, day.day, MORNING, tzinfo=zone_of(team))


def zone_of(team: Team) -> ZoneInfo:
    try:
        return ZoneInfo(team.time_zone or settings.TIME_ZONE)
    except (ValueError, ZoneInfoNotFoundError):
        return ZoneInfo(settings.TIME_ZONE)


def _held(handoff: Handoff, agent: Agent, seen: int | None) -> QuerySet[Handoff]:
    """The handoff while it is with the agent and the conversation, held until the transaction ends, at the epoch they saw."""
    transitions.lock(handoff.conversation_id)
    held = Handoff.objects.filter(pk=handoff.pk, state=State.CLAIMED, agent=agent)
    return held if seen is None else held.filter(conversation__epoch=seen)
