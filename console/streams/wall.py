"""The wall: how every queue stands now, who needs a lead, why assistants hand over, and how handoffs went."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.utils import timezone

from console.streams.supervisors import SupervisorsPage
from handoffs import (
    arrivals,
    breaks,
    clock,
    detection,
    duties,
    letters,
    lookups,
    plugins,
    publishing,
    quality,
    rewriting,
    roster,
    shelf,
    timekeeping,
    unanswered,
    waiting_room,
    webhooks,
)
from handoffs.learned import health
from handoffs.models import Agent, Handoff, Team
from handoffs.snapshots import Mood
from handoffs.waiting_room import outcomes

SLOT, SLOTS = timedelta(minutes=10), 12
RISKS_SHOWN = 3
# What is looked at of everybody who waits; read whole are the few that are shown. Of 10,000 whole rows the wall took two seconds.
LOOKED_AT = ("team", "mood", "waiting_since", "promise_due_at", "alarmed_at")


class Wall(SupervisorsPage):
    """The wall."""

    code: ClassVar[str] = "wall"
    check_every: ClassVar[float] = 5.0  # promises come to be at risk by time alone, which no hint announces
    least_gap: ClassVar[float] = 0.5
    names: ClassVar[tuple[str, ...]] = (
        "rail-count", "wall-kpis", "wall-teams", "wall-risks", "wall-flow", "wall-quality", "wall-why", "wall-failures", "wall-waits",
    )

    def context(self) -> dict[str, Any]:
        return context_now()


def context_now() -> dict[str, Any]:
    now = clock.now()
    today, week = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0), now - quality.WEEK
    queue, teams, until = _all_who_wait(), quality.teams_with_agents(), _slot_end(now)
    traffic = quality.traffic(until - SLOT * SLOTS)
    risks = quality.at_risk(queue, now)
    needs = list(dict.fromkeys([*risks, *(each for each in queue if each.alarmed_at and each.alarmed_at >= each.waiting_since)]))
    owed = list(unanswered.called()[:RISKS_SHOWN])
    shown = waiting_room.queue().in_bulk([handoff.pk for handoff in needs[:RISKS_SHOWN]])
    return {
        "count": len(queue),
        "kpis": {**_room(teams, now), "waiting": len(queue), "oldest": _oldest(queue, teams), "risks": len(risks),
                 "broken": quality.broken(today), "first": quality.first_messages(today), "left_email": quality.left_email(today)},
        "rows": [_row(team, queue, traffic, now, until) for team in teams],
        "risks": [(shown[each.pk], _better_team(each, teams, now)) for each in needs[:RISKS_SHOWN] if each.pk in shown],
        "more_risks": max(0, len(needs) - RISKS_SHOWN),
        "owed": owed, "needing": len(needs) + (len(owed) if len(owed) < RISKS_SHOWN else unanswered.called().count()),
        "flow": _flow(traffic, until),
        "answers": quality.answers(week), "alone": quality.answers_alone(week), "first_week": quality.first_messages(week), "handled": quality.handled_in(week),
        "repeat_asks": quality.repeat_asks(week), "wrong_queues": quality.wrong_queues(week),
        "why": _why(week),
        "waits": outcomes.kept(week),
        "rewrites": rewriting.counts(week),
        "failures": list(quality.failures()),
        "problems": (*health.problems(), *shelf.problems(), *publishing.problems(), *lookups.problems(), *rewriting.problems(), *timekeeping.problems(),
                     *webhooks.problems(), *arrivals.problems(), *letters.problems(), *duties.problems()),
    }


def _all_who_wait() -> list[Handoff]:
    return list(waiting_room.queue().select_related(None).only(*LOOKED_AT))


def _oldest(queue: list[Handoff], teams: list[Team]) -> Handoff | None:
    """Who waits longest, with their team at hand."""
    found = min(queue, key=lambda handoff: handoff.waiting_since, default=None)
    if found:
        found.team = next(team for team in teams if team.pk == found.team_id)
    return found


def _room(teams: list[Team], now: datetime) -> dict[str, float]:
    here = {agent.pk: agent for team in teams for agent in team.agents.all() if roster.is_here(agent, now)}.values()
    return {"people": len(here), "busy": sum(a.load for a in here), "capacity": sum(a.capacity for a in here),  # type: ignore[attr-defined]
            "room": _free(here, now)}


def _free(agents: Iterable[Agent], now: datetime) -> int:
    """For how many ordinary handoffs those who may be given work have room."""
    return sum(int(max(0, agent.capacity - agent.load)) for agent in agents if roster.takes_work(agent, now))  # type: ignore[attr-defined, misc]


def _row(team: Team, queue: list[Handoff], traffic: list[Any], now: datetime, until: datetime) -> dict[str, Any]:
    mine = [handoff for handoff in queue if handoff.team_id == team.pk]
    moods = Counter(handoff.mood for handoff in mine)
    here = [agent for agent in team.agents.all() if roster.is_here(agent, now)]
    away = [agent for agent in team.agents.all() if agent not in here and (agent.load or breaks.back_at(agent, now))]  # type: ignore[attr-defined]
    load, capacity = sum(agent.load for agent in here), sum(agent.capacity for agent in here)  # type: ignore[attr-defined]
    return {
        "team": team, "waiting": len(mine), "moods": [(mood.value, moods[mood.value]) for mood in Mood if moods[mood.value]],
        "oldest": min(mine, key=lambda handoff: handoff.waiting_since, default=None), "zone": team.opening_hours.zone,
        "back": min((back for agent in away if (back := breaks.back_at(agent, now))), default=None),
        "here": [(agent, breaks.leaves_at(agent, now)) for agent in here], "away": [(agent, breaks.back_at(agent, now)) for agent in away],
        "closed": not team.opening_hours.is_open(now), "until": _until(team, now),
        "load": load, "capacity": capacity, "used": round(100 * load / capacity) if capacity else 0,
        "arrivals": quality.per_slot((came for at, came, _ in traffic if at == team.pk), until, SLOT, SLOTS),
    }


def _until(team: Team, now: datetime) -> datetime | None:
    """When a team with hours closes or, while it is closed, opens: by its own clock, which the page keeps."""
    week = team.opening_hours
    change = week.next_closing(now) if week.is_open(now) else week.next_opening(now)
    return change.replace(tzinfo=None) if change else None


def _better_team(handoff: Handoff, teams: list[Team], now: datetime) -> Team | None:
    """Another team with people who have room, the general one first; None while the handoff's own team has room."""
    free = {team: _free(team.agents.all(), now) for team in teams}
    able = [team for team, room in free.items() if room and team.pk != handoff.team_id]
    if any(room for team, room in free.items() if team.pk == handoff.team_id):
        return None
    return max(able, key=lambda team: (team.general, free[team]), default=None)


def _flow(traffic: list[Any], until: datetime) -> dict[str, Any]:
    arrived = quality.per_slot((came for _, came, _ in traffic), until, SLOT, SLOTS)
    claimed = quality.per_slot((taken for _, _, taken in traffic), until, SLOT, SLOTS)
    top = max(4, *arrived, *claimed)
    return {"arrived": arrived, "claimed": claimed, "top": top + top % 2, "from": until - SLOT * SLOTS, "until": until, "in": sum(arrived), "out": sum(claimed)}


def _why(since: datetime) -> list[dict[str, Any]]:
    rows, known = quality.by_trigger(since), plugins.load("handoffs.triggers")
    whole = sum(count for _, count in rows)
    names = {code: known[code].label if code in known else code.replace("_", " ") for code, _ in rows}
    return [{"trigger": code, "asks": detection.question_of(code), "label": names[code], "count": count, "share": count / whole} for code, count in rows]


def _slot_end(now: datetime) -> datetime:
    """The end of the running ten minutes, so that charts stay the same between two changes."""
    return datetime.fromtimestamp((now.timestamp() // SLOT.total_seconds() + 1) * SLOT.total_seconds(), tz=now.tzinfo)
