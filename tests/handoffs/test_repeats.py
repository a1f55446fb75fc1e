"""What asks for a known thing, and what does not: pure, by the lexicon and the model that comes with the product."""

import pytest

from handoffs.briefing.fields import FIELDS
from handoffs.evaluation.files import Files
from handoffs.evaluation.repeat_ask import RepeatAsk
from handoffs.learned import repeats, weights
from handoffs.learned.repeats import SURE
from handoffs.learned.repeats_pairs import pairs, slot_of

ASKINGS = [
    ("Could you tell me your order number?", "order number"),
    ("I just need your e-mail to look you up.", "e-mail"),
    ("What's your phone number?", "phone"),
    ("May I have your full name, please?", "name"),
    ("Please send me the invoice number.", "invoice number"),
    ("order number?", "order number"),
    ("How much were you charged?", "amount"),
    ("Which version of the app are you on?", "version"),
    ("What have you tried so far?", "what was tried"),
    ("What does the error message say?", "error message"),
    ("And what's your postcode?", "postcode"),
    ("Hi Amara, I'm Ann and I will help you with this. Before I look into it, could you give me your order number again?", "order number"),
]
OTHERS = [
    "So 20817, right?",
    "Is amara@example.com still your email?",
    "Just to confirm, your order number is A-20817?",
    "For security, please confirm your date of birth.",
    "To verify your identity, could you tell me the e-mail on your account?",
    "I have to be sure it is you first. What is your e-mail address?",
    "What is your PIN?",
    "I see your order number is A-20817.",
    "I have your email address and will write to you today.",
    "You wrote “what is your order number?” to us.",
    "Why would anyone need your order number twice?",
    "No need to send your order number again.",
    "Please restart your phone and try again.",
    "Is there anything else I can do for you?",
    "¿Me puede dar su número de pedido, por favor?",
    "Könnten Sie mir bitte Ihre Bestellnummer nennen?",
    "", "?", "???!!!", "\x00", "👍",
]


@pytest.mark.parametrize(("text", "field"), ASKINGS)
def test_an_asking_is_heard(text: str, field: str) -> None:
    assert dict(repeats.asks(text)).get(field, 0) >= SURE


@pytest.mark.parametrize("text", OTHERS)
def test_what_is_no_asking_is_left_alone(text: str) -> None:
    assert [field for field, chance in repeats.asks(text) if chance >= SURE] == []


def test_a_message_that_holds_the_value_puts_it_before_the_customer() -> None:
    assert repeats.likelihoods("Your order number please, is it A-20817?", [("order number", "A-20817")]) == [0.0]


def test_names_of_other_systems_are_understood() -> None:
    things = [("Booking_ID", "X7K2P9"), ("frequentFlyerNumber", "FF-1"), ("seat preference", "window")]
    chances = repeats.likelihoods("Could you give me your frequent flyer number?", things)
    assert [chance >= SURE for chance in chances] == [False, True, False]


def test_without_the_weights_the_plain_rule_stands_in(broken_models: None) -> None:
    assert repeats.asks("Could you tell me your order number?")[0] == ("order number", SURE)
    assert repeats.asks("I see your order number.") == ()
    assert any("repeats" in problem for problem in weights.problems())


@pytest.mark.parametrize("text", ["a" * 16_000, "and " * 4_000, "before we and " * 1_000, "your order number? " * 800, "«" * 16_000, "is it " * 2_500], ids=len)
def test_long_and_odd_messages_are_read(text: str) -> None:
    assert len(repeats.likelihoods(text, [(field.code, "") for field in FIELDS])) == len(FIELDS)


def test_pairs_come_from_acts() -> None:
    said = [("user", "Hi", ""), ("agent", "What is your flight ID?", "plane_ask_flight_id"),
            ("user", "77", ""), ("agent", "Shall I book it?", "plane_ask_confirm_booking"),
            ("user", "Yes", ""), ("agent", "Tell me the PIN.", "bank_ask_pin"), ("user", "1234", ""), ("agent", "What else?", "custom")]
    row = {"id": 1, "events": [{"who": who, "text": text, "act": act} for who, text, act in said]}
    made = [(pair.slot, pair.repeat, pair.kind) for pair in pairs([row])]
    assert made == [("flight id", True, "ask"), ("flight id", False, "confirm"), ("flight id", False, "security"), ("pin", False, "security")]
    assert [slot_of(act) for act in ("ask_name", "hotel_ask_name", "hello", "hotel_ask_search_more")] == ["name", "hotel name", "", ""]


def test_the_measure_counts_pairs_and_puts_the_rule_beside_the_model() -> None:
    said = [
        ("agent", "On what date do you travel?", "trip_ask_travel_date"), ("user", "the 3rd", ""),
        ("agent", "Which seat would you like?", "trip_ask_seat"), ("user", "window", ""),
        ("agent", "So a window seat on Monday, right?", "trip_confirm"),
    ]
    events = [{"who": who, "text": text, "act": act} for who, text, act in said]
    figures = RepeatAsk().measure(Files(test=({"id": 1, "events": events},)))
    assert (figures["pairs"], figures["repeats"], figures["different_askings"]) == (5, 2, 2)
    assert (figures["f1"], figures["confirmations_flagged"], figures["as_shipped"]["learned_from"]) == (1.0, 0.0, 0.0)
    assert {"precision", "f1_interval"} <= figures["rule"].keys()
