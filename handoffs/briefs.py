"""Changing a brief that is already with a team: each change is made on the newest one, so that none undoes another."""

from collections.abc import Callable
from uuid import UUID

from handoffs import transitions
from handoffs.models import Handoff
from handoffs.snapshots import Brief

MOST_TRIES = 20


class Crowded(Exception):
    """Others changed the brief each time it was to be changed."""


def revise(handoff_id: UUID, change: Callable[[Brief], Brief | None]) -> Brief | None:
    """Put `change` of the newest brief in its place and tell whoever watches; a change that returns None leaves it.

    `change` may be called again when somebody else was faster. Raises Crowded after MOST_TRIES, Handoff.DoesNotExist.
    """
    for _ in range(MOST_TRIES):
        handoff = Handoff.objects.select_related("team").get(pk=handoff_id)
        before = handoff.what_to_know
        brief = change(before)
        if brief is None:
            return None
        unchanged = Handoff.objects.filter(pk=handoff_id, brief_number=handoff.brief_number)
        columns = {"goal": brief.goal[:200]}
        # The queue shows how the customer feels now, by words said since: only a feeling that was put right takes its place.
        if brief.feeling != before.feeling:
            columns |= {"mood": brief.feeling.mood, "trend": brief.feeling.trend}
        if unchanged.update(brief=brief.model_dump(mode="json"), brief_number=handoff.brief_number + 1, **columns):
            transitions.touch(handoff)
            return brief
    raise Crowded(f"the brief of {handoff_id} changed {MOST_TRIES} times meanwhile")
