"""Recorded dialogues as an assistant's work: what was said, how sure it was, and the steps behind each reply."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

SAMPLE = Path(__file__).parent / "star.jsonl"
SERVICES = {
    "apartment": "Apartment viewings", "bank": "Bank", "doctor": "Doctor's appointments", "hotel": "Hotels", "meeting": "Meetings",
    "party": "Party planning", "plane": "Flights", "restaurant": "Restaurants", "ride": "Rides", "spaceship": "Spaceship controls",
    "trip": "Directions", "trivia": "Trivia game", "weather": "Weather",
}
STEPS = {
    "apartment_schedule": "Apartment viewing", "apartment_search": "Apartment search", "bank_balance": "Account balance look-up",
    "bank_fraud_report": "Fraud report", "doctor_followup": "Look-up of the doctor's instructions", "doctor_schedule": "Doctor's appointment",
    "hotel_book": "Hotel booking", "hotel_search": "Hotel search", "hotel_service_request": "Room service request",
    "meeting_schedule": "Meeting room booking", "party_plan": "Party venue booking", "party_rsvp": "Answer to the invitation",
    "plane_book": "Flight booking", "plane_search": "Flight search", "restaurant_book": "Table booking", "restaurant_search": "Restaurant search",
    "ride_book": "Ride booking", "ride_change": "Change of the ride", "ride_status": "Ride status look-up", "trip_directions": "Route look-up",
    "spaceship_access_codes": "Access code check", "spaceship_life_support": "Life support repair plan", "trivia": "Trivia question look-up",
    "weather": "Weather forecast look-up",
}
FAILED = re.compile(r"failed|unavailable|not_available|no_venue|nothing_found")
REFUSED = re.compile(r"cannot_authenticate|not authori[sz]ed", re.I)


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
    said: list[Said] = []
    queries: list[str] = []
    for index, event in enumerate(row["events"]):
        act = event.get("act", "")
        if act.startswith("query:"):
            queries.append(act.removeprefix("query:"))
        elif event["who"] == "customer":
            said.append(Said("customer", event["text"], event["t"]))
        else:
            reported = report(event, queries, row, Random(f"{row['id']}-{index}"))
            said.append(Said("assistant", event["text"], event["t"], reported))
            queries = []
    return Dialogue(f"star-{row['id']}", row["name"], tuple(row["domains"]), tuple(said))


def report(event: dict[str, Any], queries: list[str], row: dict[str, Any], chance: Random) -> dict[str, Any]:
    """What the assistant says about its reply: confidence, intent, sources, attempts, and a failure when it had no answer."""
    act, text = event.get("act", ""), event["text"]
    found: dict[str, Any] = {"confidence": confidence(act, chance), "intent": intent(act, queries, row)}
    found["intent_confidence"] = round(chance.uniform(0.7, 0.99), 2)
    if attempts := steps(act, text, queries):
        found["attempts"] = attempts
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


def intent(act: str, queries: list[str], row: dict[str, Any]) -> str:
    tasks = row["tasks"]
    if queries and queries[-1] in tasks:
        return str(queries[-1])
    domain = act.split("_")[0]
    return str(next((task for task in tasks if task.startswith(domain)), tasks[0]) if domain else tasks[0])


def steps(act: str, text: str, queries: list[str]) -> list[dict[str, Any]]:
    """The data-base calls behind a reply with what came of them; a reply that found no answer is a failed step of its own."""
    outcome = "refused" if REFUSED.search(act + text) else "failed" if act == "out_of_scope" or FAILED.search(act) else "done"
    names = list(dict.fromkeys(STEPS[query] for query in queries if query in STEPS))
    if not names and outcome != "done":
        names = ["Identity check" if outcome == "refused" else "Answer the question"]
    return [{"step": name, "detail": _cut(text, 24), "outcome": outcome, "shown": True} for name in names]


def _cut(text: str, words: int) -> str:
    parts = text.split()
    return " ".join(parts[:words]) + ("…" if len(parts) > words else "")
