"""What waits with some teams: the cards, most urgent first, and how many there are."""

from collections.abc import Hashable, Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.template.loader import get_template, render_to_string
from django.utils.safestring import SafeString

from console.streams.base import Listing, Stream, colleagues_group, team_group
from console.templatetags.ui import sla
from handoffs import waiting_room
from handoffs.models import Agent, Handoff, Team

SHOWN = 200
CARDS_KEPT = 2000
# What no card shows; much of a row.
UNSEEN = ("detections", "brief", "skills", "resolution")

_cards: dict[UUID, tuple[Hashable, SafeString]] = {}


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
        return self.codes <= _codes_of(agent)

    def groups(self) -> frozenset[str]:
        return frozenset(map(team_group, self.codes)) | frozenset(map(colleagues_group, self.codes))

    def parts(self) -> Mapping[str, str]:
        handoffs = waiting_room.queue().filter(team__code__in=self.codes).defer(*UNSEEN)[:SHOWN]
        cards = {f"card-{handoff.pk}": card(handoff) for handoff in handoffs}
        context = {"cards": cards, "count": len(cards)}
        parts = {name: render_to_string(f"console/_partials/{name.replace('-', '_')}.html", context) for name in ("queue-list", "queue-count", "rail-count")}
        return {**parts, "queue-list": Listing(parts["queue-list"], cards)}


def card(handoff: Handoff) -> SafeString:
    """A waiting handoff's card, rendered anew only when something of what it was read from has changed."""
    values = _values(handoff)
    kept = _cards.get(handoff.pk)
    if kept is None or kept[0] != values:
        if len(_cards) >= CARDS_KEPT:
            _cards.clear()
        kept = _cards[handoff.pk] = values, get_template("console/_partials/card.html").render({"handoff": handoff})
    return kept[1]


def _values(handoff: Handoff) -> Hashable:
    """Every plain value of the rows a card is made from, and how its promise stands by now."""
    rows: tuple[Any, ...] = (handoff, handoff.team, handoff.conversation, handoff.conversation.customer, handoff.offered_to)
    plain = tuple(value for row in rows if row for name, value in vars(row).items() if name != "_state" and isinstance(value, Hashable))
    return (*plain, sla(handoff.waiting_since, handoff.promise_due_at))


def _codes_of(agent: Agent) -> set[str]:
    teams = Team.objects.all() if agent.is_supervisor else agent.teams.all()
    # Not by another query: who asks for many agents has their teams at hand.
    return {team.code for team in teams}
