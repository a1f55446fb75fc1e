"""Offers what waits to whom may take it, at once: after every commit that brings work or makes room, and each second all the same."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from handoffs import clock, roster, routing, transitions
from handoffs.models import Agent, Handoff, Offer, PolicyVersion, Step, Team
from handoffs.prepared import Prepared
from handoffs.signals import Change, handoff_changed
from handoffs.states import Owner, State
from handoffs.transitions import Full

# Another process may deal at the same moment: what it took is chosen anew, so often at most.
ROUNDS = 3
# Offers of one call: whoever makes room waits for them. The rest follows within a second.
AT_ONCE = 50
# The steps of who had it and let go of it, or had it taken from them: it is not offered to them again.
GAVE_UP = ("released", "taken_from")
_push_teams = Prepared(lambda: Team.objects.filter(push=True).values_list("code"))


def connect() -> None:
    handoff_changed.connect(on_change, dispatch_uid="handoffs.offers")


def on_change(sender: Any, change: Change, **_: Any) -> None:
    """Deal to whoever the change concerns."""
    if change.deal:
        theirs = Team.objects.filter(push=True, agents__in=change.agents).values_list("code", flat=True) if change.agents else ()
        deal(change.teams | frozenset(theirs))


def deal(teams: frozenset[str]) -> int:
    """Offer what waits with those of these teams (codes) that give work out; how many offers were made.

    Safe to call at any time, in any number of processes. Afterwards nobody of these teams is free for what waits there, save for what
    another process is just dealing.
    """
    made = 0
    for _ in range(ROUNDS):
        pairs = _pairs(teams)
        held = sum(_hold(handoff, agent) for handoff, agent in pairs)
        made += held
        if held == len(pairs):
            break
    return made


def waiting_in(teams: frozenset[str]) -> QuerySet[Handoff]:
    return Handoff.objects.filter(state=State.WAITING, offered_to=None, team__push=True, team__code__in=teams)


def _pairs(teams: frozenset[str]) -> list[tuple[Handoff, int]]:
    """Whom to offer what, most urgent first."""
    pushing = teams & {code for (code,) in _push_teams.all()}
    now, rows = clock.now(), waiting_in(pushing)
    if not pushing or not rows.exists() or not (free := [agent for agent in roster.free_agents(teams, now) if agent.load < agent.capacity]):
        return []
    handoffs = {str(handoff.pk): handoff for handoff in rows.select_related("team").defer("brief", "detections")}
    tried = tried_of(handoffs)
    line = [routing.as_waiting(handoff, tried.get(key, frozenset())) for key, handoff in handoffs.items()]
    return [(handoffs[key], int(agent)) for key, agent in routing.choose(line, free, now)[:AT_ONCE]]


def tried_of(handoffs: dict[str, Handoff]) -> dict[str, frozenset[str]]:
    """Who had their chance of each of these handoffs, or had it and gave it up; an offer that was withdrawn was none."""
    tried: dict[str, set[str]] = {}
    asked = Offer.objects.filter(handoff__in=list(handoffs.values())).exclude(outcome=Offer.Outcome.WITHDRAWN)
    had = Step.objects.filter(handoff__in=list(handoffs.values()), verb__in=GAVE_UP, agent__isnull=False)
    for handoff, agent in asked.values_list("handoff", "agent").union(had.order_by().values_list("handoff", "agent")):
        tried.setdefault(str(handoff), set()).add(str(agent))
    return {key: frozenset(agents) for key, agents in tried.items()}


def _hold(handoff: Handoff, agent_id: int) -> bool:
    """Hold it for that agent if both are still as they were; whether it is held now."""
    try:
        with transaction.atomic():
            if not transitions.lock(handoff.conversation_id, owner=Owner.TEAM):
                return False
            agent = _take_hand(agent_id, handoff)
            unheld = Handoff.objects.filter(pk=handoff.pk, state=State.WAITING, offered_to=None, team=handoff.team_id)
            if not unheld.update(offered_to=agent):
                raise Full("is offered or claimed already")
            # Looked at now that both rows are held: others may have kept us waiting for them.
            now = clock.now()
            until = now + timedelta(seconds=PolicyVersion.in_force().offer_for)
            _open(handoff, agent, offered_at=now, expires_at=until)
            handoff.offered_to = agent
            transitions.note(handoff, "offered", by="baton", agent=agent)
    except (Full, IntegrityError):
        return False
    return True


def _open(handoff: Handoff, agent: Agent, **times: datetime) -> None:
    """One row for each pair: what was withdrawn from them is open again. Raises IntegrityError when they had their chance meanwhile."""
    withdrawn = Offer.objects.filter(handoff=handoff, agent=agent, outcome=Offer.Outcome.WITHDRAWN)
    if not withdrawn.update(outcome=Offer.Outcome.OPEN, ended_at=None, **times):
        Offer.objects.create(handoff=handoff, agent=agent, **times)


def _take_hand(agent_id: int, handoff: Handoff) -> Agent:
    """The agent, whose row is held until the commit. Raises Full when they have no room, or are not to be given work any more."""
    now = clock.now()
    able = Agent.objects.filter(pk=agent_id, is_active=True, status=Agent.Status.AVAILABLE, lease_until__gt=now)
    if not able.update(given_at=now):
        raise Full("is not given work now")
    agent = Agent.objects.get(pk=agent_id)
    if not roster.fits(agent, handoff.weight):
        raise Full("has no room")
    return agent
