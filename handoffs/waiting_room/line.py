"""The line as it stands: everything that waits, a customer's place, and what they may know of their wait."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, DateTimeField, IntegerField, QuerySet

from handoffs import breaks, clock, roster, waiting
from handoffs.models import Handoff, Team
from handoffs.prepared import Asked, Given, Prepared, together
from handoffs.states import State
from handoffs.waiting_room import forecasts

_team = Given("team", IntegerField())
_ahead = Prepared(
    lambda: Handoff.objects.filter(team=_team, state=State.WAITING, rank_at__lt=Given("rank_at", DateTimeField())).order_by().values("team")
    .annotate(count=Count("pk")).values_list("count")
)


def queue() -> QuerySet[Handoff]:
    """Everything that waits, most urgent first, ready to be shown."""
    waiting_now = Handoff.objects.filter(state=State.WAITING).select_related("team", "offered_to", "conversation__customer")
    return waiting_now.order_by("rank_at", "created_at")


def place(handoff: Handoff) -> int:
    """How many would be served before this one, plus one."""
    return _behind(_ahead.all(team=handoff.team_id, rank_at=handoff.rank_at))


def _behind(ahead: list[tuple[int]]) -> int:
    return ahead[0][0] + 1 if ahead else 1


def outlook(handoff: Handoff, look: Mapping[str, Any] | None = None, *, new: bool = False, found: Sequence[list[Any]] | None = None) -> dict[str, Any]:
    """What a waiting customer, or a `new` one, may know: place, estimate, and whether anyone is here. For templates and pages.

    `look` is theirs of the `looks` at their line, `found` what was `asked`, when those were read already.
    """
    return {
        "team": handoff.team.public_name,
        "goal": handoff.goal.rstrip(" .!?…"),
        "email": handoff.conversation.reply_by_email,
        "tone": handoff.team.tone,
        "callbacks": handoff.team.callback_limit > 0,
        **(look or _look(handoff, new, found or together(*asked(handoff)))),
    }


def asked(handoff: Handoff) -> tuple[Asked[Any], Asked[Any]]:
    """The questions each look at a place begins with, to be asked together with others."""
    return roster.somebody_in(handoff.team), _ahead.asked(team=handoff.team_id, rank_at=handoff.rank_at)


def _look(handoff: Handoff, new: bool, found: Sequence[list[Any]]) -> dict[str, Any]:
    here, ahead = found
    someone_here, now_at = bool(here), _behind(ahead)
    forecast = (forecasts.first(handoff, now_at) if new else forecasts.of(handoff)) if someone_here else None
    looked_at = forecast is not None and forecast.made_at != handoff.waiting_since
    return {
        "place": forecast.place if forecast and looked_at else now_at,
        "someone_here": someone_here,
        **({} if someone_here else opening(handoff.team)),
        **waiting.in_words(forecast, clock.now()),
    }


def looks(team: Team) -> dict[UUID, dict[str, Any]]:
    """What matters to everybody who waits with a team, by handoff; so many queries however long the line is."""
    now, found = clock.now(), forecasts.forecast(team)
    opens = {} if all(each.someone_here for each in found.values()) else opening(team)
    return {key: {"place": each.place, "someone_here": each.someone_here, **opens, **waiting.in_words(each, now)} for key, each in found.items()}


def opening(team: Team) -> dict[str, Any]:
    """When somebody is there of a team without anybody, as template variables: the local time, how many days ahead, and whose clock. Empty when nobody
    knows."""
    now, week = clock.now(), team.opening_hours
    at = opens_at(team, now)
    if at is None:
        return {}
    opens = at.astimezone(week.zone)
    region, _, city = str(week.zone).rpartition("/")
    days = (opens.date() - now.astimezone(week.zone).date()).days
    return {"closed": not week.is_open(now), "opens_at": at, "opens": opens.replace(tzinfo=None), "days": days, "clock": city.replace("_", " "),
            "of_a_city": bool(region)}


def opens_at(team: Team, now: datetime) -> datetime | None:
    """A team that is closed opens then; of one that is open the first is back from a break, or it opens again after that. None when nobody knows."""
    week = team.opening_hours
    back = breaks.next_back(team, now) if week.is_open(now) else now
    return back and week.next_opening(back)
