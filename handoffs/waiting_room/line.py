"""The line as it stands: everything that waits, a customer's place, and what they may know of their wait."""

import time
from statistics import median, quantiles
from typing import Any
from uuid import UUID

from django.db.models import Count, DateTimeField, F, IntegerField, QuerySet

from handoffs import clock, roster
from handoffs.models import Handoff, PolicyVersion, Team
from handoffs.prepared import Given, Prepared
from handoffs.states import State

RECENT_WAITS = 200
TOO_LONG = 20 * 60
FRESH = 1.0  # seconds a team's recent waits are good for
_team = Given("team", IntegerField())
_ahead = Prepared(
    lambda: Handoff.objects.filter(team=_team, state=State.WAITING, rank_at__lt=Given("rank_at", DateTimeField())).order_by().values("team")
    .annotate(count=Count("pk")).values_list("count")
)
# What waits again after somebody had it was claimed before it began to wait.
_last_claimed = Prepared(
    lambda: Handoff.objects.filter(team=_team, claimed_at__gte=F("waiting_since")).order_by("-claimed_at")[:RECENT_WAITS]
    .values_list("waiting_since", "claimed_at")
)
_waits: dict[int, tuple[float, list[float]]] = {}


def queue() -> QuerySet[Handoff]:
    """Everything that waits, most urgent first, ready to be shown."""
    waiting_now = Handoff.objects.filter(state=State.WAITING).select_related("team", "offered_to", "conversation__customer")
    return waiting_now.order_by("rank_at", "created_at")


def place(handoff: Handoff) -> int:
    """How many would be served before this one, plus one."""
    ahead = _ahead.first(team=handoff.team_id, rank_at=handoff.rank_at)
    return ahead[0] + 1 if ahead else 1


def estimate(team: Team, samples: int) -> tuple[int, int] | None:
    """Median and 80th percentile of the team's recent waits, in seconds; None with fewer than `samples` of them."""
    waits = _recent_waits(team.pk)
    if len(waits) < max(samples, 2):
        return None
    return round(median(waits)), round(quantiles(waits, n=5, method="inclusive")[-1])


def _recent_waits(team: int) -> list[float]:
    """Seconds, the newest first. Once there are as many as are looked at, they are read at most once in FRESH: one claim more changes little."""
    now, (read_at, waits) = time.monotonic(), _waits.get(team, (-FRESH, []))
    if now - read_at >= FRESH or len(waits) < RECENT_WAITS:
        waits = [(claimed - since).total_seconds() for since, claimed in _last_claimed.all(team=team) if claimed]
        _waits[team] = (now, waits)
    return waits


def in_words(seconds: tuple[int, int] | None) -> dict[str, Any]:
    """An estimate as template variables: whole minutes, rounded up; no minutes at all above 20."""
    if seconds is None:
        return {"low": None, "high": None, "within": None, "too_long": False}
    low, high = (max(1, -(-value // 60)) for value in seconds)
    within = next((minutes for minutes in (1, 2, 3, 4, 5, 7, 10, 15, 20) if high <= minutes), None)
    return {"low": low, "high": high, "within": within, "too_long": seconds[1] > TOO_LONG}


def outlook(handoff: Handoff) -> dict[str, Any]:
    """What a waiting customer may know: place, estimate, and whether anyone is here. For templates and pages."""
    policy, someone_here = PolicyVersion.in_force(), roster.is_somebody_in(handoff.team)
    return {
        "place": place(handoff),
        "team": handoff.team.public_name,
        "goal": handoff.goal.rstrip(" .!?…"),
        "email": handoff.conversation.reply_by_email,
        "tone": handoff.team.tone,
        "callbacks": handoff.team.callback_limit > 0,
        "someone_here": someone_here,
        **({} if someone_here else opening(handoff.team)),
        **in_words(estimate(handoff.team, policy.wait_samples)),
    }


def looks(team: Team) -> dict[UUID, dict[str, Any]]:
    """What matters to everybody who waits with a team, by handoff; so many queries however long the line is."""
    shared = {"someone_here": roster.is_somebody_in(team), **in_words(estimate(team, PolicyVersion.in_force().wait_samples))}
    ranks = list(Handoff.objects.filter(team=team, state=State.WAITING).order_by("rank_at").values_list("pk", "rank_at"))
    first = {rank: place for place, (_, rank) in reversed(list(enumerate(ranks, 1)))}
    return {key: {"place": first[rank], **shared} for key, rank in ranks}


def opening(team: Team) -> dict[str, Any]:
    """When a closed team opens next, as template variables: the local time, how many days ahead, and whose clock; empty while it is open."""
    now, week = clock.now(), team.opening_hours
    opens = None if week.is_open(now) else week.next_opening(now)
    if opens is None:
        return {}
    region, _, city = str(week.zone).rpartition("/")
    days = (opens.date() - now.astimezone(week.zone).date()).days
    return {"opens": opens.replace(tzinfo=None), "days": days, "clock": city.replace("_", " "), "of_a_city": bool(region)}
