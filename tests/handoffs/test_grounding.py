"""Numbers as people write them, and answers held against what they were made from."""

from decimal import Decimal

import pytest

from handoffs import detection, grounding
from handoffs.policy import Limits, Policy
from handoffs.quantities import money, numbers
from handoffs.snapshots import Action, Author, Line, Proposal, Transcript, Tried

ARTICLE = (
    "A refund takes 2 days; above 1000 EUR up to 10 % longer, two weeks at most. "
    "Write to help@alder.example or see www.alder.example/refunds. Ask Mara in May."
)
SOURCE = ({"title": "Refunds", "text": ARTICLE},)
ASKED = (Line(Author.CUSTOMER, "Where is the money for order A-20817? My name is Amara, I paid 40 €", 1),)


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("1,000.00 €", "1000", "EUR"), ("1.000,00 €", "1000", "EUR"), ("EUR 1 000", "1000", "EUR"), ("€1’000", "1000", "EUR"), ("12,5 euros", "12.5", "EUR"),
        ("$1.5k", "1500", "USD"), ("1.5k", "1500", ""), ("two hundred euros", "200", "EUR"), ("a thousand bucks", "1000", "USD"),
        ("three hundred and fifty-five pounds", "355", "GBP"), ("two thousand five hundred dollars", "2500", "USD"), ("five grand", "5000", ""),
    ],
)
def test_money_is_read_however_it_is_written(text: str, value: str, currency: str) -> None:
    assert [(number.value, number.currency) for number in money(f"I paid {text}, I think")] == [(Decimal(value), currency)]


@pytest.mark.parametrize("text", ["order A-20817", "one of them", "a few", "no one"])
def test_not_everything_is_a_number(text: str) -> None:
    assert numbers(text) == ()


@pytest.mark.parametrize(
    "answer",
    [
        "It takes two days.", "It takes 48 hours.", "Above 1,000.00 € it takes 14 days.", "Up to 10 percent longer.", "Ten % longer.",
        "Write to HELP@alder.example.", "See https://www.alder.example/refunds.", "Amara, your order A-20817 over €40 is on its way.",
        "I will ask Mara in May.", "Thank you. Is there anything else?", "1. Wait 2 days.\n2. Write to help@alder.example.",
    ],
)
def test_what_stands_in_the_sources_or_the_conversation_is_grounded(answer: str) -> None:
    assert ungrounded(answer) is None


@pytest.mark.parametrize(
    ("answer", "missing"),
    [
        ("It takes 3 days.", "3 days"),
        ("It takes 2 weeks and 1 hour.", "1 hour"),
        ("Above 2000 EUR it takes longer.", "2000 EUR"),
        ("Above $1000 it takes longer.", "$1000"),
        ("It takes 20% longer.", "20%"),
        ("Write to refunds@alder.example.", "refunds@alder.example"),
        ("See www.alder.example/money.", "www.alder.example/money"),
        ("Your order A-20818 is fine.", "A-20818"),
        ("I will ask Jonas about it.", "Jonas"),
        ("It comes in June.", "June"),
    ],
)
def test_a_detail_that_stands_nowhere_is_named(answer: str, missing: str) -> None:
    found = ungrounded(answer)
    assert found is not None
    assert (found.evidence["missing"], found.evidence["sources"]) == ([missing], ["Refunds"])


def test_a_sentence_that_stands_nowhere_is_named() -> None:
    found = ungrounded("Two days. Our courier leaves vouchers beneath flowerpots behind your garage.")
    assert found is not None
    assert found.evidence["claims"] == ["Our courier leaves vouchers beneath flowerpots behind your garage."]


def test_facts_and_steps_vouch_as_well() -> None:
    answer = "Your plan Aurora costs 12 €, ticket T-99."
    assert ungrounded(answer, facts={"plan": {"name": "Aurora", "price": "12 €"}}, tried=(Tried("Opened ticket T-99"),)) is None


@pytest.mark.parametrize(("confidence", "action"), [(0.95, Action.HAND_OFF), (None, Action.HAND_OFF), (0.8, Action.CLARIFY)])
def test_only_an_answer_that_would_be_sent_is_checked(confidence: float | None, action: Action) -> None:
    assert detection.detect(Transcript(lines=ASKED, proposal=Proposal("It takes 9 days.", confidence, sources=SOURCE)), Policy()).action is action


def test_how_sure_is_sure_depends_on_the_intent() -> None:
    policy = Policy(limits={"refund": Limits(answer_at=0.97)})
    transcript = Transcript(lines=ASKED, proposal=Proposal("It takes 9 days.", 0.95, "refund", sources=SOURCE))
    assert [found.trigger for found in detection.detect(transcript, policy).detections] == ["low_confidence"]


def test_sources_without_a_text_are_not_guessed_at() -> None:
    assert detection.detect(Transcript(lines=ASKED, proposal=Proposal("It takes 9 days.", 0.95, sources=({"title": "Refunds"},))), Policy()).detections == ()


def test_nothing_said_is_nothing_missing() -> None:
    assert grounding.missing("", [ARTICLE]) == grounding.Missing()


def ungrounded(answer: str, **known: object):
    judged = detection.detect(Transcript(lines=ASKED, proposal=Proposal(answer, 0.95, sources=SOURCE), **known), Policy())  # type: ignore[arg-type]
    return next((found for found in judged.detections if found.trigger == "ungrounded"), None)
