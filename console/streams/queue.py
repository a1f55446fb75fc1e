"""What waits with some teams: the cards, most urgent first, and how many there are."""

from collections.abc import Mapping
from typing import ClassVar

from django.template.loader import render_to_string

from console.streams.base import Stream, team_group
from handoffs import waiting
from handoffs.models import Agent, Team

SHOWN = 200


class Queue(Stream):
    """The key is the teams' codes, sorted and joined with "+", so that agents of the same teams share one rendering."""

    code: ClassVar[str] = "queue"

    @classmethod
    def of(cls, agent: Agent) -> "Queue":
        """The queue an agent sees: their teams', or every team's for a supervisor."""
        return cls("+".join(sorted(_codes_of(agent))))

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(self.key.split("+")) - {""}

    def may_watch(self, agent: Agent) -> bool:
        return agent.is_supervisor or self.codes <= {team.code for team in agent.teams.all()}

    def groups(self) -> frozenset[str]:
        return frozenset(map(team_group, self.codes))

    def parts(self) -> Mapping[str, str]:
        handoffs = list(waiting.queue().filter(team__code__in=self.codes)[:SHOWN])
        context = {"handoffs": handoffs, "count": len(handoffs)}
        return {name: render_to_string(f"console/_partials/{name.replace('-', '_')}.html", context) for name in ("queue-list", "queue-count", "rail-count")}


def _codes_of(agent: Agent) -> set[str]:
    teams = Team.objects.all() if agent.is_supervisor else agent.teams.all()
    return set(teams.values_list("code", flat=True))
