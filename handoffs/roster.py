"""Who is here, for which teams, and with how much room. Presence is a lease that expires, never an event."""

from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from handoffs.models import Agent, Handoff, Team
from handoffs.signals import Change, announce
from handoffs.states import State

PAGE_LEASE = timedelta(seconds=35)
# An agent who works over the API has no page to answer a ping; each call is a sign of life.
API_LEASE = timedelta(minutes=10)


def renew(agent: Agent, lease: timedelta = PAGE_LEASE) -> None:
    """Note that the agent is here for another `lease`; a longer lease is never shortened."""
    now = timezone.now()
    until, was_here = now + lease, bool(agent.lease_until and agent.lease_until > now)
    rows = Agent.objects.filter(pk=agent.pk).filter(Q(lease_until__isnull=True) | Q(lease_until__lt=until))
    if rows.update(lease_until=until):
        agent.lease_until = until
    if not was_here:
        announce(Change(agents=frozenset([agent.pk]), teams=frozenset(agent.teams.values_list("code", flat=True))))


def set_status(agent: Agent, status: str, *, why: str = "") -> None:
    """Available agents may be given work; others keep what they have. `why` names the rule that decided it, if not the agent."""
    agent.status, agent.status_why, agent.status_since = status, why, timezone.now()
    agent.save(update_fields=["status", "status_why", "status_since"])
    announce(Change(agents=frozenset([agent.pk]), teams=frozenset(agent.teams.values_list("code", flat=True))))


def is_here(agent: Agent, now: datetime) -> bool:
    """Whether an agent is present and available, by what was read of them."""
    return agent.status == Agent.Status.AVAILABLE and agent.lease_until is not None and agent.lease_until > now


def present() -> QuerySet[Agent]:
    """Agents who are here and available, with `load`: how many conversations each holds."""
    here = Agent.objects.filter(is_active=True, status=Agent.Status.AVAILABLE, lease_until__gt=timezone.now())
    return with_load(here)


def with_load(agents: QuerySet[Agent]) -> QuerySet[Agent]:
    return agents.annotate(load=Count("handoffs", filter=Q(handoffs__state=State.CLAIMED), distinct=True))


def present_in(team: Team) -> QuerySet[Agent]:
    return present().filter(teams=team)


def load(agent: Agent) -> int:
    return Handoff.objects.filter(agent=agent, state=State.CLAIMED).count()


def room(agent: Agent) -> int:
    """How many more handoffs the agent may hold."""
    return max(0, agent.capacity - load(agent))


def lost_at(agent: Agent, *, since: datetime, grace: int) -> datetime:
    """When an agent who stops renewing counts as lost; one who was never here, that long after `since`."""
    return (agent.lease_until or since) + timedelta(seconds=grace)
