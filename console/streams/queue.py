"""What waits with some teams: the cards, most urgent first, and how many there are."""

from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Any, ClassVar
from uuid import UUID

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from console.edits import order_of
from console.streams.base import Listing, Stream, colleagues_group, team_group
from console.templatetags.ui import sla
from handoffs import waiting_room
from handoffs.models import Agent, Conversation, Customer, Handoff, Team
from handoffs.prepared import Prepared

SHOWN = 200
CARDS_KEPT = 2000
# All that a card is made from but the moment. To read the rows whole takes ten times as long.
MADE_FROM = (
    "pk", "waiting_since", "promise_due_at", "created_at", "rank_at", "priority", "mood", "trend", "goal", "reason", "trigger",
    "left_at", "added", "called_back_at",
    "team__code", "team__name", "team__promise", "conversation__language", "conversation__customer__name", "conversation__customer__tier",
    "conversation__reply_by_email", "offered_to", "offered_to__first_name", "offered_to__username",
)

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
        cards = _cards_of(self.codes)
        context = {"cards": mark_safe("\n".join(cards.values())), "count": len(cards), "order": order_of(cards)}  # noqa: S308  (rendered by a template)
        parts = {name: render_to_string(f"console/_partials/{name.replace('-', '_')}.html", context) for name in ("queue-list", "queue-count", "rail-count")}
        return {**parts, "queue-list": Listing(parts["queue-list"], cards)}


def _cards_of(codes: frozenset[str]) -> dict[str, SafeString]:
    """The cards by their ids, in order; one is rendered anew only when something of what it is made from has changed."""
    rows = {row[0]: (row, sla(*row[1:3])) for row in (_line(codes).all() if codes else ())}
    cards = {pk: kept[1] for pk, made_from in rows.items() if (kept := _cards.get(pk)) and kept[0] == made_from}
    fresh = {pk: card(_as_handoff(rows[pk][0])) for pk in rows if pk not in cards}
    if len(_cards) + len(fresh) > CARDS_KEPT:
        _cards.clear()
    _cards.update({pk: (rows[pk], html) for pk, html in fresh.items()})
    cards |= fresh
    return {f"card-{pk}": cards[pk] for pk in rows}


@lru_cache(maxsize=256)
def _line(codes: frozenset[str]) -> Prepared[tuple[Any, ...]]:
    return Prepared(lambda: waiting_room.queue().filter(team__code__in=sorted(codes)).values_list(*MADE_FROM)[:SHOWN])


def card(handoff: Handoff) -> SafeString:
    """A waiting handoff's card."""
    return render_to_string("console/_partials/card.html", {"handoff": handoff})


def _as_handoff(row: tuple[Any, ...]) -> Handoff:
    """What was read, as the rows that a card is made from."""
    (*own, code, team, promise, language, customer, tier, email, holder, first_name, username) = row
    return Handoff(
        **dict(zip(MADE_FROM, own, strict=False)),
        team=Team(code=code, name=team, promise=promise),
        conversation=Conversation(language=language, reply_by_email=email, customer=Customer(name=customer, tier=tier)),
        offered_to=Agent(pk=holder, first_name=first_name, username=username) if holder else None,
    )


def _codes_of(agent: Agent) -> set[str]:
    teams = Team.objects.all() if agent.is_supervisor else agent.teams.all()
    # Not by another query: who asks for many agents has their teams at hand.
    return {team.code for team in teams}
