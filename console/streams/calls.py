"""What calls one agent: handoffs offered to them, word of one they missed or that they were set away, and for a supervisor what nobody takes or answers."""

from collections.abc import Mapping
from typing import ClassVar

from django.db.models import F
from django.template.loader import render_to_string

from console.streams.base import Stream, agent_group
from handoffs import offers, roster, unanswered, waiting_room
from handoffs.models import Agent, Handoff

# So many alarms stand there at once; one that is put aside makes way for the next of those on the page.
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
        alarms, count = _alarms() if agent.is_supervisor else ([], 0)
        owed = list((unanswered.called() if agent.is_supervisor else unanswered.called().filter(agent=agent))[:ALARMS_LISTED])
        context = {
            "agent": agent,
            "offers": offers.open_to(agent),
            "missed": offers.missed_by(agent),
            "set_away": agent.status == Agent.Status.AWAY and agent.status_why == roster.MISSED,
            "owed": owed,
            "alarms": alarms,
            "shown": ALARMS_SHOWN,
            "shown_alarms": ALARMS_SHOWN - len(owed),
            "more_alarms": max(0, count + len(owed) - ALARMS_SHOWN),
            "unlisted": count - len(alarms),
        }
        return {name: render_to_string(f"console/_partials/{name}.html", context) for name in ("offers", "alarms")}


def _alarms() -> tuple[list[Handoff], int]:
    """What waits and was called out since, by the queue's order, as much as is listed; and how many there are."""
    called_out = waiting_room.queue().filter(alarmed_at__gte=F("waiting_since"))
    listed = list(called_out[:ALARMS_LISTED])
    return listed, len(listed) if len(listed) < ALARMS_LISTED else called_out.count()
