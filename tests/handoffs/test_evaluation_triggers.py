"""The measure of how often triggers fire, on a handful of messages."""

import pytest

from handoffs.evaluation.files import Files
from handoffs.evaluation.triggers import Triggers

ROWS = (
    {"text": "Cancel my order", "intent": "cancel"},
    {"text": "please cancel the order", "intent": "cancel"},
    {"text": "What is your cancellation policy?", "intent": "rules"},
    {"text": "How late are you open?", "intent": "rules"},
)
TALK = {
    "domains": ["shop"],
    "events": [{"who": who, "text": text} for text in ("Where is my parcel?", "My parcel?", "parcel, please") for who in ("user", "agent")],
}


def test_shares_are_counted_by_intent() -> None:
    found = Triggers().measure(Files(test=ROWS))
    assert (found["messages"], found["high_stakes"]) == (4, {"share": 0.5, "by_intent": {"cancel": 1.0}})
    assert (found["same_need_of_one_intent"] > 0, found["same_need_of_two"]) == (True, 0.0)


def test_dialogues_are_judged_turn_by_turn() -> None:
    found = Triggers().measure(Files(test=(TALK, {**TALK, "events": TALK["events"][:2]})))
    assert (found["messages"], found["dialogues"], found["repeated_failure"]) == (4, 2, 0.5)


def test_nothing_to_read_is_said() -> None:
    with pytest.raises(ValueError, match="no customer's message"):
        Triggers().measure(Files(test=({"words": 5},)))
