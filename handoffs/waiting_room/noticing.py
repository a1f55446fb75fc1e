"""Notices what changed for those who wait, so that they hear it before they ask: their check-in becomes due sooner, and the sweep says it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from handoffs import clock
from handoffs.models import Handoff, PolicyVersion, Team
from handoffs.states import State
from handoffs.waiting_room.line import looks
from handoffs.waiting_room.presence import reads_nothing
from handoffs.waiting_room.schedule import LEAST_APART, Hearing, next_word
from handoffs.waiting_room.told import matters

# Values, not rows: of a thousand who wait all are looked at again and again, and few have news.
READ = ("pk", "waiting_since", "told", "told_at", "due_at", "conversation__page_open_until", "conversation__reply_by_email",
        "conversation__medium")
Sooner = tuple[UUID, datetime, datetime]


def notice() -> int:
    """Bring forward the check-ins of customers for whom something changed, or whose page is open again; how many."""
    teams = Team.objects.filter(handoffs__state=State.WAITING).distinct()
    return sum(_bring_forward(*each) for team in teams for each in _sooner(team))


def _sooner(team: Team) -> Iterator[Sooner]:
    """Handoffs with when their check-in is due, and when it is to be."""
    now, every, views = clock.now(), timedelta(seconds=PolicyVersion.in_force().check_in_every), looks(team)
    for key, since, told, told_at, due_at, open_until, email, medium in Handoff.objects.filter(team=team, state=State.WAITING).values_list(*READ):
        view = views.get(key)
        # With nobody here the overflow looks for somebody first, and says it when there is none.
        if view is None or due_at is None or not (view["someone_here"] or view.get("later")):
            continue
        heard = Hearing(since, told_at or since, reads_nothing(open_until, email, medium, now), view.get("promised_at"))
        due = _due(told, view, heard, now, every)
        if due < due_at:
            yield key, due_at, due


def _due(told: str, view: dict[str, Any], heard: Hearing, now: datetime, every: timedelta) -> datetime:
    news = matters(told, view, away=heard.away)
    return max(now, heard.heard_at + LEAST_APART if news else next_word(heard, every))


def _bring_forward(key: UUID, due_at: datetime, due: datetime) -> int:
    return Handoff.objects.filter(pk=key, state=State.WAITING, due_at=due_at).update(due_at=due)
