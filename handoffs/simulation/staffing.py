"""How teams have worked: their pace, and how many conversations they had room for in each hour of a week."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db.models.functions import Coalesce
from django.utils import timezone

from handoffs.models import Agent, Handoff, Team
from handoffs.simulation.load import HOURS, Staff

LOOK_BACK = timedelta(days=30)
HOUR = timedelta(hours=1)
# Somebody who kept a conversation open over night was not at work all night.
LONGEST_SHIFT = 10


def hour_of(moment: datetime) -> int:
    """The hour of the week in local time, Monday 0:00 first."""
    local = timezone.localtime(moment)
    return local.weekday() * 24 + local.hour


def staff(now: datetime) -> dict[str, Staff]:
    """Teams that finished handoffs in the last 30 days, by code.

    An agent counts as there in each hour in which they held one of the team's handoffs, with room for as many as their capacity.
    """
    seconds: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    there: dict[str, set[tuple[int, datetime]]] = defaultdict(set)
    for team, agent, claimed, ended in _worked(now).values_list("team__code", "agent_id", "claimed_at", "done_at").iterator():
        seconds[team][0] += (ended - claimed).total_seconds()
        seconds[team][1] += 1
        begin = claimed.replace(minute=0, second=0, microsecond=0)
        hours = min(LONGEST_SHIFT, int((ended - begin) / HOUR) + 1)
        there[team].update((agent, begin + HOUR * each) for each in range(hours))
    capacity = dict(Agent.objects.values_list("pk", "capacity"))
    return {team: Staff(max(1.0, total / count), _room(there[team], capacity)) for team, (total, count) in seconds.items()}


def names() -> dict[str, str]:
    return dict(Team.objects.values_list("code", "name"))


def _worked(now: datetime) -> Any:
    finished = Handoff.objects.filter(claimed_at__gte=now - LOOK_BACK, agent__isnull=False)
    return finished.annotate(done_at=Coalesce("resolved_at", "ended_at")).filter(done_at__isnull=False)


def _room(there: set[tuple[int, datetime]], capacity: dict[int, int]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Mean room in each hour of the week, over the weeks in which anybody was there in that hour."""
    room, days = np.zeros(HOURS), [set[datetime]() for _ in range(HOURS)]
    for agent, hour in there:
        place = hour_of(hour)
        room[place] += capacity.get(agent, 1)
        days[place].add(hour)
    return room / np.maximum([len(each) for each in days], 1)
