"""Reads how all queues stand as one snapshot for the estimate: a constant number of queries, whatever waits and whoever is here."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from math import inf

from handoffs import breaks, dispatch, roster, routing
from handoffs.dispatch import Free, Waiting
from handoffs.models import Agent, Handoff, Team
from handoffs.offers.dealing import tried_of
from handoffs.states import HELD, State
from handoffs.waiting.place import Under, order
from handoffs.waiting.snapshot import ALWAYS, Held, Overtakers, Queue, Server, Waiter
from handoffs.waiting_room.habits import learned

# So many are looked at; who stands further back is told by their place, as a newcomer there would be.
LOOKED_AT = 400
RECENT = timedelta(minutes=30)
PRIORITIES = (1, 2, 3)
# What a newcomer who stands last is called in a snapshot: this and the team's id.
NEWCOMER = "newcomer "


def _s(span: timedelta) -> float:
    return span.total_seconds()


class Reading:
    """Everything that waits, everybody who is here and who said when they are back, at one moment; nine queries."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.teams = {team.pk: team for team in Team.objects.all()}
        self.learned = learned(now)
        rows = Handoff.objects.filter(state=State.WAITING).order_by("rank_at", "created_at").defer("brief", "detections")[:LOOKED_AT]
        self.handoffs = {str(row.pk): self._with_team(row) for row in rows}
        tried = tried_of({key: row for key, row in self.handoffs.items() if row.team.push})
        # Who is being asked now has their chance still.
        self.line = {key: routing.as_waiting(row, tried.get(key, frozenset()) - {str(row.offered_to_id)}) for key, row in self.handoffs.items()}
        people = Agent.objects.filter(is_active=True, lease_until__gt=now).exclude(status=Agent.Status.AWAY).order_by("pk").prefetch_related("teams")
        self.here = [agent for agent in people if roster.is_here(agent, now)]
        self.coming = list(breaks.coming_back(now).prefetch_related("teams"))
        held = Handoff.objects.filter(agent__in=[agent.pk for agent in (*self.here, *self.coming)], state__in=HELD).order_by("claimed_at", "pk")
        self.held = [InHand(str(agent), weight, team, _s(now - (claimed or now))) for agent, weight, team, claimed in
                     held.values_list("agent", "weight", "team", "claimed_at")]

    def _with_team(self, row: Handoff) -> Handoff:
        row.team = self.teams[row.team_id]
        return row

    @cached_property
    def free(self) -> list[Free]:
        """Those here and, behind them, those who come back; who is busy claims what they like, but is given nothing by teams that give work out."""
        return [Free(str(agent.pk), frozenset(team.code for team in agent.teams.all() if not team.push or agent.status != Agent.Status.BUSY),
                     agent.capacity, 0.0, agent.given_at or dispatch.NEVER, dispatch.levels(agent.languages), dispatch.levels(agent.skills), agent.lease_until)
                for agent in (*self.here, *self.coming)]

    @cached_property
    def places(self) -> dict[str, int]:
        """The exact place of everybody who waits in the line of their team, 1 is next."""
        seen, found = Counter[int](), {}
        for key in order(self.line.values(), self.free[:len(self.here)], [Under(each.agent, each.weight) for each in self.held], self.now):
            team = self.handoffs[key].team_id
            seen[team] += 1
            found[key] = seen[team]
        return found

    def able(self, handoff: Waiting) -> int:
        """Who may take it, as bits in the order of `free`."""
        needs = (handoff.team, handoff.language, tuple(sorted(handoff.skills.items())), handoff.tried)
        if needs not in self._able:
            self._able[needs] = sum(1 << number for number, agent in enumerate(self.free) if agent.may_take(handoff))
        return self._able[needs]

    @cached_property
    def _able(self) -> dict[object, int]:
        return {}

    @cached_property
    def queue(self) -> Queue:
        """The snapshot; behind those who wait a newcomer for each team, who stands last."""
        shown = list(self.line.values())
        waiters = [Waiter(each.id, self._ahead(each.rank_at), self._ago(self.handoffs[each.id].waiting_since), self.able(each),
                          self._kind(self.handoffs[each.id].team_id), each.weight) for each in shown]
        newcomers = [Waiter(f"{NEWCOMER}{team.pk}", max([float(team.promise), *(each.rank for each in waiters)]), 0.0, self.able(self._plain(team)),
                            self._kind(team.pk), phantom=True) for team in self.teams.values()]
        return Queue((*waiters, *newcomers), tuple(map(self._server, (*self.here, *self.coming))), self.learned.known.habits, tuple(self._overtakers()))

    def _plain(self, team: Team) -> Waiting:
        return Waiting("", team.code, self.now, self.now)

    def _server(self, agent: Agent) -> Server:
        held = tuple(Held(each.elapsed, self._kind(each.team), each.weight) for each in self.held if each.agent == str(agent.pk))
        spans = [span for team in agent.teams.all() for span in self._open(self.teams[team.pk])] if agent.teams.all() else []
        return Server(agent.capacity, held, self._said(agent, ALWAYS if ALWAYS[0] in spans else tuple(spans)), self.learned.known.paces.get(str(agent.pk), 1.0))

    def _said(self, agent: Agent, spans: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
        """What is left of the spans between when the agent is back from a break and when they leave, as they said."""
        back, leaves = breaks.back_at(agent, self.now), breaks.leaves_at(agent, self.now)
        begin, end = self._ahead(back) if back else 0.0, self._ahead(leaves) if leaves else inf
        return tuple((max(opens, begin), min(closes, end)) for opens, closes in spans if max(opens, begin) < min(closes, end))

    def _open(self, team: Team) -> Sequence[tuple[float, float]]:
        """Until it closes. Who is here beside its hours is here all the same."""
        closes = team.opening_hours.next_closing(self.now)
        return ALWAYS if closes is None else ((0.0, _s(closes - self.now)),)

    def _overtakers(self) -> list[Overtakers]:
        came = Counter(Handoff.objects.filter(created_at__gte=self.now - RECENT).order_by().values_list("team", "priority"))
        found = []
        for team in self.teams.values():
            mine = [row for row in self.handoffs.values() if row.team_id == team.pk]
            longest = max((self.now - row.waiting_since for row in mine), default=timedelta(0))
            for priority in PRIORITIES:
                head_start = dispatch.head_start(priority, dispatch.Line(len(mine), longest))
                behind = max((self._ahead(row.rank_at) for row in mine if row.priority <= priority), default=-inf)
                found.append(Overtakers(came[team.pk, priority] / _s(RECENT), team.promise - _s(head_start), self.able(self._plain(team)),
                                        self._kind(team.pk), behind))
        return found

    def _kind(self, team: int) -> int:
        return self.learned.kinds.get(team, 0)

    def _ahead(self, moment: datetime) -> float:
        return _s(moment - self.now)

    def _ago(self, moment: datetime) -> float:
        return max(_s(self.now - moment), 0.0)


@dataclass(frozen=True)
class InHand:
    """What an agent holds: whose, its room, its team, and for how long (s)."""

    agent: str
    weight: float
    team: int
    elapsed: float
