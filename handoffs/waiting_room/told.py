"""What a customer who waits was told, in short, and whether it holds still."""

from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from handoffs import clock
from handoffs.models import Team
from handoffs.waiting_room.line import opens_at
from handoffs.waiting_room.schedule import near

HERE, ALONE = "here", "nobody"
# The time at which somebody is to be here holds so many minutes longer: people come a little late, and where nobody does, an alarm says it first.
HOLDS_FOR = 3
WHEN = "%Y-%m-%dT%H:%MZ"


def sign(view: dict[str, Any]) -> str:
    """What of an outlook matters: the place, roughly, and the band of the estimate; or that nobody is here, and when somebody is."""
    band = "long" if view.get("too_long") else view.get("within") or ""
    return f"{near(view['place'])} {f'{band} {HERE}' if view['someone_here'] else _alone(view.get('opens_at'))}"


def matters(told: str, view: dict[str, Any], *, away: bool) -> bool:
    """Whether what was told holds no more; who is away hears by letter only that somebody came, or comes at another time, or that the promise does not hold."""
    if view.get("later"):
        return True
    until, now = _until(told), sign(view)
    if until and not view["someone_here"] and timedelta(0) <= clock.now() - until < timedelta(minutes=HOLDS_FOR):
        return False
    return told.split(" ")[2:] != now.split(" ")[2:] if away else told != now


def is_back_later(told: str, view: dict[str, Any]) -> bool:
    """Whether nobody is here at the time that was told."""
    until, now = _until(told), view.get("opens_at")
    return until is not None and not view["someone_here"] and (now is None or now > until)


def knows_nobody_is_here(team: Team, now: datetime) -> Q:
    """Of handoffs that wait with the team: those whose customer heard last that nobody is here, and when somebody is, as far as that holds."""
    just_over = (now - timedelta(minutes=minutes) for minutes in range(HOLDS_FOR))
    return reduce(or_, (Q(told__endswith=f" {_alone(until)}") for until in (opens_at(team, now), *just_over)))


def _alone(until: datetime | None) -> str:
    return f" {until.astimezone(UTC):{WHEN}} {ALONE}" if until else f" {ALONE}"


def _until(told: str) -> datetime | None:
    """When somebody is here again by what was told, if anybody knew."""
    *_, until, who = ("", *told.split(" "))
    return datetime.strptime(until, WHEN).replace(tzinfo=UTC) if until and who == ALONE else None
