"""Notices what changed for those who wait, so that they hear it before they ask: their check-in becomes due sooner, and the sweep says it."""

from collections.abc import Iterator
from datetime import timedelta

from handoffs import clock
from handoffs.models import Handoff, PolicyVersion, Team
from handoffs.states import State
from handoffs.waiting_room.checkins import hearing, matters
from handoffs.waiting_room.line import looks
from handoffs.waiting_room.schedule import LEAST_APART, next_word

READ = ("team", "conversation", "waiting_since", "told", "told_at", "due_at", "conversation__page_open_until", "conversation__reply_by_email")


def notice() -> int:
    """Bring forward the check-ins of customers for whom something changed, or whose page is open again; how many."""
    teams = Team.objects.filter(handoffs__state=State.WAITING).distinct()
    return sum(_bring_forward(handoff, due) for team in teams for handoff, due in _sooner(team))


def _sooner(team: Team) -> Iterator[tuple[Handoff, object]]:
    now, every = clock.now(), timedelta(seconds=PolicyVersion.in_force().check_in_every)
    rows = Handoff.objects.filter(team=team, state=State.WAITING).select_related("conversation").only(*READ)
    views = looks(team)
    for handoff in rows:
        view = views.get(handoff.pk)
        # With nobody here the overflow looks for somebody first, and says it when there is none.
        if view is None or handoff.due_at is None or not (view["someone_here"] or view.get("later")):
            continue
        heard = hearing(handoff, view)
        due = max(now, heard.heard_at + LEAST_APART) if matters(handoff.told, view, away=heard.away) else max(now, next_word(heard, every))
        if due < handoff.due_at:
            yield handoff, due


def _bring_forward(handoff: Handoff, due: object) -> int:
    return Handoff.objects.filter(pk=handoff.pk, state=State.WAITING, due_at=handoff.due_at).update(due_at=due)
