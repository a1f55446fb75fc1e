"""What one agent holds: their conversations with the unread count of each, their room and whether they are available."""

from collections.abc import Mapping
from operator import attrgetter
from typing import ClassVar

from django.db.models import Count, F, Q, QuerySet
from django.template.loader import render_to_string

from console.streams.base import Stream, agent_group
from handoffs import breaks, roster
from handoffs.models import Agent, Handoff
from handoffs.snapshots import Author
from handoffs.snoozing import is_aside
from handoffs.states import State


class Tray(Stream):
    """The key is the agent's id; nobody else may watch it."""

    code: ClassVar[str] = "tray"

    def may_watch(self, agent: Agent) -> bool:
        return self.key == str(agent.pk)

    def groups(self) -> frozenset[str]:
        return frozenset([agent_group(int(self.key))])

    def parts(self) -> Mapping[str, str]:
        agent, held = Agent.objects.get(pk=int(self.key)), list(self._held())
        aside = sorted(filter(is_aside, held), key=attrgetter("snoozed_until"))
        context = {"agent": agent, "held": held, "now": [each for each in held if each not in aside], "aside": aside, "room": int(roster.room(agent))}
        context |= breaks.shown(agent)
        return {name: render_to_string(f"console/_partials/{name.replace('-', '_')}.html", context) for name in ("tray", "rail-me", "me-status")}

    def _held(self) -> QuerySet[Handoff]:
        unread = Q(conversation__turns__author=Author.CUSTOMER, conversation__turns__number__gt=F("conversation__agent_seen"))
        held = Handoff.objects.filter(agent_id=int(self.key), state=State.CLAIMED).select_related("conversation__customer")
        return held.annotate(unread=Count("conversation__turns", filter=unread)).order_by("claimed_at", "created_at")
