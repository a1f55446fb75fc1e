"""What agents say of their own times: until when they are here, and when they are back from a break. Over by itself once it is past."""

from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from django.db.models import DateTimeField, IntegerField, QuerySet
from django.utils import timezone

from handoffs import clock, roster
from handoffs.models import Agent, Team
from handoffs.prepared import Given, Prepared
from handoffs.transitions import Forbidden

# Nobody says more than a night ahead; a clock time beyond that is one that has just passed.
LONGEST = timedelta(hours=18)


def say(agent: Agent, leaves_at: datetime | None, back_at: datetime | None) -> None:
    """Keep both; None: nothing is said. Only who is away is ever back. Raises Forbidden for a time that is over or beyond LONGEST."""
    now = clock.now()
    if not all(now < said <= now + LONGEST for said in (leaves_at, back_at) if said):
        raise Forbidden("choose a time within the next 18 hours")
    agent.leaves_at, agent.back_at = leaves_at, back_at if agent.status == Agent.Status.AWAY else None
    agent.save(update_fields=["leaves_at", "back_at"])
    roster.tell([agent.pk], deal=False)


def said(agent: Agent, now: datetime) -> dict[str, datetime | None]:
    """Both of their times as they stand, by the names `say` takes them by."""
    return {"leaves_at": leaves_at(agent, now), "back_at": back_at(agent, now)}


def shown(agent: Agent) -> dict[str, Any]:
    """The same as the agent's clock shows them, and which clock (`zone`) that is."""
    zone = clock_of(agent)
    times = {name: moment.astimezone(zone).replace(tzinfo=None) if moment else None for name, moment in said(agent, clock.now()).items()}
    return {"zone": zone, **times}


def leaves_at(agent: Agent, now: datetime) -> datetime | None:
    """Until when they said they are here."""
    return agent.leaves_at if agent.leaves_at and agent.leaves_at > now else None


def back_at(agent: Agent, now: datetime) -> datetime | None:
    """When they said they are back, of one who is away."""
    return agent.back_at if agent.status == Agent.Status.AWAY and agent.back_at and agent.back_at > now else None


def coming_back(now: datetime | Given) -> QuerySet[Agent]:
    """Who is away and said when they are back, the first first."""
    return Agent.objects.filter(is_active=True, status=Agent.Status.AWAY, back_at__gt=now).order_by("back_at", "pk")


def clock_of(agent: Agent) -> tzinfo:
    """Whose clock the times of an agent are read by: where their first team works."""
    team = agent.teams.first()
    return team.opening_hours.zone if team else timezone.get_default_timezone()


def next_at(chosen: time, zone: tzinfo, before: datetime | None = None) -> datetime | None:
    """The next moment at which clocks there show this time; None for the one said `before` that is over. Raises Forbidden for one beyond LONGEST."""
    now, chosen = clock.now(), chosen.replace(second=0, microsecond=0)
    today = datetime.combine(now.astimezone(zone).date(), chosen, zone)
    moment = today if today > now else today + timedelta(days=1)
    if moment - now <= LONGEST:
        return moment
    if before and before.astimezone(zone).time().replace(second=0, microsecond=0) == chosen:
        return None
    raise Forbidden(f"{chosen:%H:%M} is over by now: choose a time within the next 18 hours")


def next_back(team: Team, now: datetime) -> datetime | None:
    """When the first of a team is back."""
    return next((back for (back,) in _next_back.all(now=now, team=team.pk)), None)


_next_back = Prepared(lambda: coming_back(Given("now", DateTimeField())).filter(teams=Given("team", IntegerField())).values_list("back_at")[:1])
