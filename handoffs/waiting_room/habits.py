"""Reads what the past of all teams says, for the estimate: how long conversations take, who leaves when, and how long agents take with room."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from handoffs.models import Handoff, Team, WaitEstimate
from handoffs.waiting import past

# Of the past: handoffs and waits looked back at, how far, and seconds for which what was learned of them is good.
REMEMBERED, BACK, LEARNED_FOR = 20000, timedelta(days=90), 300.0
# How long agents take with room is known once it was seen so often.
ENOUGH = 20
# Who waited longer than this share of those whom agents took with room had to queue, where nothing else is known of it.
USUAL = 0.9


@dataclass(frozen=True)
class Learned:
    """The past of all teams: habits with a kind for each team, finished handoffs by team, and how long agents take when there is room (s)."""

    known: past.Known
    kinds: dict[int, int]
    finished: Counter[int]
    reaction: dict[int, list[float]]


_learned: tuple[float, Learned | None] = (0.0, None)


def learned(now: datetime) -> Learned:
    """What the past says, read anew every few minutes; three queries then."""
    global _learned
    read_at, found = _learned
    if found is None or not 0 <= time.monotonic() - read_at < LEARNED_FOR:
        found = _learn(now)
        _learned = time.monotonic(), found
    return found


def forget() -> None:
    """The past is read anew at the next look."""
    global _learned
    _learned = (0.0, None)


def _learn(now: datetime) -> Learned:
    teams = {team: number for number, team in enumerate(Team.objects.values_list("pk", flat=True))}
    rows = Handoff.objects.filter(resolved_at__gte=now - BACK, claimed_at__isnull=False, agent__isnull=False).order_by("-resolved_at")
    fields = rows.values_list("pk", "team", "agent", "waiting_since", "claimed_at", "resolved_at")[:REMEMBERED]
    done = [(handoff, team, agent, since, _seconds(claimed - since), _seconds(resolved - claimed)) for handoff, team, agent, since, claimed, resolved in fields
            if claimed and resolved and resolved > claimed >= since]
    estimates = list(WaitEstimate.objects.filter(why="first", ended_at__gte=now - BACK, left__isnull=False).order_by("-ended_at")
                     .values_list("handoff", "team", "since", "ended_at", "left", "room")[:REMEMBERED])
    waits = [past.Waited(_seconds(ended - since), bool(left)) for _, _, since, ended, left, room in estimates if ended and not room]
    at_once = _by_team((team, _seconds(ended - since)) for _, team, since, ended, left, room in estimates if ended and room and not left)
    all_waits = _by_team((team, waited) for _, team, _, _, waited, _ in done)
    # Until it was seen often enough how long agents take with room, it is taken from the shorter half of all waits.
    quick = {team: at_once[team] if len(at_once[team]) >= ENOUGH else sorted(times)[:-(-len(times) // 2)] for team, times in all_waits.items()}
    usual = {team: float(np.quantile(times, USUAL)) for team, times in quick.items()}
    had_room = {(handoff, since): room for handoff, _, since, _, _, room in estimates}
    finished = [past.Finished(teams[team], str(agent), took, not had_room.get((handoff, since), waited <= usual[team]))
                for handoff, team, agent, since, waited, took in done]
    return Learned(past.learn(finished, waits, max(len(teams), 1)), teams, Counter(row.kind for row in finished), quick)


def _by_team(rows: Iterable[tuple[int, float]]) -> defaultdict[int, list[float]]:
    found = defaultdict[int, list[float]](list)
    for team, seconds in rows:
        found[team].append(seconds)
    return found


def reactions(learned_now: Learned, team: int, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draws of the seconds a team's agents take when there is room."""
    times = learned_now.reaction.get(team)
    return rng.choice(np.array(times), shape) if times else np.zeros(shape)


def _seconds(span: timedelta) -> float:
    return span.total_seconds()
