"""The conversation as agents read it: what was said, who was driving, and the seams where the baton passed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from handoffs.models import Conversation, Step, Team, Turn
from handoffs.snapshots import Author

SHOWN = 500
DRIVER_AFTER = {
    Turn.Kind.HANDED_OFF: "wait", Turn.Kind.MOVED: "wait", Turn.Kind.RETURNED: "wait",
    Turn.Kind.JOINED: "you", Turn.Kind.HANDED_BACK: "ai", Turn.Kind.CLOSED: "ai",
}
VERBS = {
    "handed_off": Turn.Kind.HANDED_OFF, "transferred": Turn.Kind.MOVED, "overflowed": Turn.Kind.MOVED,
    "released": Turn.Kind.RETURNED, "returned": Turn.Kind.RETURNED,
}
BY = {Author.CUSTOMER: "customer", Author.ASSISTANT: "ai", Author.AGENT: "you", Author.WAITING_ROOM: "baton"}


@dataclass(frozen=True)
class Entry:
    """One turn with its place on the baton line; `team` and `why` only at seams. `marks` are the words that made a trigger fire."""

    turn: Turn
    driver: str
    by: str
    team: str = ""
    why: str = ""
    marks: tuple[str, ...] = ()


def entries(conversation: Conversation, after: int = 0) -> list[Entry]:
    """The turns after a number, each with who drives once it is said."""
    turns = list(conversation.turns.select_related("agent", "mail").prefetch_related("files").order_by("-number")[:SHOWN])[::-1]
    marks = _marks(conversation, turns)
    driven = _driven(turns, _moves(conversation))
    return [replace(entry, marks=tuple(marks.get(entry.turn.number, ()))) for entry in driven if entry.turn.number > after]


def _driven(turns: list[Turn], moves: dict[str, list[tuple[str, str]]]) -> Iterator[Entry]:
    driver = "ai"
    for turn in turns:
        driver = DRIVER_AFTER.get(Turn.Kind(turn.kind), driver)
        team, why = _next(moves, turn)
        yield Entry(turn, driver, BY[Author(turn.author)], team, why)


def _marks(conversation: Conversation, turns: list[Turn]) -> dict[int, list[str]]:
    """The customer's words behind each handoff, by the number of the newest turn that has them."""
    found: dict[int, list[str]] = {}
    for detections in conversation.handoffs.values_list("detections", flat=True):
        for words in filter(None, (str(each["evidence"].get("words", "")) for each in detections)):
            said = next((turn for turn in reversed(turns) if turn.author == Author.CUSTOMER and words in turn.text), None)
            if said:
                found.setdefault(said.number, []).append(words)
    return found


def _next(moves: dict[str, list[tuple[str, str]]], turn: Turn) -> tuple[str, str]:
    """Each seam belongs to one audit step of its kind, in the same order."""
    waiting = moves.get(turn.kind)
    return waiting.pop(0) if waiting else ("", "")


def _moves(conversation: Conversation) -> dict[str, list[tuple[str, str]]]:
    names = dict(Team.objects.values_list("code", "name"))
    found: dict[str, list[tuple[str, str]]] = {}
    for step in Step.objects.filter(handoff__conversation=conversation, verb__in=VERBS).order_by("id"):
        detail: dict[str, Any] = step.detail
        found.setdefault(VERBS[step.verb].value, []).append((names.get(detail.get("team", ""), ""), detail.get("reason", "")))
    return found
