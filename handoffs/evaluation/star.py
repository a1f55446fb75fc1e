"""The dialogues of STAR as conversations: what was said, and the data-base calls behind each reply as attempts."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from handoffs.snapshots import Author, Detection, Line, Outcome, Proposal, Transcript, Tried

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
QUERY, STUCK = "query:", "out_of_scope"
LONGEST_DETAIL = 24  # words
OVER = Detection("assistant_failed", "The assistant could not help")
ASKED = Detection("explicit_request", "Asked for a person")
Event = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """Something said, its place among the events, and the data-base calls made for it; a customer's has none.

    `text` is empty for calls that no reply followed.
    """

    event: Event
    place: int
    queries: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return str(self.event.get("text") or "")

    @property
    def attempts(self) -> tuple[Tried, ...]:
        return tuple(tried(str(self.event.get("act") or ""), self.text, self.queries))


def replies(events: Iterable[Event], customer: str = "user") -> Iterator[Reply]:
    """What was said in order, each with the calls since the reply before; secret instructions are left out."""
    queries: list[str] = []
    for place, event in enumerate(events):
        act = event.get("act") or ""
        if act.startswith(QUERY):
            queries.append(act.removeprefix(QUERY))
        elif event["who"] == customer and event.get("text"):
            yield Reply(event, place)
        elif event["who"] in ("agent", "assistant") and event.get("text"):
            yield Reply(event, place, tuple(queries))
            queries = []
    if queries:
        yield Reply({"who": "agent"}, -1, tuple(queries))


def tried(act: str, text: str, queries: Iterable[str]) -> list[Tried]:
    """The data-base calls behind a reply with what came of them; a reply that found no answer is a failed step of its own."""
    outcome = Outcome.REFUSED if REFUSED.search(act + text) else Outcome.FAILED if act == STUCK or FAILED.search(act) else Outcome.DONE
    names = list(dict.fromkeys(STEPS.get(query, query.replace("_", " ").capitalize()) for query in queries))
    if not text:
        return [Tried(name) for name in names]
    if not names and outcome is not Outcome.DONE:
        names = ["Identity check" if outcome is Outcome.REFUSED else "Answer the question"]
    return [Tried(name, outcome, cut(text), shown=True) for name in names]


def handed_over(events: Iterable[Event]) -> tuple[Transcript, tuple[Detection, ...]]:
    """The conversation at the point where a person takes over: before the first `out_of_scope` reply, which is the proposal, else at the end."""
    lines: list[Line] = []
    attempts: list[Tried] = []
    for reply in replies(events):
        if reply.event.get("act") == STUCK:
            proposal = Proposal(reply.text, attempts=_placed(reply, len(lines)))
            return Transcript(lines=tuple(lines), tried=tuple(attempts), proposal=proposal), (OVER,)
        attempts += _placed(reply, len(lines))
        if reply.text:
            author = Author.CUSTOMER if reply.event["who"] == "user" else Author.ASSISTANT
            lines.append(Line(author, reply.text, len(lines) + 1))
    return Transcript(lines=tuple(lines), tried=tuple(attempts)), (ASKED,)


def cut(text: str, words: int = LONGEST_DETAIL) -> str:
    parts = text.split()
    return " ".join(parts[:words]) + ("…" if len(parts) > words else "")


def _placed(reply: Reply, said: int) -> tuple[Tried, ...]:
    return tuple(Tried(one.step, one.outcome, one.detail, one.shown, turn=said or None) for one in reply.attempts)
