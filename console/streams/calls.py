"""What calls one agent: handoffs offered to them, word of one they missed or that they were set away, what nobody takes, and answers that are overdue."""

from collections.abc import Mapping
from itertools import chain, zip_longest
from typing import ClassVar

from django.db.models import F, QuerySet
from django.template.loader import render_to_string

from console.streams.base import Stream, agent_group
from handoffs import offers, roster, unanswered, waiting_room
from handoffs.models import Agent, Handoff

# So many calls for help stand there at once; one that is put aside makes way for the next of those on the page.
ALARMS_SHOWN, ALARMS_LISTED = 2, 10


class Calls(Stream):
    """The key is the agent's id; nobody else may watch it. It is on every page of the console."""

    code: ClassVar[str] = "calls"

    def may_watch(self, agent: Agent) -> bool:
        return self.key == str(agent.pk)

    def groups(self) -> frozenset[str]:
        return frozenset([agent_group(int(self.key))])

    def parts(self) -> Mapping[str, str]:
        agent = Agent.objects.get(pk=int(self.key))
        alarms, count = _alarms(agent)
        context = {
            "agent": agent,
            "offers": offers.open_to(agent),
            "missed": offers.missed_by(agent),
            "set_away": agent.status == Agent.Status.AWAY and agent.status_why == roster.MISSED,
            "alarms": alarms,
            "shown": ALARMS_SHOWN,
            "more_alarms": max(0, count - ALARMS_SHOWN),
            "unlisted": count - len(alarms),
        }
        return {name: render_to_string(f"console/_partials/{name}.html", context) for name in ("offers", "alarms")}


def _alarms(agent: Agent) -> tuple[list[Handoff], int]:
    """What nobody takes, for supervisors, by the queue's order, and in turn with it what is not answered, of others' for supervisors as well:
    as much as is listed; and how many there are.
    """
    if not agent.is_supervisor:
        return _listed(unanswered.called().filter(agent=agent))
    waiting, waiting_count = _listed(waiting_room.queue().filter(alarmed_at__gte=F("waiting_since")))
    owed, owed_count = _listed(unanswered.called())
    return [each for each in chain(*zip_longest(waiting, owed)) if each][:ALARMS_LISTED], waiting_count + owed_count


def _listed(rows: QuerySet[Handoff]) -> tuple[list[Handoff], int]:
    listed = list(rows[:ALARMS_LISTED])
    return listed, len(listed) if len(listed) < ALARMS_LISTED else rows.count()
