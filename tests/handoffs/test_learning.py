"""Teams teach: files, resolved handoffs and corrections become examples, versions come and go, and words find their team."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from handoffs import learning, receiving, routing, shelf, turns
from handoffs.learned import ensemble, examples
from handoffs.management import demo
from handoffs.models import Agent, Conversation, Example, LearnedModel, Team
from handoffs.snapshots import Author, Brief, Line, TeamView

pytestmark = pytest.mark.django_db
FEW = [
    ("I want my money back", "billing"), ("refund the charge please", "billing"), ("charged twice", "billing"), ("why was I charged again", "billing"),
    ("the refund is still missing", "billing"), ("the camera is offline", "technical"), ("my camera does not connect", "technical"),
    ("camera shows no picture", "technical"), ("the doorbell is offline", "technical"), ("it will not connect to the wifi", "technical"),
]


@pytest.fixture
def few(tmp_path: Path) -> Path:
    path = tmp_path / "few.jsonl"
    path.write_text("\n".join(json.dumps({"text": text, "intent": intent}) for text, intent in FEW), encoding="utf-8")
    return path


def learned(few: Path) -> LearnedModel:
    call_command("learn", few)
    return LearnedModel.objects.get(in_use=True)


def test_csv_and_json_lines_are_read_and_broken_rows_reported() -> None:
    table = b"\xef\xbb\xbfText,intent,more\nhello there,Billing,x\n,billing,x\nno intent,,x\nonly text\n"
    assert examples.read(table) == ([("hello there", "billing")], [(3, "no text"), (4, "no intent"), (5, "no intent")])
    lines = b'{"text": "hi", "intent": "a"}\n\nnonsense\n[1]\n{"text": 3, "intent": "a"}\n{"text": "x\\u0000", "intent": "a"}\n{"text": "y", "intent": "b"}'
    usable, broken = examples.read(gzip.compress(lines))
    assert usable == [("hi", "a"), ("y", "b")]
    assert broken == [(3, "not a JSON object"), (4, "not a JSON object"), (5, "no text"), (6, "characters that are none")]


def test_a_broken_first_row_does_not_cost_the_others(teams: dict[str, Team], few: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And each broken row is named, however many they are."""
    few.write_text("nonsense\n" * 30 + few.read_text(encoding="utf-8"), encoding="utf-8")
    assert learned(few).measures["examples"] == len(FEW)
    assert capsys.readouterr().err.splitlines() == [f"{few}, line {number}: not a JSON object" for number in range(1, 31)]


@pytest.mark.parametrize("body", [b"", b"\x1f\x8bnothing", b"a;b\n1;2", bytes(range(256)), b"\xff\xfe\x00"])
def test_what_is_no_such_file_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"gzip|JSON lines"):
        examples.read(body)


def test_too_little_is_refused_and_the_version_in_use_stays(teams: dict[str, Team], few: Path, tmp_path: Path) -> None:
    scrap = tmp_path / "scrap.csv"
    scrap.write_text("text,intent\nrefund,billing\ncamera,technical\n,billing\n", encoding="utf-8")
    with pytest.raises(CommandError, match="Nothing was learned: 2 usable examples: at least 5 are needed"):
        call_command("learn", scrap)
    assert not LearnedModel.objects.exists()
    assert learned(few).number == 1


def test_the_same_examples_make_the_same_bytes(teams: dict[str, Team], few: Path) -> None:
    first = learned(few)
    second = learned(few)
    assert (second.number, bytes(second.body)) == (2, bytes(first.body))
    assert Example.objects.count() == len(FEW)
    assert second.measures["examples"] == len(FEW)


def test_versions_can_be_gone_back_to(teams: dict[str, Team], few: Path, capsys: pytest.CaptureFixture[str]) -> None:
    learned(few)
    learned(few)
    call_command("learn", "--back")
    call_command("learn", "--list")
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()[-2:]] == ["version 1, in use", "version 2"]
    with pytest.raises(CommandError, match="no earlier version"):
        call_command("learn", "--back")
    assert LearnedModel.objects.get(in_use=True).number == 1


def test_words_are_given_their_intent_and_its_team(conversation: Conversation, few: Path) -> None:
    learned(few)
    decision = turns.take(conversation, "my camera will not connect, I need a person")
    assert decision.turn is not None
    assert decision.turn.intent == "technical"
    assert decision.handoff is not None
    assert (decision.handoff.team.code, decision.handoff.intent) == ("technical", "technical")
    assert decision.handoff.routed_because == f"intent: technical, {decision.turn.intent_confidence:.0%} sure"


def test_what_the_caller_says_is_not_overruled(conversation: Conversation, few: Path) -> None:
    learned(few)
    turn = turns.take(conversation, "my camera will not connect", intent="fraud").turn
    assert turn is not None
    assert (turn.intent, turn.intent_confidence) == ("fraud", None)


def test_strange_words_have_no_intent_and_go_to_the_general_team(conversation: Conversation, few: Path) -> None:
    learned(few)
    decision = turns.take(conversation, "Do you tune pianos? I want to talk to a human")
    assert decision.turn is not None
    assert (decision.turn.intent, decision.turn.intent_confidence is None) == ("", False)
    assert decision.handoff is not None
    assert decision.handoff.team.code == "general"


def test_an_agent_who_passes_it_on_teaches_and_a_supervisor_does_not(
    hand_off: Callable[..., object], ann: Agent, cara: Agent, teams: dict[str, Team]
) -> None:
    first, second = hand_off("The camera invoice is wrong"), hand_off("The camera invoice is missing")
    receiving.transfer(first, ann, teams["technical"])
    receiving.transfer(second, cara, teams["technical"])
    learning.look_back()
    assert list(Example.objects.values_list("text", "intent", "source")) == [("The camera invoice is wrong", "technical", "correction")]


def test_a_resolved_handoff_teaches_its_team_once(claimed: object, ann: Agent) -> None:
    receiving.resolve(claimed, ann)
    assert (learning.look_back(), learning.look_back()) == (1, 0)
    assert list(Example.objects.values_list("intent", "source")) == [("billing", "conversation")]


def test_a_correction_replaces_what_the_conversation_seemed_to_say(conversation: Conversation, few: Path) -> None:
    learned(few)
    Example.objects.create(text="the app shows the wrong price", intent="technical", source="conversation", conversation=conversation)
    Example.objects.create(text="the app shows the wrong price", intent="billing", source="correction", conversation=conversation)
    assert learning.learn().measures["examples"] == len(FEW) + 1


def test_a_broken_body_lets_the_version_before_stand_in(conversation: Conversation, few: Path) -> None:
    learned(few)
    LearnedModel.objects.filter(pk=learned(few).pk).update(body=b"nothing")
    turn = turns.take(conversation, "my camera will not connect").turn
    assert turn is not None
    assert turn.intent == "technical"
    assert shelf.problems() == ("The learned model of intents, version 2, is broken; version 1 stands in.",)
    LearnedModel.objects.update(body=b"nothing")
    shelf.forget()
    assert shelf.intents() is None
    assert shelf.problems() == ("The learned model of intents, version 2, is broken; nothing stands in.",)


def test_a_machine_without_the_extra_says_so(teams: dict[str, Team], few: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learned(few)
    assert shelf.problems() == ()
    monkeypatch.setattr(ensemble, "ENCODERS", {"vectors": lambda texts: None})
    shelf.forget()
    model = shelf.intents()
    assert model is not None
    assert model.predict("my camera will not connect")[0] == "technical"
    assert shelf.problems() == (
        "The learned model of intents, version 1, was learned with vectors, which this machine lacks; it guesses less well.",
    )


def test_a_new_version_is_used_without_a_restart(conversation: Conversation, few: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "FRESH", 600.0)
    assert shelf.intents() is None
    learned(few)
    assert shelf.intents() is None  # looked up a moment ago
    monkeypatch.setattr(shelf, "FRESH", 0.0)
    first = shelf.intents()
    assert first is not None
    assert shelf.intents() is first  # the body is read once a version


def test_routing_takes_the_newest_intent_a_team_covers() -> None:
    among = (TeamView("general", general=True), TeamView("fraud", intents=frozenset({"fraud_report"})), TeamView("technical"))
    said = (Line(Author.CUSTOMER, "a", intent="fraud_report", intent_confidence=0.9), Line(Author.CUSTOMER, "b", intent="Technical", intent_confidence=0.61),
            Line(Author.CUSTOMER, "a person", intent="", intent_confidence=0.2))
    routed = routing.route(Brief(), (), among, said=said, intent="small_talk")
    assert (routed.team, routed.why, routed.intent) == ("technical", "intent: technical, 61% sure", "Technical")
    assert routing.route(Brief(), (), among, said=said, intent="fraud_report").why == "intent: fraud_report"


def test_the_demo_is_taught_once(db: None, settings: object, tmp_path: Path) -> None:
    settings.VAR, settings.BASE_URL = tmp_path, "http://127.0.0.1:8000"  # type: ignore[attr-defined]
    demo.build()
    demo.teach()
    demo.teach()
    assert LearnedModel.objects.count() == 1
    model = shelf.intents()
    assert model is not None
    assert [model.predict(words)[0] for words in ("the refund never came", "I want out of the contract", "someone hacked me", "can you tune my piano")] == [
        "refund", "cancel", "account_security", "",
    ]
    covered = {intent for team in Team.objects.all() for intent in team.intents}
    assert set(model.classes) - {""} <= covered


def test_a_supervisor_chooses_a_version_in_the_admin(teams: dict[str, Team], few: Path, signed_in: Callable[..., Client], person: Callable[..., Agent]) -> None:
    learned(few)
    learned(few)
    first = LearnedModel.objects.get(number=1)
    page = signed_in(person("ines", is_staff=True, is_superuser=True))
    page.post("/admin/handoffs/learnedmodel/", {"action": "use", "_selected_action": [first.pk]})
    assert LearnedModel.objects.get(in_use=True) == first
    page.post("/admin/handoffs/learnedmodel/", {"action": "use", "_selected_action": list(LearnedModel.objects.values_list("pk", flat=True))})
    assert LearnedModel.objects.get(in_use=True) == first
    assert page.get(f"/admin/handoffs/learnedmodel/{first.pk}/change/").status_code == 200
