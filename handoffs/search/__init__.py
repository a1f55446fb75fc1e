"""Finding conversations by their words, among the handoffs somebody may see: what they are about first, then what was said, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import BooleanField, Case, ExpressionWrapper, Max, Q, QuerySet, Value, When

from handoffs.models import Handoff, Turn
from handoffs.search import tables
from handoffs.search.phrases import Phrase, Piece, phrases, pieces

PAGE = 20


@dataclass(frozen=True)
class Hit:
    """A handoff that was found; `turn` has the words, if they were said."""

    handoff: Handoff
    goal: tuple[Piece, ...]
    turn: Turn | None = None
    said: tuple[Piece, ...] = ()


@dataclass(frozen=True)
class Found:
    """One page of hits; `after` is the key of the next page, empty on the last."""

    hits: Sequence[Hit]
    after: str = ""


def find(among: QuerySet[Handoff], query: str, *, after: str = "") -> Found:
    """Those of `among` in which every phrase of the query is found; all of them when it has none. Three queries, whatever is found."""
    wanted = phrases(query)
    # The keys alone first: what is shown with them would be read for every handoff with the words.
    keys = list(_after(_ranked(among.select_related(None), wanted), after).values_list("is_head", "created_at", "pk")[: PAGE + 1])
    found = among.in_bulk([pk for _, _, pk in keys[:PAGE]])
    rows = [found[pk] for _, _, pk in keys[:PAGE] if pk in found]
    said = _said(rows, wanted)
    return Found([_hit(row, said.get(row.conversation_id), wanted) for row in rows], _key(*keys[PAGE - 1]) if len(keys) > PAGE else "")


def _ranked(among: QuerySet[Handoff], wanted: Sequence[Phrase]) -> QuerySet[Any]:
    vendor = connections[among.db].vendor
    heads = Q()
    for phrase in wanted:
        among = among.filter(pk__in=tables.by_any(vendor, phrase))
        heads &= Q(pk__in=tables.by_head(vendor, phrase))
    is_head = Case(When(heads, then=Value(True)), default=Value(False)) if wanted else Value(False)
    return among.annotate(is_head=ExpressionWrapper(is_head, BooleanField())).order_by("-is_head", "-created_at", "-pk")


def _after(rows: QuerySet[Any], key: str) -> QuerySet[Any]:
    """What comes after the row with that key; everything for a key that is none."""
    try:
        head, at, pk = key.split("~")
        is_head, created_at, last = head == "1", datetime.fromisoformat(at).astimezone(UTC), UUID(pk)
    except (ValueError, OverflowError):
        return rows
    later = Q(created_at__lt=created_at) | Q(created_at=created_at, pk__lt=last)
    return rows.filter(Q(is_head=False) | later if is_head else Q(is_head=False) & later)


def _key(is_head: bool, created_at: datetime, pk: UUID) -> str:
    return f"{int(is_head)}~{created_at.isoformat()}~{pk.hex}"


def _said(rows: Sequence[Handoff], wanted: Sequence[Phrase]) -> dict[UUID, Turn]:
    """The newest turn with words of the query, by conversation."""
    if not rows or not wanted:
        return {}
    turns = Turn.objects.filter(conversation__in=[row.conversation_id for row in rows], kind=Turn.Kind.MESSAGE)
    newest = turns.filter(pk__in=tables.turns(connections[turns.db].vendor, wanted)).values("conversation").annotate(last=Max("pk")).values("last")
    return {turn.conversation_id: turn for turn in Turn.objects.filter(pk__in=newest).select_related("agent")}


def _hit(row: Handoff, turn: Turn | None, wanted: Sequence[Phrase]) -> Hit:
    return Hit(row, pieces(row.goal or row.reason, wanted), turn, pieces(turn.text, wanted) if turn else ())
