"""Pairs of an agent's message and a thing already known, from dialogues whose turns carry acts: was it asked for again?

A slot is what an act `…_ask_SLOT` asks for, in words ("apartment_ask_start_time": start time); its value is the customer's next turn. At an agent's
turn that slot is known whose asking was answered before. Each turn with an act makes one pair with every known slot, and a turn that asks for a slot
makes one more, with that slot put among the known ones (its value as the customer goes on to give it): the agent has it and asks. A pair is a repeat
when the turn's act asks for that slot. Turns that confirm, inform, or ask for something else are not, nor is what verifies who somebody is.
Turns without an act, or written freely, say nothing and are left out.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from handoffs.evaluation.files import Row

ASKS = re.compile(r"^(?:([a-z]+)_)?ask_([a-z_]+)$")
# Acts that ask, but for no slot: leave to do something, whether to go on, a question of a quiz.
NO_SLOT = frozenset(["confirm_booking", "search_more", "continue_searching", "more_questions", "question", "confirm_rsvp"])
SECURITY = frozenset(["dob", "pin", "mothers_maiden_name", "childhood_pets_name", "account_number"])
WRITTEN_OUT = {"num": "number of", "dob": "date of birth", "pois": "points of interest"}
UNKNOWN = ("", "custom")


@dataclass(frozen=True)
class Pair:
    """`kind` is what the turn does: ask, security, confirm or other; `domain` is "" for acts of every domain, and `dialogue` says where it was said."""

    text: str
    slot: str
    value: str
    repeat: bool
    kind: str
    act: str
    domain: str
    dialogue: str


def pairs(rows: Iterable[Row]) -> Iterator[Pair]:
    """Every pair of dialogues in the format of the set STAR (`events` with `who`, `text` and `act`)."""
    for row in rows:
        if "events" in row:
            yield from _of_dialogue(row)


def slot_of(act: str) -> str:
    """What an act asks for, in words; "" when it asks for nothing."""
    found = ASKS.match(act)
    if not found or found[2] in NO_SLOT:
        return ""
    # A hotel's name is not that of the one who asks.
    words = act.replace("_ask_", "_").split("_") if found[1] and found[2] == "name" else found[2].split("_")
    return " ".join(WRITTEN_OUT.get(word, word) for word in words)


def _of_dialogue(row: Row) -> Iterator[Pair]:
    turns = [event for event in row["events"] if event["who"] in ("user", "agent") and event.get("text")]
    captured: dict[str, str] = {}
    for at, event in enumerate(turns):
        act = event.get("act") or ""
        if event["who"] != "agent" or act in UNKNOWN:
            continue
        asked, answer = slot_of(act), _answer(turns, at)
        held = {**captured, **({asked: answer} if asked and answer else {})}
        secret = act.rpartition("ask_")[2] in SECURITY
        kind = "security" if secret else "ask" if asked else "confirm" if "confirm" in act else "other"
        for slot, value in held.items():
            yield Pair(event["text"], slot, value, slot == asked and not secret, kind, act, _domain(act), str(row.get("id", "")))
        if asked and answer:
            captured[asked] = answer


def _answer(turns: list[Row], at: int) -> str:
    return str(turns[at + 1]["text"]) if at + 1 < len(turns) and turns[at + 1]["who"] == "user" else ""


def _domain(act: str) -> str:
    first = act.partition("_")[0]
    return "" if act.startswith("ask_") or "_" not in act or first in ("anything", "goodbye", "hello", "out") else first
