"""What a brief keeps of what customers say: values in any writing, each with its turn; the latest commitment wins."""

import re
import time

import pytest

from handoffs import briefing
from handoffs.briefing.attempts import MOST_ATTEMPTS, REST, foremost, kept, merge
from handoffs.briefing.commitments import MOST_FACTS
from handoffs.briefing.facts import facts_of
from handoffs.briefing.fields import FIELDS
from handoffs.briefing.masking import masked
from handoffs.briefing.questions import asked
from handoffs.snapshots import Author, BriefAttempt, Detection, Line, Outcome, Transcript, Tried

ASKED = (Detection("explicit_request", "Asked for a person"),)


def told(*texts: str) -> tuple[Line, ...]:
    """Lines of both sides; those of the assistant begin with ">"."""
    return tuple(
        Line(Author.ASSISTANT if text.startswith(">") else Author.CUSTOMER, text.removeprefix(">").strip(), number) for number, text in enumerate(texts, 1)
    )


def facts(*texts: str) -> dict[str, str]:
    return {fact.name: fact.value for fact in facts_of(told(*texts), {})}


@pytest.mark.parametrize("text", [
    "Where is my order A-30111?", "Where is my order A-30111? It should have come on Monday.", "Why was my order A-30111 cancelled?",
    "Is my order A-30111 on its way?", "Could my order A-30111 come sooner?", "is it possible to cancel A-30111?", "when will the order A-30111 arrive?",
])
def test_a_question_about_a_thing_names_it(text: str) -> None:
    assert facts(text)["order number"] == "A-30111"


@pytest.mark.parametrize(("text", "value"), [
    ("I paid by VISA last week.", "VISA"), ("Can I pay for it with my PayPal?", "PayPal"), ("The payment by bank transfer failed.", "bank transfer"),
    ("I paid with my Monzo, it failed.", "Monzo"), ("I paid for both of them with my Barclays card.", "Barclays"),
    ("Can I pay it with Apple Pay?", "Apple Pay"),
])
def test_what_somebody_paid_with_is_the_payment(text: str, value: str) -> None:
    assert facts(text)["payment"] == value


@pytest.mark.parametrize(("text", "label", "value"), [
    ("I paid for the hotel with Anna Smith", "with", "Anna Smith"), ("I was told to pay the bill by Telekom", "by", "Telekom"),
    ("My payment was refused by Barclays", "by", "Barclays"),
])
def test_who_is_only_named_near_a_payment_is_none(text: str, label: str, value: str) -> None:
    assert facts(text) == {label: value}


@pytest.mark.parametrize(("said", "name"), [
    (("> At what time would you like the service?", "Nevermind I found some cheetos"), "time"),
    (("> In what part of town should it be located?", "does not matter"), "town"),
    (("> What do you need help with?", "I wanna reserve a room please"), "help"),
])
def test_what_is_no_answer_is_no_fact(said: tuple[str, str], name: str) -> None:
    assert name not in facts(*said)


@pytest.mark.parametrize("text", ["I NEED someone to help me", "Someone took 500 from me", "my DOB 05/09/1940"])
def test_shouted_words_and_first_words_are_no_names(text: str) -> None:
    assert {"NEED", "Someone", "DOB"}.isdisjoint(fact.value for fact in facts_of(told(text), {}))


@pytest.mark.parametrize("text", ["Is it A-30111?", "is my order number A-30111?", "Did I say A-30111?", "was that A-30111 or so?"])
def test_a_value_only_wondered_about_is_none(text: str) -> None:
    assert facts(text) == {}


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("My e-mail is amara@example.com.", "e-mail", "amara@example.com"),
        ("order number 20817 please", "order number", "20817"),
        ("It is about A-20817", "order number", "A-20817"),
        ("invoice no. INV-2026-7", "invoice number", "INV-2026-7"),
        ("my account number is 84318931431", "account number", "84318931431"),
        ("tracking number: 1Z999AA10123456784", "tracking number", "1Z999AA10123456784"),
        ("booking id 350", "booking number", "350"),
        ("I was charged €1.299,00 today", "amount", "€1.299,00"),
        ("book it for June 6th-24th", "date", "June 6th-24th"),
        ("I need it by May 10th", "date", "May 10th"),
        ("some time in June 2026", "date", "June 2026"),
        ("I will be back in June", "date", "June"),
        ("it was two hundred euros", "amount", "two hundred euros"),
        ("they took 500 bucks", "amount", "500 bucks"),
        ("call +49 170 1234567", "phone", "+49 170 1234567"),
        ("my phone is 0170 1234567", "phone", "0170 1234567"),
        ("I live at 12 Baker Street", "address", "12 Baker Street"),
        ("it says error E-404", "error message", "E-404"),
        ("we are 29 guests", "quantity", "29 guests"),
        ("on version 11.1.2", "version", "11.1.2"),
        ("Hi, my name is Amara Osei.", "name", "Amara Osei"),
        ("Me llamo Lucía y no funciona", "name", "Lucía"),
        ("mein Konto 7781234 ist gesperrt", "account number", "7781234"),
    ],
)
def test_a_value_is_found_in_a_turn(text: str, name: str, value: str) -> None:
    assert facts(text)[name] == value


@pytest.mark.parametrize(
    "written",
    ["3pm", "2:30 p.m.", "14:30", "half past ten", "7 o'clock", "noon", "18 Uhr", "at 8", "1-2pm", "9am - 11:30 am", "in the morning", "3 in the morning"],
)
def test_times_are_found_as_people_write_them(written: str) -> None:
    assert facts(f"Can we meet {written}")["time"].rstrip(".") == written.removeprefix("at ").rstrip(".")


@pytest.mark.parametrize(
    "written",
    ["next Tuesday", "12/03/2026", "5th of May", "2026-05-03", "May 12th", "tomorrow", "3 mai", "4. Oktober 2026", "1st-21st", "Friday, 6th",
     "Saturday", "first of May", "viernes", "aujourd'hui", "quarta-feira", "last week", "next month", "this weekend", "in a week", "in 3 days",
     "day after tomorrow"],
)
def test_dates_are_found_as_people_write_them(written: str) -> None:
    assert facts(f"It starts {written}")["date"] == written


def test_a_time_of_night_is_found() -> None:
    assert facts("It is too loud at night")["time"] == "at night"


@pytest.mark.parametrize("text", ["Good morning!", "Guten Morgen", "I call twice in a week", "I have been with you for the last year"])
def test_a_greeting_and_a_span_are_no_day_and_no_time(text: str) -> None:
    assert not {"date", "time"} & facts(text).keys()


def test_the_answer_to_a_question_is_the_value_asked_for() -> None:
    lines = ("> At what hotel are you staying?", "the Old Town Inn", "> May I have your name, please?", "it's Amara", "> What symptoms?", "A sore throat.")
    assert facts(*lines) == {"hotel": "Old Town Inn", "name": "Amara", "symptoms": "A sore throat"}


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Could you give me your order number?", ("order number",)),
        ("May I have your full name, account number and e-mail?", ("e-mail", "account number", "name")),
        ("Please provide the name of the lock manufacturer.", ("lock manufacturer",)),
        ("How many guests will you bring?", ("number of guests",)),
        ("¿Cuál es su número de pedido?", ("order number",)),
        ("Wie lautet Ihre Kundennummer, bitte?", ("account number",)),
        ("Departure location?", ("departure location",)),
        ("Is there anything else that I can do for you?", ()),
        ("Your parcel is on its way.", ()),
    ],
)
def test_a_question_names_what_it_asks_for(question: str, names: tuple[str, ...]) -> None:
    assert asked(question) == names


@pytest.mark.parametrize("reply", ["I don't know", "why do you ask?", "yes", "ok thanks", "", "🤷", "Not a hotel"])
def test_a_turn_that_does_not_answer_leaves_no_fact(reply: str) -> None:
    assert facts("> At what hotel are you staying?", reply) == {}


def test_a_second_answer_to_the_same_question_takes_the_place_of_the_first() -> None:
    (fact,) = facts_of(told("> What city?", "Chicago", "> Nothing found. What city?", "Detroit"), {})
    assert (fact.name, fact.value, fact.turn, [(was.value, was.turn) for was in fact.was]) == ("city", "Detroit", 4, [("Chicago", 2)])


@pytest.mark.parametrize(
    "texts",
    [
        ("order number A-123", "sorry, I meant A-456"),
        ("order number A-123", "my order number is A-456"),
        ("not A-123 but A-456",),
        ("my order number is A-123. Actually no, sorry, A-456.",),
        ("order A-123, no wait, order A-456",),
    ],
)
def test_contradictory_facts_show_the_latest_and_what_it_was(texts: tuple[str, ...]) -> None:
    (fact,) = facts_of(told(*texts), {})
    assert (fact.name, fact.value, [was.value for was in fact.was]) == ("order number", "A-456", ["A-123"])


def test_a_correction_without_a_name_replaces_the_newest_value_of_its_kind() -> None:
    (fact,) = facts_of(told("a table at 5 pm", "actually make it 7 pm"), {})
    assert (fact.value, [was.value for was in fact.was]) == ("7 pm", ["5 pm"])


def test_two_values_said_without_correction_both_stand() -> None:
    assert [fact.value for fact in facts_of(told("I paid $50 and was charged $100"), {})] == ["$50", "$100"]


def test_what_is_only_asked_or_denied_is_no_commitment() -> None:
    assert facts("Is my order number A-123?") == {}
    assert facts("any day but not Friday") == {"not": "Friday"}


def test_a_value_said_again_keeps_its_first_turn() -> None:
    assert [(fact.value, fact.turn) for fact in facts_of(told("order A-123", "again: order a-123"), {})] == [("A-123", 1)]


def test_what_the_assistant_sent_stays_apart_and_is_not_doubled() -> None:
    sent = {"order number": "A-123", "plan": "Pro"}
    assert [(fact.name, fact.by) for fact in facts_of(told("order number A-123"), sent)] == [("plan", "assistant"), ("order number", "customer")]
    assert [(fact.value, fact.by) for fact in facts_of(told("order number A-9"), sent)] == [("A-123", "assistant"), ("Pro", "assistant"), ("A-9", "customer")]


def test_codes_and_cards_are_never_kept() -> None:
    lines = told("> Your PIN?", "1596", "card 4111 1111 1111 1111", "my password is hunter2!", "> And your account number and PIN?", "84318931431, 9431")
    found = facts_of(lines, {"card": "5500005555555559"})
    assert [(fact.name, fact.value) for fact in found if fact.name != "account number"] == [
        ("card", "•••• 5559"), ("PIN", "••••"), ("card number", "•••• 1111"), ("password", "••••"),
    ]
    assert [fact.value for fact in found if fact.name == "account number"] == ["84318931431"]
    assert not re.search(r"1596|9431\b|hunter2|4111", " ".join(fact.value for fact in found if fact.name != "account number"))


def test_a_number_that_is_no_card_is_left_alone() -> None:
    assert masked("account 9931939443153, card 4111-1111-1111-1111") == "account 9931939443153, card •••• 1111"


def test_html_stays_text() -> None:
    (fact,) = facts_of(told("> What city?", "<b>Rome</b>"), {})
    assert (fact.name, fact.value) == ("city", "<b>Rome</b>")


@pytest.mark.parametrize(
    "text",
    [
        "注文番号は 12345 です", "مرحبا رقم الطلب 98765", "Где мой заказ 55512?", "\u202e\x00 ord\ufeffer A-1", "🙂" * 30, "1 " * 8000, "order number " * 1300,
        "from a to " * 1600, "John Smith " * 1450, "at the " * 2000, "a@" * 8000, "+1 " * 5000, "$1" * 8000, "not " * 4000, "?" * 16000, "may 1-" * 2500,
    ],
    ids=range(16),
)
def test_any_script_and_any_length_gives_a_brief(text: str) -> None:
    brief = briefing.make(Transcript(lines=told("hello", f"> {text}?", text, text)), ASKED)
    assert brief.goal
    assert all(len(fact.value) <= 200 for fact in brief.facts)


def test_pages_of_figures_do_not_hold_a_handoff() -> None:
    pages = told("My order number is A-20817", *(" ".join(str(100_000 + 60 * page + place) for place in range(60)) for page in range(80)))
    began = time.process_time()
    found = facts_of(pages, {})
    assert (len(found), found[0].value, found[-1].value) == (MOST_FACTS, "A-20817", "104799")
    assert time.process_time() - began < 4


def test_every_field_has_a_code_of_its_own() -> None:
    assert len({field.code for field in FIELDS}) == len(FIELDS) >= 25


def test_repeats_of_a_step_are_one_row_with_the_latest_of_it() -> None:
    rows = merge((Tried("Refund", Outcome.FAILED, "timeout", turn=1), Tried("Refund", Outcome.DONE, turn=2), Tried("refund ", Outcome.FAILED, turn=3)))
    assert [(row.outcome, row.times, row.detail, row.turn) for row in rows] == [(Outcome.DONE, 1, "", 2), (Outcome.FAILED, 2, "timeout", 3)]


def test_what_failed_is_read_first_then_the_unknown() -> None:
    rows = merge(tuple(Tried(name, outcome) for name, outcome in (("a", Outcome.DONE), ("b", Outcome.FAILED), ("c", Outcome.UNKNOWN), ("d", Outcome.REFUSED))))
    assert [row.step for row in foremost(rows, 3)] == ["d", "b", "c"]


def test_none_of_three_hundred_attempts_vanishes_silently() -> None:
    rows = merge(tuple(Tried(f"Step {number}", Outcome.FAILED if number == 7 else Outcome.UNKNOWN) for number in range(300)))
    some = kept(rows)
    assert (len(some), sum(row.times for row in some), some[0].step) == (MOST_ATTEMPTS, 300, REST)
    assert BriefAttempt(step="Step 7", outcome=Outcome.FAILED) in some
