"""What waits where nobody here may take it: it goes to the team's overflow, else asks for less, else its customer is told, once.

Looked at by needs, not one by one: so many queries for each kind of handoff that is stranded, whatever waits.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from django.db import transaction
from django.db.models import QuerySet

from handoffs import clock, dispatch, roster, routing, transitions, waiting_room
from handoffs.dispatch import Free, Waiting
from handoffs.models import Agent, Handoff, PolicyVersion, Team, Turn
from handoffs.signals import Change, announce
from handoffs.states import State

AT_ONCE = 100


@dataclass(frozen=True)
class Person:
    """An agent as routing sees them, whether they are at work, and since when they are not."""

    free: Free
    here: bool
    left_at: datetime


@dataclass(frozen=True)
class Stranded:
    """A handoff nobody here may take: `to` is the team that may; `asks_less` when people of its own are here, who lack what it asks for."""

    handoff: Handoff
    to: Team | None = None
    asks_less: bool = False

    @property
    def pk(self) -> object:
        return self.handoff.pk


class Floor:
    """All teams and who is at work, as they are at one moment; three queries."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    @cached_property
    def teams(self) -> dict[int, Team]:
        return {team.pk: team for team in Team.objects.all()}

    @cached_property
    def people(self) -> list[Person]:
        agents = roster.with_load(Agent.objects.filter(is_active=True, lease_until__isnull=False)).prefetch_related("teams")
        return [Person(roster.as_free(agent), roster.is_here(agent, self.now), _left_at(agent)) for agent in agents]

    def somebody_in(self, team: Team) -> bool:
        return any(person.here and team.code in person.free.teams for person in self.people)

    def somebody_for(self, need: Waiting) -> bool:
        return any(person.here and person.free.may_take(need) for person in self.people)

    def alone_since(self, need: Waiting) -> datetime:
        """When the last who may take it left; long ago when there never was one."""
        return max((person.left_at for person in self.people if person.free.may_take(need)), default=dispatch.NEVER)

    def after(self, team: Team) -> timedelta:
        """How long it waits for somebody to come; a closed team is not waited for."""
        closed = not team.opening_hours.is_open(self.now) and not self.somebody_in(team)
        return timedelta(0) if closed else timedelta(seconds=team.overflow_after)

    def overflows(self, team: Team) -> Iterator[Team]:
        """The team's overflow, that one's, and so on, each once."""
        seen = {team.pk}
        while (following := team.overflow_team_id) and following not in seen:
            seen.add(following)
            team = self.teams[following]
            yield team

    def better(self, need: Waiting, team: Team) -> Team | None:
        """The first overflow with somebody here who may take it; without any in the own team either, the first with somebody here."""
        chain = list(self.overflows(team))
        able = (other for other in chain if self.somebody_for(replace(need, team=other.code)))
        return next(able, None) or (None if self.somebody_in(team) else next(filter(self.somebody_in, chain), None))


def instead_of(team: Team) -> Team:
    """Where what comes to this team goes at once: elsewhere when it is closed, nobody is here, and somebody is in its overflow."""
    if team.overflow_team_id is None or team.opening_hours.is_open(clock.now()) or roster.is_somebody_in(team):
        return team
    floor = Floor(clock.now())
    return next(filter(floor.somebody_in, floor.overflows(team)), team)


def stranded(now: datetime) -> Iterator[Stranded]:
    """What has waited long enough for somebody to come, and what becomes of it."""
    floor, waits = Floor(now), Handoff.objects.filter(state=State.WAITING, offered_to=None)
    for team_id, language, skills in waits.order_by().values_list("team", "language", "skills").distinct():
        team = floor.teams[team_id]
        need = Waiting("", team.code, now, now, language, dispatch.levels(skills))
        since = now - floor.after(team)
        if floor.somebody_for(need) or floor.alone_since(need) > since:
            continue
        to, asks_less = floor.better(need, team), floor.somebody_in(team)
        rows = waits.filter(team=team, language=language, skills=skills, waiting_since__lte=since)
        for handoff in (rows if to or asks_less else _untold(rows, team, now)).select_related("team", "conversation").order_by("rank_at")[:AT_ONCE]:
            yield Stranded(handoff, to, asks_less)


def send_on(each: Stranded) -> None:
    """Do for a stranded handoff what is best. Raises Stale when it moved meanwhile; nothing is done twice."""
    if each.to:
        _pass_on(each.handoff, each.to)
    elif each.asks_less:
        _ask_less(each.handoff)
    else:
        waiting_room.check_in(each.handoff)


def _pass_on(handoff: Handoff, team: Team) -> None:
    """To the overflow team, with its waiting time and its promise kept."""
    left, rank = handoff.team, routing.rank_at(team, handoff.priority, handoff.created_at)
    with transaction.atomic():
        transitions.move(handoff, State.WAITING, verb=waiting_room.OVERFLOWED, by="baton", detail={"team": team.code, "from": left.code},
                         team=team, rank_at=rank, due_at=clock.now() + timedelta(seconds=PolicyVersion.in_force().check_in_every))
        waiting_room.stand_in_line(handoff, "overflowed", Turn.Kind.MOVED, left=left.public_name)


def _ask_less(handoff: Handoff) -> None:
    """Drop what it asks for: somebody is better than nobody."""
    asked = {"language": handoff.language, "skills": handoff.skills}
    with transaction.atomic():
        transitions.lock(handoff.conversation_id)
        if Handoff.objects.filter(pk=handoff.pk, state=State.WAITING, offered_to=None, **asked).update(language="", skills={}):
            transitions.note(handoff, "asks_less", by="baton", detail=asked)
            announce(Change(handoff.conversation_id, handoff.pk, frozenset([handoff.team.code]), deal=True))


def _left_at(agent: Agent) -> datetime:
    """When an agent who is not at work left: with the end of their presence, or before, when they were set away."""
    gone = agent.lease_until or dispatch.NEVER
    return min(gone, agent.status_since) if agent.status == Agent.Status.AWAY else gone


def _untold(rows: QuerySet[Handoff], team: Team, now: datetime) -> QuerySet[Handoff]:
    return rows.exclude(waiting_room.knows_nobody_is_here(team, now))
