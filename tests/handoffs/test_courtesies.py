"""Thanks and goodbyes are told from words that ask for something, in every language customers' pages speak."""

import pytest

from handoffs.courtesies import asks_nothing


@pytest.mark.parametrize("text", [
    "Thanks!", "ok thank you so much Ann", "No thanks, that's all", "bye bye", "Have a great day", "Great, it works, thank you for your help",
    "Vielen Dank für Ihre Hilfe!", "Danke, schönen Abend noch", "Merci beaucoup, bonne journée", "C'est tout, merci", "Muchas gracias, hasta luego",
    "Muito obrigada, até logo", "شكرا جزيلا لك",
])
def test_who_only_thanks_asks_nothing(text: str) -> None:
    assert asks_nothing(text, to="Ann Example")


@pytest.mark.parametrize("text", [
    "", "ok", "yes", "👍", "Thanks, but it is still not refunded", "Thank you, when will it arrive?", "thanks?", "Are you still there", "No",
    "Danke, aber das Geld fehlt noch", "Merci, et ma commande ?", "Gracias pero no funciona", "thanks, 4471", "?", "Thanks Ben",
    "thank you " * 20,
])
def test_whoever_says_more_is_owed_an_answer(text: str) -> None:
    assert not asks_nothing(text, to="Ann Example")
