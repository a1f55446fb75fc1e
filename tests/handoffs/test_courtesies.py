"""Thanks and goodbyes are told from words that ask for something, in every language customers' pages speak."""

import pytest

from handoffs.courtesies import asks_nothing


@pytest.mark.parametrize("text", [
    "Thanks!", "ok thank you so much Ann", "No thanks, that's all", "nein danke", "Non merci", "Nothing else, thank you", "bye bye",
    "Have a great day", "Great, it works, thank you for your help",
    "Vielen Dank für Ihre Hilfe!", "Danke, schönen Abend noch", "Merci beaucoup, bonne journée", "C'est tout, merci", "Muchas gracias, hasta luego",
    "Muito obrigada, até logo", "شكرا جزيلا لك",
])
def test_who_only_thanks_asks_nothing(text: str) -> None:
    assert asks_nothing(text, to="Ann Example")


@pytest.mark.parametrize("text", [
    "", "!!", "yes", "No", "help me", "Thanks, but it is still not refunded", "Thank you, when will it arrive?", "thanks?",
    "Are you still there", "Nothing works, thanks", "No reply. Thanks.", "Thanks for nothing", "No help, bye",
    "Danke, aber das Geld fehlt noch", "Merci, et ma commande ?", "Gracias pero no funciona", "thanks, 4471", "?", "Thanks Ben",
    "thank you " * 20,
])
def test_whoever_says_more_is_owed_an_answer(text: str) -> None:
    assert not asks_nothing(text, to="Ann Example")


@pytest.mark.parametrize("text", ["ok", "Great!", "👍", "Alles klar", "d'accord", "تمام"])
def test_what_an_agent_said_is_taken_but_not_what_they_asked(text: str) -> None:
    assert [asks_nothing(text, after=said) for said in ("I have refunded the second charge.", "Shall I refund it?")] == [True, False]


def test_thanks_for_a_question_may_be_a_yes_but_not_when_it_was_whether_there_is_more() -> None:
    asked = ("Shall I cancel the order?", "Is there anything else I can do?")
    assert [[asks_nothing(text, after=after) for after in asked] for text in ("Yes, thanks", "No thanks")] == [[False, True], [True, True]]
