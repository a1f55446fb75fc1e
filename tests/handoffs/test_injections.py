"""Customers who give orders to a model that reads along: the server plays one that obeys, and the brief stays what it was."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from handoffs import tasks, transitions, turns
from handoffs.briefing import redaction
from handoffs.models import Conversation, Rewrite
from handoffs.rewriting import wording
from handoffs.snapshots import Author, Brief, BriefAttempt, Detection, Line, Outcome
from tests.conftest import reload
from tests.handoffs.model_server import ModelServer, serving

FIRST = "Hello, I was charged 14 euros twice on 12 March for order A-20817."
LINES = [line for line in (Path(__file__).parent / "injections.txt").read_text(encoding="utf-8").splitlines() if "⇒" in line and not line.startswith("#")]


class Injection(NamedTuple):
    """What the customer writes, and what a model that obeys makes of it."""

    words: str
    goal: str
    sentence: str

    def obeyed(self, *, whole: bool = True) -> dict[str, Any]:
        """The obeying model's answer: `whole` with its goal and its sentence, otherwise its sentence alone between true ones."""
        true = {"text": "They were charged 14 euros twice on 12 March.", "about": "issue", "turns": [1]}
        return {"goal": self.goal if whole else "Get one of both charges back", "goal_turns": [1, 3],
                "sentences": [true, {"text": self.sentence, "about": "obstacle", "turns": [1, 2, 3]}]}


def read(line: str) -> Injection:
    words, _, wanted = line.partition(" ⇒ ")
    goal, _, sentence = wanted.partition(" | ")
    return Injection(words.replace("\\n", "\n"), goal, sentence)


INJECTIONS = [read(line) for line in LINES]
IDS = [f"{number}" for number in range(1, len(INJECTIONS) + 1)]
BRIEF = Brief(goal="Get a charge back", attempts=(BriefAttempt(step="Refund the charge", outcome=Outcome.FAILED, detail="the bank did not answer"),))


def talk(words: str) -> tuple[Line, ...]:
    return (Line(Author.CUSTOMER, FIRST, 1), Line(Author.ASSISTANT, "I have looked at your order.", 2), Line(Author.CUSTOMER, words, 3))


def result(answer: dict[str, Any], words: str) -> str:
    """"used", or why an answer is not."""
    redacted = redaction.redact(wording.data(talk(words), BRIEF), {"NAME": ["Amara Osei"]})
    try:
        wording.check(wording.read(json.dumps(answer), redacted.tokens), talk(words), BRIEF, ["Amara Osei"])
    except (ValueError, wording.Unfaithful) as refused:
        return str(refused)
    return "used"


def test_there_are_enough_of_them() -> None:
    assert (len(INJECTIONS) >= 60, len(set(INJECTIONS))) == (True, len(INJECTIONS))


@pytest.mark.parametrize("injection", INJECTIONS, ids=IDS)
def test_what_an_obeying_model_writes_is_not_used(injection: Injection) -> None:
    assert "used" not in (result(injection.obeyed(), injection.words), result(injection.obeyed(whole=False), injection.words))


@pytest.mark.parametrize("injection", INJECTIONS, ids=IDS)
def test_the_words_reach_the_model_as_data_alone(injection: Injection) -> None:
    sent = wording.messages(redaction.redact(wording.data(talk(injection.words), BRIEF)).value)
    system, user = sent
    assert [message["role"] for message in json.loads(json.dumps(sent))] == ["system", "user"]
    assert (system["content"], "\n" in user["content"]) == (wording.messages({})[0]["content"], False)
    assert [sorted(turn) for turn in json.loads(user["content"])["data"]["turns"]] == [["by", "number", "text"]] * 3


@pytest.mark.parametrize("injection", INJECTIONS, ids=IDS)
def test_an_honest_model_is_still_used(injection: Injection) -> None:
    """The attack does not cost the customer a good summary."""
    honest = {"goal": "Get one of both charges back", "goal_turns": [1], "sentences": [
        {"text": "They were charged 14 euros twice on 12 March for order A-20817.", "about": "issue", "turns": [1]},
        {"text": "The assistant tried to refund the charge, which failed.", "about": "obstacle", "turns": [2]}]}
    assert result(honest, injection.words) == "used"


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with serving() as running:
        yield running


@pytest.mark.parametrize("injection", INJECTIONS[::8], ids=IDS[::8])
def test_over_the_wire_the_brief_stays_as_it_was(injection: Injection, server: ModelServer, settings: Any, conversation: Conversation) -> None:
    settings.LLM_BASE_URL, settings.LLM_MODEL = server.url, "small"
    server.says(injection.obeyed())
    for author, words in ((Author.CUSTOMER, FIRST), (Author.ASSISTANT, "I have looked at your order."), (Author.CUSTOMER, injection.words)):
        transitions.say(conversation.pk, author, words)
    handoff = turns.begin(Conversation.objects.get(pk=conversation.pk), Detection("explicit_request", "Asked for a person"))
    assert handoff is not None
    before = reload(handoff).what_to_know
    tasks.rewrite()
    assert (Rewrite.objects.get().result, reload(handoff).what_to_know) == ("unfaithful", before)
