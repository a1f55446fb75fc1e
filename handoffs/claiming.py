"""Finds the most urgent handoff an agent may take, and claims it."""

from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db.models import Min, Q, QuerySet

from handoffs import clock, dispatch, receiving, roster, routing, waiting_room
from handoffs.dispatch import Free, Waiting
from handoffs.models import Agent, Handoff
from handoffs.transitions import Forbidden, Full, Stale

# So many are looked at one by one. Behind them only kinds are, and of those that fit, so many that are met first.
SEEN_AT_ONCE, KINDS = 200, 50
KIND = ("language", "skills", "weight")


def claim_next(agent: Agent) -> Handoff | None:
    """Claim the most urgent handoff the agent is able to take and has room for, or None when there is none.

    Raises Full without any room, Forbidden for who is away. At most three queries look for it, whatever waits.
    """
    if agent.status == Agent.Status.AWAY:
        raise Forbidden("you are set to away; say first that you are back")
    if not roster.room(agent) and not agent.offered.exists():
        raise Full("you have no room for another handoff")
    me = roster.as_free(roster.with_load(Agent.objects.filter(pk=agent.pk)).get())
    mine = queue_of(agent).filter(Q(offered_to=None) | Q(offered_to=agent)).defer("brief", "detections")
    nearest = list(mine[:SEEN_AT_ONCE])
    taken = _claim_first(nearest, agent, me)
    return taken or (_claim_first(_fitting(mine, me)[:SEEN_AT_ONCE], agent, me) if len(nearest) == SEEN_AT_ONCE else None)


def queue_of(agent: Agent) -> QuerySet[Handoff]:
    """What the agent may claim, most urgent first: what waits with their teams, or with any for a supervisor."""
    return waiting_room.queue() if agent.is_supervisor else waiting_room.queue().filter(team__in=agent.teams.all())


def _claim_first(handoffs: Iterable[Handoff], agent: Agent, me: Free) -> Handoff | None:
    for handoff in handoffs:
        if handoff.offered_to_id != agent.pk and not _fits(routing.as_waiting(handoff), me):
            continue
        try:
            receiving.claim(handoff, agent)
        except Stale:
            continue
        return handoff
    return None


def _fitting(queue: QuerySet[Handoff], me: Free) -> QuerySet[Handoff]:
    """What asks for no more than they can do and have room for, found by the kinds of handoffs that wait."""
    kinds = queue.values(*KIND).annotate(first=Min("rank_at")).order_by("first").values(*KIND)
    fit = [Q(**kind) for kind in kinds if _fits(_any_of(kind["language"], kind["skills"], kind["weight"]), me)]
    return queue.filter(reduce(or_, fit[:KINDS], Q(offered_to=int(me.id))))


def _any_of(language: str, skills: object, weight: float) -> Waiting:
    return Waiting("", "", clock.now(), clock.now(), language, dispatch.levels(skills), weight)


def _fits(handoff: Waiting, me: Free) -> bool:
    return me.is_able(handoff) and me.has_room(handoff.weight)
