"""The measure of briefs: what customers named is found apart from the brief, and what does not stand is seen."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command

from handoffs.evaluation import named_values, stands
from handoffs.evaluation.briefs import share
from handoffs.evaluation.star import handed_over
from handoffs.snapshots import Author, Brief, Fact, Line, Outcome, Sentence, Transcript

EVENTS = [
    {"who": "user", "t": 1, "text": "Hi, a room at the Shadyside Inn for $120 please"},
    {"who": "guide", "t": 2, "text": "Your PIN is 1596. You are Angela."},
    {"who": "agent", "t": 3, "act": "ask_name", "text": "May I have your name, please?"},
    {"who": "user", "t": 4, "text": "It's Angela, PIN 1596"},
    {"who": "agent", "t": 5, "act": "query:hotel_book"},
    {"who": "agent", "t": 6, "act": "hotel_reservation_failed", "text": "I am sorry, that failed."},
    {"who": "user", "t": 7, "text": "Do you sell cars?"},
    {"who": "agent", "t": 8, "act": "out_of_scope", "text": "I cannot help with that."},
    {"who": "user", "t": 9, "text": "On Friday then, number 77777"},
]
ROW: dict[str, Any] = {"id": 1, "user_task": "Book the 'Shadyside Inn' on Friday.", "events": EVENTS}


def test_the_handoff_point_is_the_first_reply_that_could_not_help() -> None:
    transcript, found = handed_over(EVENTS)
    assert [line.number for line in transcript.lines] == [1, 2, 3, 4, 5]
    assert [(tried.step, tried.outcome) for tried in transcript.tried] == [("Hotel booking", Outcome.FAILED)]
    assert (transcript.proposal and transcript.proposal.text, found[0].trigger) == ("I cannot help with that.", "assistant_failed")


def test_what_the_customer_named_before_the_point_is_wanted_and_no_code() -> None:
    assert {(value.kind, value.text) for value in named_values.of(ROW)} == {
        ("task", "shadyside inn"), ("amount", "120"), ("task", "angela"),
    }


def test_a_value_is_held_as_it_was_written_or_as_it_was_before() -> None:
    fact = Fact(name="time", value="8 p.m.", was=({"value": "7pm"},))  # type: ignore[arg-type]
    assert [named_values.held(named_values.Named("time", text), [fact]) for text in ("8pm", "7pm", "8", "18")] == [True, True, False, False]


def test_what_stands_nowhere_is_strange() -> None:
    transcript = Transcript(lines=(Line(Author.CUSTOMER, "I paid 20 to Amara", 1),))
    made_up = Brief(goal="Refund of 30 on Monday", sentences=(Sentence(text="They paid Bob twice."),), facts=(Fact(name="amount", value="20 euros", turn=1),))
    assert {text.split(" ")[0] for text in stands.strange(made_up, transcript)} == {"'30'", "'Monday'", "'Bob'", "'twice'", "'20"}
    assert stands.strange(Brief(goal="Refund of 20", facts=(Fact(name="amount", value="20", turn=1),)), transcript) == []


def test_a_share_has_its_interval() -> None:
    assert {name: round(value, 3) for name, value in share([True] * 95 + [False] * 5).items()} == {"share": 0.95, "low": 0.888, "high": 0.978, "of": 100}


def test_the_command_prints_its_figures(tmp_path: Path) -> None:
    path = tmp_path / "star.jsonl"
    tweets = {"id": "t", "turns": [{"who_guess": "customer", "text": "My phone is dead"}, {"who_guess": "agent", "text": "Restart it"}]}
    path.write_text("\n".join(json.dumps(row) for row in (ROW, tweets)), encoding="utf-8")
    out = StringIO()
    call_command("evaluate", "briefs", "--test", str(path), "--json", stdout=out)
    figures = json.loads(out.getvalue())
    assert (figures["briefs"], figures["attempts_right"]["share"], figures["facts_kept"]["share"], figures["unfaithful"]) == (2, 1.0, 1.0, 0)
