"""The customer's page: who is there, the waiting room, the way to a person, what follows a handoff, and what is said."""

import time
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.template.loader import render_to_string

from console.scene import Said, from_afar, in_line, said, scene
from console.streams.base import Moved, Stream, conversation_group, team_group
from handoffs import addresses, tongue
from handoffs.models import Agent, Conversation, Handoff, Team
from handoffs.snapshots import Author
from handoffs.states import Owner, State
from handoffs.waiting_room.line import looks

PARTS = ("head", "door", "room", "typing", "booked", "after")
# Of the newest handoff.
SHOWN = ("pk", "state", "team__code", "survey__pk", "brief_number", "first_place", "wrap_up__ended_at", "conversation__rating__at")
# Seconds for which a team's line is kept while no hint is about it.
LINE_KEPT = 2.0
Line = Mapping[UUID, Mapping[str, Any]]
_lines: dict[int, tuple[float, Line]] = {}
_heard: dict[str, float] = {}
# What nobody is shown here.
FIELDS = [field.attname for field in Conversation._meta.concrete_fields if field.name not in ("id", "page_open_until", "customer_seen")]


class CustomerPage(Stream):
    """Watched by the customer through the page's signed address; agents have the desk. `key` is the conversation's hex id."""

    code: ClassVar[str] = "customer"

    def may_watch(self, agent: Agent) -> bool:
        return False

    @classmethod
    def heads(cls, streams: Sequence[Stream]) -> Mapping[str, Hashable]:
        """Everything of a conversation, its newest handoff and the survey of that; of who waits also the line as seen from their place."""
        keys = [UUID(stream.key) for stream in streams]
        rows = list(Conversation.objects.filter(pk__in=keys).values_list("pk", *FIELDS))
        handoffs = Handoff.objects.filter(conversation__in=keys).order_by("created_at").values_list("conversation", *SHOWN)
        newest = {conversation: rest for conversation, *rest in handoffs}
        waited_for = Team.objects.in_bulk({team for _, state, team, *_ in newest.values() if state == State.WAITING}, field_name="code")
        lines = {code: line_of(team) for code, team in waited_for.items()}
        return {cls(row[0].hex).name: (*row, *(last := newest.get(row[0], (None, "", None))), _from(lines.get(last[2], {}).get(last[0]))) for row in rows}

    @classmethod
    def heard(cls, groups: Collection[str]) -> None:
        """A line that was read before is read anew."""
        _heard.update(dict.fromkeys(groups, time.monotonic()))

    @classmethod
    def followed(cls, moved: Sequence[Moved]) -> Mapping[str, Mapping[str, str]]:
        """The line of those who wait and have nothing new but that: two queries, and those for the lines they wait in."""
        keys = [UUID(each.stream.key) for each in moved if _has_moved_alone(each.before, each.now)]
        waiting = list(Handoff.objects.filter(conversation__in=keys, state=State.WAITING).select_related("team", "conversation").defer("brief", "detections"))
        lines = {team.pk: line_of(team) for team in {each.team for each in waiting}}
        return {cls(each.conversation_id.hex).name: {"line": _line(each, look)} for each in waiting if (look := lines[each.team_id].get(each.pk))}

    @classmethod
    def turn(cls, head: Hashable) -> float:
        """The front of the line first."""
        line = head[-1] if isinstance(head, tuple) else None
        return float(line[0]) if isinstance(line, tuple) else 0.0

    @classmethod
    def groups_by(cls, head: Hashable) -> frozenset[str]:
        """Of who waits, their team's."""
        _, state, team, *_ = head[1 + len(FIELDS) :] if isinstance(head, tuple) else (None, "", "")
        return frozenset([team_group(team)]) if state == State.WAITING else frozenset()

    def own_groups(self) -> frozenset[str]:
        return frozenset([conversation_group(self.key)])

    def read_once(self) -> "CustomerPage":
        return _Read(self.key, self._conversation())

    def groups(self) -> frozenset[str]:
        conversation = self._conversation()
        own = self.own_groups()
        # The place in line changes when others of the same team move.
        return own | {team_group(conversation.team.code)} if conversation.owner == Owner.TEAM and conversation.team else own

    def parts(self) -> Mapping[str, str]:
        # The room comes bare, and what changes in it as parts of their own, so that a field in it is not replaced while somebody types.
        conversation = self._conversation()
        with tongue.speaking(conversation):
            view = {**scene(conversation), "bare": True}
            names = (*PARTS, "line", "offer", "told", "leave") if view["state"] == "waiting" else PARTS
            return {name: render_to_string(f"customer/_partials/{name}.html", view) for name in names}

    def news(self, after: int) -> tuple[str, int]:
        conversation = self._conversation()
        # What is said later comes with a hint of its own.
        turns = said(conversation, after) if after < conversation.last_number else []
        if not turns:
            return "", max(after, conversation.last_number)
        view = {"turns": turns, "address": addresses.token(conversation.pk), "updates": updates(turns) if conversation.owner == Owner.TEAM else []}
        with tongue.speaking(conversation):
            return render_to_string("customer/_partials/news.html", view), turns[-1].turn.number

    def _conversation(self) -> Conversation:
        return Conversation.objects.select_related("customer", "answered_by", "team", "agent").get(pk=UUID(self.key))


def line_of(team: Team) -> Line:
    """How the line looks to everybody who waits with a team, by handoff; LINE_KEPT old at most, and never older than the last hint that was followed."""
    now, (read_at, line) = time.monotonic(), _lines.get(team.pk, (-LINE_KEPT, {}))
    if read_at <= max(now - LINE_KEPT, _heard.get(team_group(team.code), 0.0)):
        line = looks(team)
        _lines[team.pk] = (now, line)
    return line


def _from(look: Mapping[str, Any] | None) -> Hashable:
    """The line as a head has it."""
    return look and (from_afar(look["place"]), *(value for name, value in look.items() if name != "place"))


def _has_moved_alone(before: Hashable, now: Hashable) -> bool:
    """Whether the line is all that differs between two heads of somebody who waits."""
    return isinstance(before, tuple) and isinstance(now, tuple) and before[:-1] == now[:-1] and now[-1] is not None


def _line(handoff: Handoff, look: Mapping[str, Any]) -> str:
    with tongue.speaking(handoff.conversation):
        return render_to_string("customer/_partials/line.html", in_line(handoff, look))


@dataclass(frozen=True)
class _Read(CustomerPage):
    """The page of a conversation that has been read."""

    row: Conversation

    def _conversation(self) -> Conversation:
        return self.row


def updates(turns: list[Said]) -> list[Said]:
    """What the waiting room and the customer said since the last passing from the assistant, newest first."""
    newest_first = [one for one in turns if one.is_update or one.turn.author == Author.CUSTOMER][::-1]
    start = next((index for index, one in enumerate(newest_first) if one.turn.kind == "handed_off"), len(newest_first))
    return newest_first[: start + 1]
