"""Recorded dialogues as an assistant's work: what was said, how sure it was, and the steps behind each reply."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from handoffs.evaluation import star

SAMPLE = Path(__file__).parent / "star.jsonl"
SERVICES = {
    "apartment": "Apartment viewings", "bank": "Bank", "doctor": "Doctor's appointments", "hotel": "Hotels", "meeting": "Meetings",
    "party": "Party planning", "plane": "Flights", "restaurant": "Restaurants", "ride": "Rides", "spaceship": "Spaceship controls",
    "trip": "Directions", "trivia": "Trivia game", "weather": "Weather",
}


@dataclass(frozen=True)
class Said:
    """One thing said; an assistant's comes with what it reports about it, under the API's field names."""

    author: str
    text: str
    at: float
    reported: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Dialogue:
    """One recorded dialogue as it will be played."""

    key: str
    name: str
    domains: tuple[str, ...]
    said: tuple[Said, ...]


def read(path: Path = SAMPLE) -> list[Dialogue]:
    return [dialogue(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def dialogue(row: dict[str, Any]) -> Dialogue:
    said = [_said(reply, row) for reply in star.replies(row["events"], customer="customer") if reply.text]
    return Dialogue(f"star-{row['id']}", row["name"], tuple(row["domains"]), tuple(said))


def _said(reply: star.Reply, row: dict[str, Any]) -> Said:
    is_customer = reply.event["who"] == "customer"
    reported = {} if is_customer else report(reply, row, Random(f"{row['id']}-{reply.place}"))
    return Said("customer" if is_customer else "assistant", reply.text, reply.event["t"], reported)


def report(reply: star.Reply, row: dict[str, Any], chance: Random) -> dict[str, Any]:
    """What the assistant says about its reply: confidence, intent, sources, attempts, and a failure when it had no answer."""
    act, queries = reply.event.get("act", ""), reply.queries
    found: dict[str, Any] = {"confidence": confidence(act, chance), "intent": intent(act, queries, row)}
    found["intent_confidence"] = round(chance.uniform(0.7, 0.99), 2)
    if reply.attempts:
        found["attempts"] = [{"step": one.step, "detail": one.detail, "outcome": one.outcome.value, "shown": one.shown} for one in reply.attempts]
    if queries:
        found["sources"] = [{"title": f"{SERVICES.get(domain, 'Service')} records"} for domain in sorted({query.split("_")[0] for query in queries})]
    if act == "out_of_scope" and found["confidence"] < 0.5:
        found["failed"] = {"reason": "No skill covers this request"}
    return found


def confidence(act: str, chance: Random) -> float:
    if act == "out_of_scope":
        return round(chance.choice([0.31, 0.58, 0.66, 0.71, 0.79, 0.82]), 2)
    if act in ("", "custom"):
        # Freely written replies are off the assistant's plan.
        return round(chance.choice([0.78, 0.81, 0.86, 0.87, 0.88, 0.88, 0.89, 0.9, 0.91, 0.92]), 2)
    return round(chance.uniform(0.86, 0.97), 2)


def intent(act: str, queries: tuple[str, ...], row: dict[str, Any]) -> str:
    tasks = row["tasks"]
    if queries and queries[-1] in tasks:
        return str(queries[-1])
    domain = act.split("_")[0]
    return str(next((task for task in tasks if task.startswith(domain)), tasks[0]) if domain else tasks[0])
