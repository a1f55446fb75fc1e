"""What those who wait may be told: read from what was looked at last, never computed while somebody waits for the answer."""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from django.db.models import Count, DateTimeField, F, IntegerField, Q, UUIDField

from handoffs import clock, roster
from handoffs.models import Handoff, Outlook, Team, WaitEstimate
from handoffs.models.estimates import FAR
from handoffs.prepared import Given, Prepared
from handoffs.states import State
from handoffs.waiting.conformal import Spread, Stretch
from handoffs.waiting.words import Forecast, promise

# Seconds a team's outlook is good for in a process.
FRESH = 1.0
_outlook = Prepared(lambda: Outlook.objects.filter(team=Given("team", IntegerField())))
# Of those who stood before somebody when all were looked at last, who waits still: a step forward is not kept back until the next look.
_before = Q(place__lt=Given("place", IntegerField())) | Q(place=Given("place", IntegerField()), handoff__rank_at__lt=Given("rank_at", DateTimeField()))
_still_ahead = Prepared(
    lambda: WaitEstimate.objects.filter(_before, team=Given("team", IntegerField()), current=True,
                                        handoff__state=State.WAITING, handoff__team=F("team"), handoff__waiting_since=F("since"))
    .order_by().values("team").annotate(count=Count("pk")).values_list("count")
)
_current = Prepared(
    lambda: WaitEstimate.objects.filter(handoff=Given("handoff", UUIDField()), team=Given("team", IntegerField()), since=Given("since", DateTimeField()),
                                        current=True)
)
_outlooks: dict[int, tuple[float, Outlook | None]] = {}


def forecast(team: Team) -> Mapping[UUID, Forecast]:
    """Of everybody who waits with the team; three queries. Who came just now stands as the newcomer did when all were looked at last."""
    here = roster.is_somebody_in(team)
    estimates = {row.handoff_id: row for row in WaitEstimate.objects.filter(team=team, current=True)}
    waiting = Handoff.objects.filter(team=team, state=State.WAITING).order_by("rank_at", "created_at")
    came = list(enumerate(waiting.values_list("pk", "waiting_since", "first_place"), 1))
    looked_at = [row for _, (key, since, _) in came if (row := estimates.get(key)) and row.since == since]
    known = {row.handoff_id: (place, row) for place, row in enumerate(sorted(looked_at, key=attrgetter("place")), 1)}
    return {key: _of(*known[key], here) if key in known else replace(newcomer(_latest(team.pk), first or place, since, here), place=place)
            for place, (key, since, first) in came}


def of(handoff: Handoff) -> Forecast | None:
    """Of one who waits; None when nothing may be said but the place. Two queries, one more of who stands far back, or one or two of who came just now."""
    row = _current.first(handoff=handoff.pk, team=handoff.team_id, since=handoff.waiting_since)
    if row is not None:
        before = _still_ahead.first(team=row.team_id, place=row.place, rank_at=handoff.rank_at)
        return _of(before[0] + 1 if before else 1, row, True)
    return first(handoff, handoff.first_place)


def first(handoff: Handoff, place: int) -> Forecast | None:
    """Of a newcomer; None when nothing may be said but the place. No query while the team's outlook is fresh in this process, else one."""
    found = newcomer(_latest(handoff.team_id), place, handoff.waiting_since, True)
    return None if found.high is None else found


def usual(team: Team) -> Forecast | None:
    """Of somebody who would come now."""
    outlook = _latest(team.pk)
    found = newcomer(outlook, len(outlook.by_place) if outlook else 1, clock.now(), True)
    return None if found.high is None else found


def told(handoff: Handoff) -> None:
    """Note that the customer heard how their wait stands now."""
    WaitEstimate.objects.filter(handoff=handoff, current=True, said=False).update(said=True)


def is_outdated(handoff: Handoff) -> bool:
    """Whether what was promised is over, and nobody has looked since; never of who stands too far back to be looked at."""
    rows = WaitEstimate.objects.filter(handoff=handoff, current=True, place__lt=FAR)
    return rows.filter(promised_at__lte=clock.now(), made_at__lt=F("promised_at")).exists()


def newcomer(outlook: Outlook | None, place: int, since: datetime, someone_here: bool) -> Forecast:
    """By the place in line at the time of the team's outlook. The same outlook, place and time give the same promise."""
    spread = spread_at(outlook, place) if someone_here else None
    if outlook is None or spread is None:
        return Forecast(place, None, None, None, since, someone_here=someone_here)
    return Forecast(place, spread.median, spread.high, promise(since, spread.high), since, outlook.guess)


def spread_at(outlook: Outlook | None, place: int, *, stretched: bool = True) -> Spread | None:
    """Of who would stand at this place; behind the last known one so much longer as there are more people."""
    if outlook is None or not outlook.by_place:
        return None
    row = outlook.by_place[min(place, len(outlook.by_place)) - 1]
    more = max(place / len(outlook.by_place), 1.0)
    spread = Spread(*(value * more for value in row[:4]))
    return Stretch(outlook.stretch_low, outlook.stretch_high).over(spread) if stretched and not outlook.guess else spread


def had_room(outlook: Outlook, place: int) -> bool:
    return bool(outlook.by_place[min(place, len(outlook.by_place)) - 1][4])


def forget() -> None:
    """Outlooks are read anew at the next look."""
    _outlooks.clear()


def _of(place: int, row: WaitEstimate, here: bool) -> Forecast:
    outlook, moved = _latest(row.team_id) if row.place == FAR else None, "" if row.said or row.why == row.Why.FIRST else row.why
    if outlook is not None:
        return replace(newcomer(outlook, place, outlook.made_at, here), promised_at=row.promised_at, moved=moved)
    if row.now_high is None or not here:
        return Forecast(place, None, None, None, row.made_at, someone_here=here)
    return Forecast(place, row.now_low, row.now_high, row.promised_at, row.made_at, row.guess, moved=moved)


def _latest(team: int) -> Outlook | None:
    now, (read_at, found) = time.monotonic(), _outlooks.get(team, (-FRESH, None))
    if now - read_at >= FRESH:
        found = _outlook.first(team=team)
        _outlooks[team] = (now, found)
    return found
