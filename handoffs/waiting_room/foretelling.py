"""The clock's share of the estimate: looks at all queues at once, keeps what newcomers are told, and moves promises that must move."""

from datetime import datetime, timedelta
from math import inf, isfinite

import numpy as np
from django.db import transaction

from handoffs import clock, roster
from handoffs.models import Heartbeat, Outlook, Team, WaitEstimate
from handoffs.models.estimates import FAR
from handoffs.signals import Change, announce
from handoffs.waiting import erlang, patience, refresh, simulate
from handoffs.waiting.ahead import ahead
from handoffs.waiting.conformal import Spread, Stretch, spreads
from handoffs.waiting.snapshot import Numbers
from handoffs.waiting.words import promise
from handoffs.waiting_room import forecasts, outcomes
from handoffs.waiting_room.habits import learned, reactions
from handoffs.waiting_room.reading import NEWCOMER, Reading

# Looked at when the line changed, but no more often than that; else each minute.
LEAST_APART, EVERY = timedelta(seconds=5), timedelta(seconds=refresh.EVERY)
# Under so many finished handoffs of a team nothing but the place is said; under so many it is a guess.
NOTHING, GUESS = 20, 200
DUTY = "forecast"


def work() -> int | None:
    """Look at all queues if it is time; how many customers were looked at, None when it was not. Of several that try at once, one does it."""
    last, now = _last(), clock.now()
    if not _is_time(last, now) or not Heartbeat.objects.filter(name=DUTY, at=last).update(at=now):
        return None
    outlooks = _outlooks()
    outcomes.end(outlooks, now)
    outcomes.begin(outlooks, last)
    looked_at = _look(outlooks, Reading(now))
    forecasts.forget()
    return looked_at


def _last() -> datetime:
    row, _ = Heartbeat.objects.get_or_create(name=DUTY, defaults={"at": clock.now() - EVERY})
    return row.at


def _is_time(last: datetime, now: datetime) -> bool:
    """Each minute, so that newcomers are told of now; within seconds when somebody came or a wait ended."""
    return now - last >= EVERY or (now - last >= LEAST_APART and (outcomes.over().exists() or outcomes.new().exists() or _agents_came(now)))


def _agents_came(now: datetime) -> bool:
    """Whether somebody is here now in a team of which nothing could be told, though enough is known of its past."""
    teams, known = Outlook.objects.filter(by_place=[], team__agents__in=roster.here()).values_list("team", flat=True), learned(now)
    return any(known.finished[known.kinds.get(team, -1)] >= NOTHING for team in teams)


def _outlooks() -> dict[int, Outlook]:
    """One a team."""
    missing = Team.objects.filter(outlook__isnull=True).values_list("pk", flat=True)
    Outlook.objects.bulk_create([Outlook(team_id=team) for team in missing], ignore_conflicts=True)
    return {row.team_id: row for row in Outlook.objects.select_related("team")}


def _look(outlooks: dict[int, Outlook], reading: Reading) -> int:
    """Draw all waits once; keep them by place for newcomers, and refresh what those who wait were told."""
    queue = reading.queue
    draws = simulate.waits(queue)
    column = {each.id: number for number, each in enumerate(queue.waiters)}
    rows = {str(row.handoff_id): row for row in WaitEstimate.objects.filter(current=True)}
    moved: list[WaitEstimate] = []
    for team, outlook in outlooks.items():
        line = sorted((key for key in reading.places if reading.handoffs[key].team_id == team), key=reading.places.__getitem__)
        drawn = Drawn(reading, outlook, [*line, f"{NEWCOMER}{team}"], draws[:, [column[key] for key in (*line, f"{NEWCOMER}{team}")]])
        outlook.made_at, outlook.guess, outlook.by_place = reading.now, drawn.guess, drawn.table()
        moved += [made for place, key in enumerate(line) if key in rows for made in _refresh(rows[key], drawn, place)]
    stale = [row for row in rows.values() if row.made_at == reading.now]
    fell = [row for key, row in rows.items() if key not in reading.places and row.place != FAR]
    for row in fell:
        row.place = FAR
    with transaction.atomic():
        Outlook.objects.bulk_update(outlooks.values(), ["made_at", "guess", "by_place", "stretch_low", "stretch_high"])
        WaitEstimate.objects.bulk_update([*stale, *fell], ["made_at", "place", "now_low", "now_high", "current", "broken"], batch_size=200)
        WaitEstimate.objects.bulk_create(moved)
        if stale:
            announce(Change(teams=frozenset(outlooks[row.team_id].team.code for row in stale)))
    return len(stale)


class Drawn:
    """The waits drawn for one team's line, by place, a newcomer last: shape (paths, places)."""

    def __init__(self, reading: Reading, outlook: Outlook, keys: list[str], draws: Numbers) -> None:
        self.reading, self.stretch, self.team = reading, Stretch(outlook.stretch_low, outlook.stretch_high), outlook.team_id
        known = reading.learned
        self.finished = known.finished[known.kinds.get(self.team, -1)]
        self.guess = NOTHING <= self.finished < GUESS
        self.room = (draws <= 0).mean(axis=0) > 0.5
        self.draws = self._guessed(len(keys)) if self.guess else draws + reactions(known, self.team, draws.shape, np.random.default_rng(self.team))
        self.spreads = [self._wider(each) if self.guess else each for each in spreads(self.draws)]

    def _guessed(self, places: int) -> Numbers:
        """Erlang-A by the place alone: all the room of those here, the mean handle time, and the mean patience."""
        habits = self.reading.learned.known.habits
        times = habits.handling[self.reading.learned.kinds[self.team]]
        seconds, willing = float(times.mean()) if len(times) else 0.0, patience.mean(habits.patience)
        slots = sum(server.capacity for number, server in enumerate(self.reading.queue.servers[:len(self.reading.here)]) if self._able() >> number & 1)
        return np.stack([erlang.waits(place, slots, seconds, willing, seed=place) for place in range(1, places + 1)], axis=1)

    def _able(self) -> int:
        return next(each.able for each in self.reading.queue.waiters if each.id == f"{NEWCOMER}{self.team}")

    def _wider(self, spread: Spread) -> Spread:
        high = spread.mean + erlang.WIDER * (spread.high - spread.mean)
        return Spread(spread.mean, max(spread.mean - erlang.WIDER * (spread.mean - spread.low), 0.0), spread.median, high)

    def told(self, place: int) -> Spread:
        return self.spreads[place] if self.guess else self.stretch.over(self.spreads[place])

    def table(self) -> list[list[float]]:
        """For newcomers; nothing when nothing may be said."""
        if self.finished < NOTHING or not all(isfinite(each.high) for each in self.spreads):
            return []
        return [[*(round(value, 1) for value in (each.mean, each.low, each.median, each.high)), float(room)]
                for each, room in zip(self.spreads, self.room, strict=True)]


def _refresh(row: WaitEstimate, drawn: Drawn, place: int) -> list[WaitEstimate]:
    """Quietly each minute and at each step forward; the row of a promise that moved is returned."""
    now, spread = drawn.reading.now, drawn.told(place)
    left = (row.promised_at - now).total_seconds()
    row.broken = row.broken or left < 0
    if now - row.made_at < EVERY and row.place == place + 1 and left > refresh.EVERY:
        return []
    row.made_at, row.place = now, place + 1
    row.now_low, row.now_high = (spread.median, spread.high) if isfinite(spread.high) and drawn.finished >= NOTHING else (None, None)
    new = refresh.moved(left, ahead(drawn.draws[:, place], drawn.stretch, left))
    if new is None or new == inf:
        return []
    promised, raw = promise(now, new), drawn.spreads[place]
    why = WaitEstimate.Why.LATER if promised > row.promised_at else WaitEstimate.Why.EARLIER
    if promised == row.promised_at:
        return []
    row.current = False
    return [WaitEstimate(handoff_id=row.handoff_id, team_id=row.team_id, since=row.since, why=why, told_at=now, mean=raw.mean, low=raw.low, high=raw.high,
                         told_low=spread.low, told_high=spread.high, guess=drawn.guess, room=row.room, promised_at=promised, said=False, made_at=now,
                         place=row.place, now_low=row.now_low, now_high=row.now_high, broken=row.broken)]
