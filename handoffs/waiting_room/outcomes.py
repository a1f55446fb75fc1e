"""How waits ended against what was told of them: kept row by row, learned from, and added up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db.models import F, Q, QuerySet

from handoffs.models import Handoff, Outlook, Team, WaitEstimate
from handoffs.states import State
from handoffs.waiting import patience
from handoffs.waiting.conformal import Spread, Stretch
from handoffs.waiting.shares import share
from handoffs.waiting.snapshot import Numbers
from handoffs.waiting.words import promise
from handoffs.waiting_room import forecasts
from handoffs.waiting_room.habits import learned

Share = tuple[float, float, float]
FIRST = WaitEstimate.Why.FIRST
KEEP = timedelta(days=90)
AT_ONCE = 2000


def new() -> QuerySet[Handoff]:
    """Who waits without an estimate where one may be told."""
    return Handoff.objects.filter(state=State.WAITING).exclude(team__outlook__by_place=[]).exclude(estimates__current=True)


def over() -> QuerySet[WaitEstimate]:
    """Current estimates whose wait is over, or goes on elsewhere."""
    goes_on = Q(handoff__state=State.WAITING, handoff__team=F("team"), handoff__waiting_since=F("since"))
    return WaitEstimate.objects.filter(~goes_on, current=True)


def begin(outlooks: dict[int, Outlook], last: datetime) -> None:
    """A row for each who began to wait since the last look, with what they were told then; also for those who did not wait until now."""
    quick = Handoff.objects.filter(Q(claimed_at__gte=F("waiting_since")), claimed_at__gte=last).exclude(state=State.WAITING)
    rows = [*new().order_by("rank_at")[:AT_ONCE], *quick.exclude(estimates__since=F("waiting_since"))[:AT_ONCE]]
    WaitEstimate.objects.bulk_create([row for handoff in rows if (row := _first(handoff, outlooks.get(handoff.team_id)))], batch_size=200)


def _first(handoff: Handoff, outlook: Outlook | None) -> WaitEstimate | None:
    """None while nothing may be told."""
    raw, told = (forecasts.spread_at(outlook, handoff.first_place, stretched=stretched) for stretched in (False, True))
    if outlook is None or raw is None or told is None:
        return None
    since, promised = handoff.waiting_since, promise(handoff.waiting_since, told.high)
    return WaitEstimate(handoff=handoff, team=outlook.team, since=since, told_at=since, mean=raw.mean, low=raw.low, high=raw.high, told_low=told.low,
                        told_high=told.high, guess=outlook.guess, room=forecasts.had_room(outlook, handoff.first_place),
                        promised_at=promised, made_at=since, place=handoff.first_place, now_low=told.median, now_high=told.high)


def tidy(now: datetime) -> None:
    """Forget what ended long ago."""
    WaitEstimate.objects.filter(ended_at__lt=now - KEEP).delete()


def end(outlooks: dict[int, Outlook], now: datetime) -> None:
    """Fill in how waits ended; each that was told honestly and ended with an agent teaches its team's stretch."""
    rows = list(over().select_related("handoff")[:AT_ONCE])
    firsts = {(row.handoff_id, row.since): row for row in WaitEstimate.objects.filter(why=FIRST, handoff__in=[row.handoff_id for row in rows])}
    for row in rows:
        _close(row, now)
        first = firsts.get((row.handoff_id, row.since))
        if first and first.pk != row.pk:
            first.ended_at, first.left, first.broken = row.ended_at, row.left, first.broken or row.broken
        elif first:
            firsts[row.handoff_id, row.since] = row
    ended = [row for row in firsts.values() if row.ended_at]
    for row in sorted(ended, key=lambda row: row.ended_at or now):
        _learn(row, outlooks.get(row.team_id), now)
    changed = {row.pk: row for row in (*rows, *ended)}.values()
    WaitEstimate.objects.bulk_update(changed, ["current", "ended_at", "left", "broken", "counts"], batch_size=200)


def _close(row: WaitEstimate, now: datetime) -> None:
    handoff, row.current = row.handoff, False
    claimed = handoff.claimed_at and handoff.claimed_at >= row.since
    if claimed:
        row.ended_at, row.left = handoff.claimed_at, False
    elif handoff.ended_at:
        row.ended_at, row.left = handoff.ended_at, True
    else:
        row.ended_at, row.left = now, None
    row.broken = row.broken or (row.left is not None and row.ended_at is not None and row.ended_at > row.promised_at)


def _learn(row: WaitEstimate, outlook: Outlook | None, now: datetime) -> None:
    if outlook is None or row.left is not False or row.guess or row.ended_at is None:
        return
    waited = max((row.ended_at - row.told_at).total_seconds(), 0.0)
    row.counts = patience.weight(learned(now).known.habits.patience, waited)
    stretch = Stretch(outlook.stretch_low, outlook.stretch_high).learn(Spread(row.mean, row.low, row.mean, row.high), waited, row.counts)
    outlook.stretch_low, outlook.stretch_high = stretch.low, stretch.high


@dataclass(frozen=True)
class Kept:
    """How a team's told waits turned out: how many, the share inside the 80 % range (those who left counted in; and by the served alone),
    by thirds of the wait, the mean error over the mean wait, and promises kept."""

    team: Team
    waits: int
    within: Share
    served_only: Share
    thirds: tuple[Share, ...]
    bias: float
    kept: Share

    @property
    def too_short(self) -> float:
        return -self.bias


def kept(since: datetime) -> list[Kept]:
    """Of the latest waits that ended since then, by team; two queries."""
    rows = WaitEstimate.objects.filter(why=FIRST, left=False, guess=False, ended_at__gte=since).order_by("-ended_at")
    teams: dict[int, list[tuple[float, ...]]] = {}
    for team, told_at, ended_at, *figures in rows.values_list("team", "told_at", "ended_at", "told_low", "told_high", "mean", "counts", "broken")[:AT_ONCE]:
        if ended_at:
            teams.setdefault(team, []).append(((ended_at - told_at).total_seconds(), *figures))
    return [_kept(team, np.array(teams[team.pk], float)) for team in Team.objects.filter(pk__in=teams)]


def _kept(team: Team, rows: Numbers) -> Kept:
    waited, low, high, mean, counts, broken = rows.T
    inside, third = (waited >= np.floor(low)) & (waited <= high), np.digitize(waited, np.quantile(waited, [1 / 3, 2 / 3]))
    thirds = tuple(share(inside[third == part], counts[third == part]) for part in range(3) if np.any(third == part))
    bias = float(np.average(mean - waited, weights=counts) / max(np.average(waited, weights=counts), 1.0))
    return Kept(team, len(rows), share(inside, counts), share(inside, np.ones(len(rows))), thirds, bias, share(broken == 0, np.ones(len(rows))))
