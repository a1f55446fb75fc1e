"""What personal data becomes before anything is sent, and how it comes back."""

import re
import time
from random import Random

import pytest

from handoffs.briefing.masking import luhn
from handoffs.briefing.redaction import damaged, redact, restore

PRIVATE = {
    "amara@example.com": "EMAIL", "amara.osei+shop@mail.example.co.uk": "EMAIL",
    "amara (at) example (dot) com": "EMAIL", "amara at example dot com": "EMAIL",
    "4111 1111 1111 1111": "CARD", "4111-1111-1111-1111": "CARD", "378282246310005": "CARD",
    "DE89 3704 0044 0532 0130 00": "IBAN", "GB82WEST12345698765432": "IBAN",
    "+49 171 2345678": "PHONE", "(030) 123-4567": "PHONE", "555-123-4567": "PHONE",
    "0171/2345678": "PHONE", "07911 123456": "PHONE", "+1 (555) 123 4567": "PHONE",
    "A-20817": "ID", "ORD20817": "ID", "1Z999AA10123456784": "ID", "sk_live_4eC39HqLyjWDarjtT1zdp7dc": "ID", "639431": "NUMBER", "078-05-1120": "NUMBER",
    "https://shop.example/track?id=77&mail=amara@example.com": "LINK", "10.0.0.17": "IP", "12 Baker Street": "ADDRESS", "Musterstraße 12": "ADDRESS",
}
IN_CONTEXT = {
    "order 771": "ID", "account number is 9182": "ID", "card ending in 1234": "ID", "my password is hunter2!": "SECRET",
    "PIN: 4821": "SECRET", "cvv 123": "SECRET",
    "born on 3 May 1980": "BIRTH", "My name is Amara Osei": "NAME",
}
KEPT = ("€1,299.00", "12000 euros", "$45000", "12 March 2026", "2026-11-21", "12.03.2026 at 15:00", "iOS 11", "1080p",
        "iPhone 13", "5 GB", "2019-2020", "3 days",
        "2pm", "50%", "room 12", "order 3 days ago", "version 1.0.64")


@pytest.mark.parametrize(("value", "kind"), PRIVATE.items(), ids=PRIVATE)
def test_personal_data_becomes_a_token_and_comes_back(value: str, kind: str) -> None:
    text = f"Please look: {value}, thank you."
    found = redact(text)
    assert (found.value, found.tokens) == (f"Please look: ⟦{kind}_1⟧, thank you.", {f"⟦{kind}_1⟧": value})
    assert restore(found.value, found.tokens) == text


@pytest.mark.parametrize(("text", "kind"), IN_CONTEXT.items(), ids=IN_CONTEXT)
def test_words_before_it_say_what_it_is(text: str, kind: str) -> None:
    found = redact(text)
    assert ([token[1:-3] for token in found.tokens], restore(found.value, found.tokens)) == ([kind], text)


@pytest.mark.parametrize("text", KEPT)
def test_amounts_dates_and_measures_stay(text: str) -> None:
    assert redact(f"It was {text} then").tokens == {}


def test_a_value_has_one_token_in_all_of_a_conversation() -> None:
    found = redact({"turns": ["Write to amara@example.com", "AMARA@example.com, order A-1234"], "goal": "A-1234"})
    assert found.value == {"turns": ["Write to ⟦EMAIL_1⟧", "⟦EMAIL_1⟧, order ⟦ID_1⟧"], "goal": "⟦ID_1⟧"}


def test_known_names_go_wherever_they_stand() -> None:
    found = redact(["amara here", "Dear Ms. Osei, Will said it will work"], {"NAME": ["Amara Osei", "Will Young"]})
    assert found.value == ["⟦NAME_1⟧ here", "Dear Ms. ⟦NAME_2⟧, ⟦NAME_3⟧ said it will work"]


def test_a_text_that_looks_like_a_token_is_a_value_like_others() -> None:
    text = "⟦EMAIL_1⟧ and EMAIL_1 are what I write, amara@example.com is what I have"
    found = redact(text)
    assert (found.value, restore(found.value, found.tokens)) == ("⟦TEXT_1⟧ and ⟦TEXT_1⟧ are what I write, ⟦EMAIL_1⟧ is what I have",
                                                                 "⟦EMAIL_1⟧ and ⟦EMAIL_1⟧ are what I write, amara@example.com is what I have")


def test_what_came_back_broken_is_seen() -> None:
    tokens = {"⟦EMAIL_1⟧": "amara@example.com"}
    broken = ("⟦EMAIL_2⟧", "[EMAIL_1]", "EMAIL_1", "⟦EMAIL_1", "⟦email_1⟧", "⟦EMAIL 1⟧")
    assert ([bool(damaged(text, tokens)) for text in broken], damaged("Write to ⟦EMAIL_1⟧.", tokens)) == ([True] * len(broken), ())


def test_signs_nobody_sees_hide_nothing() -> None:
    assert redact("4111\u200b1111 1111\u00ad1111, ａｍａｒａ＠ｅｘａｍｐｌｅ．ｃｏｍ").value == "⟦CARD_1⟧, ⟦EMAIL_1⟧"


def test_of_two_thousand_made_up_values_none_leaves() -> None:
    """Cards, IBANs, addresses, phones and numbers in the ways people write them."""
    random = Random(17)
    values = [make(random) for make in MAKERS for _ in range(400)]
    left = [value for value in values if not re.fullmatch(r"Hi, ⟦[A-Z]+_1⟧ is mine, I think\.", redact(f"Hi, {value} is mine, I think.").value)]
    assert left == []


def digits(random: Random, count: int) -> str:
    return "".join(random.choice("0123456789") for _ in range(count))


def card(random: Random) -> str:
    number = "4" + digits(random, 14)
    whole = next(number + check for check in "0123456789" if luhn(number + check))
    return random.choice(["", " ", "-"]).join(whole[at : at + 4] for at in range(0, 16, 4))


def iban(random: Random) -> str:
    account = digits(random, 18)
    check = 98 - int(f"{account}131400") % 97
    whole = f"DE{check:02}{account}"
    return whole if random.random() < 0.5 else " ".join(whole[at : at + 4] for at in range(0, 22, 4))


def email(random: Random) -> str:
    name, place, end = random.choice(["a.b", "kim", "jo-ann", "x_y+z"]), random.choice(["mail", "my-shop"]), random.choice(["com", "co.uk", "example"])
    return f"{name}{digits(random, 2)}@{place}.{end}"


def phone(random: Random) -> str:
    form = random.choice(["+49 {} {}", "+44{}{}", "0{} {}", "(0{}) {}", "+1-{}-{}", "0{}/{}"])
    return form.format(random.randint(170, 799), random.randint(2_000_000, 9_999_999))


def number(random: Random) -> str:
    return random.choice(["{}-{}", "{}{}", "{}_{}"]).format(random.choice(["A", "ORD", "INV", "X9"]), random.randint(1000, 99_999_999))


MAKERS = (card, iban, email, phone, number)


@pytest.mark.parametrize("piece", ["1", "1 ", "a@", "a.", "A-1", "order ", "my name is A", "(0", "+1 ", "DE12", "⟦", "www.", "password is ", "12 Baker "])
def test_no_text_takes_long(piece: str) -> None:
    began = time.process_time()
    redact(piece * (16_000 // len(piece)))
    assert time.process_time() - began < 1.5
