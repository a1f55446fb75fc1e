"""Requests for a person in any wording, and what only looks like one."""

import gzip
import json
from pathlib import Path

import pytest

from handoffs.evaluation.files import Files, read
from handoffs.evaluation.human_request import HumanRequest, messages
from handoffs.learned import requests, weights
from handoffs.learned.asking import asked
from handoffs.learned.linear import LinearText
from handoffs.learned.phrases import signed
from handoffs.learned.requests import RequestModel, wish
from handoffs.policy import Policy
from handoffs.snapshots import Author, Line, Transcript
from handoffs.triggers.explicit_request import ExplicitRequest


@pytest.mark.parametrize(
    "text",
    [
        "tlak to a humna",
        "I wnat to talk to an agnet",
        "can i speek to sombody plz",
        "human human human",
        "are you a bot get me a human",
        "I don't want to talk to anyone but a real person",
        "why don't you just get me a person",
        "I don't need this I need a human",
        "would it be possible to be put through to someone in billing",
        "I have been trying to reach a human for an hour",
        "I already said “agent”",
        "“I want to talk to a human”",
        "can someone from your team contact me",
        "this chat is a joke, is anyone there",
        "I keep talking to a stupid machine, enough of the bot",
        "please escalate my complaint",
    ],
)
def test_a_request_in_any_spelling_is_heard(text: str) -> None:
    assert asked(text)


@pytest.mark.parametrize(
    "text",
    [
        "please don't transfer me to an agent",
        "can I do this without talking to an agent?",
        "I don't need a human because the bot is doing fine",
        "do I have to speak to someone to close my account",
        "I was transferred to three different people",
        "am I talking to a real person?",
        "what are you, a bot or a human",
        "a table for 2 persons",
        "can someone else use my card",
        "how do I change the contact person",
        "at what time can I reach customer support?",
        "do you have a number to contact customer support?",
        "what does ‘speak to an agent’ mean?",
        "",
        "👍👍👍",
        "12345",
    ],
)
def test_what_only_speaks_of_people_is_no_request(text: str) -> None:
    assert wish(text) is None


@pytest.mark.parametrize(
    ("asks", "refuses"),
    [
        ("¿Puedo hablar con un agente?", "no quiero hablar con una persona"),
        ("Je veux parler à un humain", "Je n'ai pas besoin d'un conseiller"),
        ("Ich möchte mit einem Menschen sprechen", "Ich brauche keinen Mitarbeiter"),
        ("Kan ik een medewerker spreken?", "ik hoef geen mens te spreken"),
        ("Vorrei parlare con un operatore", "non voglio parlare con un operatore"),
        ("Quero falar com um atendente", "não preciso de um humano"),
        ("Ich will nicht mit einem Bot sprechen", "jemand hat meine Karte benutzt"),
    ],
)
def test_other_languages_ask_and_refuse(asks: str, refuses: str) -> None:
    assert asked(asks)
    assert not asked(refuses)


def test_the_evidence_is_words_of_the_text_as_they_were_written() -> None:
    assert asked("My card’s gone. Can you conect me wiht a live Agnt?? Thanks") == "conect me wiht a live Agnt"
    assert asked("I’d RATHER speak with a person") == "speak with a person"


def test_the_model_hears_what_no_rule_says() -> None:
    heard = wish("chat wth somebody")
    assert asked("chat wth somebody") == ""
    assert heard is not None
    assert heard.likelihood is not None
    assert heard.likelihood > 0.3
    assert "chat" in heard.words


def test_the_trigger_shows_the_words_and_the_likelihood() -> None:
    by_rule = ExplicitRequest().detect(Transcript(lines=(Line(Author.CUSTOMER, "Fine. Agent please"),)), Policy())
    by_model = ExplicitRequest().detect(Transcript(lines=(Line(Author.CUSTOMER, "chat wth somebody"),)), Policy())
    assert by_rule is not None
    assert by_rule.evidence == {"words": "Agent please"}
    assert by_model is not None
    assert set(by_model.evidence) == {"words", "likelihood"}


def test_a_long_text_is_read_at_both_ends_and_in_no_time() -> None:
    assert asked("please put me through " + "a the of " * 1000 + ", give me a human")
    assert not asked("I want to talk " + "talk to the the " * 1000)


def forget() -> None:
    requests.shipped.cache_clear()
    wish.cache_clear()


def test_without_its_weights_the_rules_stand_and_the_problem_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "human_request.npz").write_bytes(b"PK\x03\x04 broken")
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    forget()
    assert wish("I want a human") is not None
    assert wish("chat wth somebody") is None
    assert weights.problems() == ("The trained model for human request is missing or broken; simpler rules stand in.",)
    monkeypatch.undo()
    forget()
    assert requests.shipped() is not None
    assert weights.problems() == ()


def test_a_model_is_the_same_after_saving_and_from_the_same_seed() -> None:
    texts, asks = zip(*signed(requests.KIND), strict=True)
    model = RequestModel.fit(texts, asks, seed=1)
    assert RequestModel.from_bytes(model.to_bytes()).likelihoods(texts).tolist() == model.likelihoods(texts).tolist()
    assert RequestModel.fit(texts, asks, seed=1).to_bytes() == model.to_bytes()


@pytest.mark.parametrize("body", [b"", b"nonsense", LinearText.fit(["a b", "c d"], ["x", "y"], seed=1).to_bytes()])
def test_other_bytes_are_no_model(body: bytes) -> None:
    with pytest.raises(ValueError, match="not a saved"):
        RequestModel.from_bytes(body)


def test_too_few_requests_to_learn_from_are_refused() -> None:
    with pytest.raises(ValueError, match="5 or more"):
        RequestModel.fit(["a human", "hello"], [True, False], seed=1)


@pytest.mark.parametrize(
    ("row", "asks"),
    [
        ({"text": "a", "wants_human": True, "intent": "human_handoff"}, True),
        ({"text": "a", "intents": ["deny", "handoff"], "slots": {}}, True),
        ({"text": "a", "intents": ["deny"], "slots": {}}, False),
        ({"text": "a", "intent": "contact_human_agent", "tags": "B"}, True),
        ({"text": "a", "intent": "contact_customer_service", "tags": "B"}, None),
        ({"text": "a", "intent": "CHAT_WITH_AGENT", "bot": "b"}, None),
        ({"text": "a", "intent": "card_arrival"}, False),
        ({"events": [{"who": "user", "text": "a"}, {"who": "agent", "text": "b"}]}, False),
    ],
)
def test_labels_of_every_set_are_read(row: dict[str, object], asks: bool | None) -> None:
    assert [message.asks for message in messages(row)] == [asks]


def test_the_measure_trains_on_the_training_rows_only(tmp_path: Path) -> None:
    def stored(name: str, rows: list[dict[str, object]]) -> tuple[dict[str, object], ...]:
        with gzip.open(tmp_path / name, "wt") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
        return read([tmp_path / name])

    asking = [{"text": f"get me the {word} now", "wants_human": True} for word in ("warden", "clerk", "keeper", "teller", "porter", "nurse")]
    others = [{"text": f"where is the {word} now", "wants_human": False} for word in ("parcel", "invoice", "refund", "coupon", "voucher", "card")]
    files = Files(train=stored("a.jsonl.gz", asking[:5] + others[:5]), test=stored("b.jsonl.gz", asking[5:] + others[5:]))
    figures = HumanRequest().measure(files)
    assert figures["recall_at_1pct_false_alarms"] == 1
    assert (figures["asking"], figures["others"], figures["left_out"]) == (1, 1, 0)
    with pytest.raises(ValueError, match="the test rows"):
        HumanRequest().measure(Files(train=files.train, test=files.test[:1]))
