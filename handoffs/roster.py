"""Who is here, for which teams, and with how much room. Presence is a lease that expires, never an event."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from handoffs import clock, dispatch
from handoffs.dispatch import Free
from handoffs.models import Agent, Handoff, PolicyVersion, Team
from handoffs.prepared import Asked, Given, Prepared, together
from handoffs.signals import Change, announce
from handoffs.states import HELD, State

PAGE_LEASE = timedelta(seconds=35)
# An agent who works over the API has no page to answer a ping; each call is a sign of life.
API_LEASE = timedelta(minutes=10)
# After the end of a lease: a page that only comes back from a short cut is no news to the customer.
SILENCE = timedelta(seconds=10)
# Whoever calls many times a minute is not written down each time.
SLACK = 0.1
# Rules that set a status, as `Agent.status_why` names them.
IDLE, MISSED = "idle", "missed_offers"


def renew(agent: Agent, lease: timedelta = PAGE_LEASE) -> None:
    """Note that the agent is here for another `lease`; a longer lease is never shortened, and one that is all but as long is left as it is."""
    now = clock.now()
    until, was_here = now + lease, bool(agent.lease_until and agent.lease_until > now)
    if agent.lease_until and agent.lease_until > until - lease * SLACK:
        return
    if _shorter(Agent.objects.filter(pk=agent.pk), until).update(lease_until=until):
        agent.lease_until = until
    if not was_here:
        tell([agent.pk], deal=True)


def pulse(idle: Mapping[int, float]) -> None:
    """Renew the page lease of all these agents in one update, and set who is idle away as the policy says.

    `idle` has the seconds since each agent's last key or pointer on any of their pages, by their ids. Who was set away by this rule is
    available again when they move. Whose row somebody is writing to is passed over: the next pulse is soon. A fixed number of queries.
    """
    limit = PolicyVersion.in_force().away_when_idle
    with transaction.atomic():
        _renew_all(list(Agent.objects.filter(pk__in=idle).select_for_update(skip_locked=True, no_key=True)), idle, limit)


def _renew_all(known: list[Agent], idle: Mapping[int, float], limit: int) -> None:
    now = clock.now()
    _shorter(Agent.objects.filter(pk__in=[agent.pk for agent in known]), now + PAGE_LEASE).update(lease_until=now + PAGE_LEASE)
    came = [agent.pk for agent in known if agent.lease_until is None or agent.lease_until <= now]
    still = {agent.pk for agent in known if limit and idle[agent.pk] >= limit}
    # Pages on another machine may have seen them more lately: whoever became available since then is left alone.
    settled = [agent for agent in known if agent.status == Agent.Status.AVAILABLE and agent.status_since <= now - timedelta(seconds=limit)]
    gone = [agent.pk for agent in settled if agent.pk in still]
    back = [agent.pk for agent in known if agent.pk not in still and (agent.status, agent.status_why) == (Agent.Status.AWAY, IDLE)]
    _set(Agent.objects.filter(pk__in=gone, status=Agent.Status.AVAILABLE), Agent.Status.AWAY, IDLE, now)
    _set(Agent.objects.filter(pk__in=back, status=Agent.Status.AWAY, status_why=IDLE), Agent.Status.AVAILABLE, "", now)
    tell([*came, *gone, *back], deal=bool(came or back))


def set_status(agent: Agent, status: str, *, why: str = "") -> None:
    """Available agents may be given work; others keep what they have. `why` names the rule that decided it (IDLE, MISSED), if not the agent.

    Who is at work again is back from their break.
    """
    agent.status, agent.status_why, agent.status_since = status, why, clock.now()
    agent.back_at = agent.back_at if status == Agent.Status.AWAY else None
    agent.save(update_fields=["status", "status_why", "status_since", "back_at"])
    tell([agent.pk], deal=status == Agent.Status.AVAILABLE)


def here() -> QuerySet[Agent]:
    """Who is at work, available or busy: a customer may be told that somebody is."""
    return _here_at(clock.now())


def is_somebody_in(team: Team) -> bool:
    """Whether one of the team is at work."""
    (here,) = together(somebody_in(team))
    return bool(here)


def somebody_in(team: Team) -> Asked[tuple[int]]:
    """One of the team who is at work, if anybody is."""
    return _here_in.asked(team=team.pk, now=clock.now())


def is_here(agent: Agent, now: datetime) -> bool:
    """Whether an agent is at work, by what was read of them."""
    return agent.is_active and agent.status != Agent.Status.AWAY and agent.lease_until is not None and agent.lease_until > now


def takes_work(agent: Agent, now: datetime) -> bool:
    """Whether an agent may be given work, by what was read of them; for as much as they have room."""
    return is_here(agent, now) and agent.status == Agent.Status.AVAILABLE


def free_agents(teams: Iterable[str], now: datetime) -> tuple[Free, ...]:
    """Who may be given what waits with these teams (codes): active, present and available, with whatever room they have. Two queries."""
    members = Agent.teams.through.objects.filter(team__code__in=list(teams)).values("agent")
    able = Agent.objects.filter(pk__in=members, is_active=True, status=Agent.Status.AVAILABLE, lease_until__gt=now)
    return tuple(map(as_free, with_load(able).prefetch_related("teams")))


def as_free(agent: Agent) -> Free:
    """The agent as routing sees them; the row comes from `with_load`. What nobody can read of their skills counts as none."""
    return Free(
        str(agent.pk), frozenset(team.code for team in agent.teams.all()), agent.capacity, agent.load,  # type: ignore[attr-defined]
        agent.given_at or dispatch.NEVER, dispatch.levels(agent.languages), dispatch.levels(agent.skills), agent.lease_until,
    )


def with_load(agents: QuerySet[Agent]) -> QuerySet[Agent]:
    """The agents with `load`: the weights of what each holds and of what is held for them by an open offer."""
    held = Handoff.objects.filter(agent=OuterRef("pk"), state__in=HELD)
    offered = Handoff.objects.filter(offered_to=OuterRef("pk"), state=State.WAITING)
    return agents.annotate(load=_weights(held, "agent") + _weights(offered, "offered_to"))


def load(agent: Agent) -> float:
    ((found,),) = _load.all(agent=agent.pk)
    return found  # type: ignore[no-any-return]


def weighing(agent: Agent) -> Asked[tuple[float]]:
    """The question for `load`, to be asked together with others."""
    return _load.asked(agent=agent.pk)


def room(agent: Agent) -> float:
    """How much more the agent may hold; 1 is an ordinary handoff."""
    return max(0.0, agent.capacity - load(agent))


def fits(agent: Agent, weight: float) -> bool:
    """Whether the agent has room for so much, by the rule of the choice."""
    return has_room(agent, weight, load(agent))


def has_room(agent: Agent, weight: float, load: float) -> bool:
    """The same for a load that is known."""
    return Free(str(agent.pk), frozenset(), agent.capacity, load).has_room(weight)


def missed_at(agent: Agent, *, since: datetime, grace: int) -> tuple[datetime, datetime]:
    """When the customers of an agent who stops renewing are told, and when the agent counts as lost; of one who was never here, that long after `since`."""
    ran_out = agent.lease_until or since
    lost_at = ran_out + timedelta(seconds=grace)
    return min(ran_out + SILENCE, lost_at), lost_at


def _here_at(now: datetime | Given) -> QuerySet[Agent]:
    return Agent.objects.filter(is_active=True, lease_until__gt=now).exclude(status=Agent.Status.AWAY)


_here_in = Prepared(lambda: _here_at(Given("now", DateTimeField())).filter(teams=Given("team", IntegerField())).values_list("pk")[:1])

_load = Prepared(lambda: with_load(Agent.objects.filter(pk=Given("agent", IntegerField()))).values_list("load"))  # type: ignore[misc]


def _shorter(agents: QuerySet[Agent], until: datetime) -> QuerySet[Agent]:
    return agents.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=until))


def _set(agents: QuerySet[Agent], status: str, why: str, now: datetime) -> None:
    agents.update(status=status, status_why=why, status_since=now)


def tell(agents: list[int], *, deal: bool) -> None:
    """Tell whoever watches these agents, or their teams, that something about them changed; `deal` when they may be given work now."""
    if agents:
        codes = Team.objects.filter(agents__in=agents).values_list("code", flat=True)
        announce(Change(agents=frozenset(agents), teams=frozenset(codes), deal=deal))


def _weights(handoffs: QuerySet[Handoff], whose: str) -> Coalesce:
    """The sum of their weights, grouped by whose they are, as a subquery."""
    return Coalesce(Subquery(handoffs.order_by().values(whose).annotate(sum=Sum("weight")).values("sum")), 0.0)
