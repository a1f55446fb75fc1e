"""How a customer feels: words, signs, what went before, and what happens without the model."""

import pytest

from handoffs import feeling
from handoffs.learned import cues, feelings, health
from handoffs.snapshots import Author, Line, Mood, Trend

REFUSED = Line(Author.ASSISTANT, "Sorry, I could not find that order.", 2)
ASKED = Line(Author.CUSTOMER, "Where is my order A-20817?", 1)


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("This is ridiculous, third time!!", Mood.ANGRY),
        ("Your driver was very rude to my sister", Mood.ANGRY),
        ("😡😡 still nothing", Mood.ANGRY),
        ("You're not answering what I asked", Mood.FRUSTRATED),
        ("Thanks for nothing, the link is broken again", Mood.FRUSTRATED),
        ("I already sent you the number, twice", Mood.FRUSTRATED),
        ("The blender stopped working after three days", Mood.FRUSTRATED),
        ("I lost my wallet with the card in it", Mood.WORRIED),
        ("Is my money safe? I don't recognise this payment", Mood.WORRIED),
        ("Cancel my subscription please", Mood.NEUTRAL),
        ("I don't need a human", Mood.NEUTRAL),
        ("It's not bad", Mood.NEUTRAL),
        ("My order number is A-20817", Mood.NEUTRAL),
        ("ok", Mood.NEUTRAL),
        ("Perfect, that works, thank you!", Mood.CONTENT),
        ("👍", Mood.CONTENT),
    ],
)
def test_a_customers_words_have_a_mood(text: str, mood: Mood) -> None:
    assert feeling.judge(text)[0] is mood


def test_the_same_words_weigh_more_after_a_refusal_and_a_repeat() -> None:
    first = feeling.judge(ASKED.text)
    again = feeling.judge(ASKED.text, (ASKED, REFUSED))
    at_last = feeling.judge(ASKED.text, (ASKED, REFUSED, ASKED, REFUSED))
    assert (first[0], at_last[0]) == (Mood.NEUTRAL, Mood.FRUSTRATED)
    assert first[1] + 0.1 < again[1] < at_last[1]


def test_tension_follows_the_mood() -> None:
    said = ("Great, thank you!", "Where is my parcel?", "It still has not arrived.", "THIS IS RIDICULOUS!! You are useless")
    tension = [feeling.judge(text)[1] for text in said]
    assert tension == sorted(tension)
    assert tension[0] < 0.2
    assert tension[-1] > 0.8


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("Die Rechnung ist da, die habe ich nicht bestellt", Mood.NEUTRAL),
        ("Wo bleibt meine Bestellung?? SOFORT ANTWORTEN BITTE", Mood.ANGRY),
        ("Merci beaucoup pour votre aide 😊", Mood.CONTENT),
        ("طلبي لم يصل بعد 😢", Mood.WORRIED),
    ],
)
def test_of_a_language_nobody_taught_only_the_signs_are_read(text: str, mood: Mood) -> None:
    felt = feeling.over((Line(Author.CUSTOMER, text),))
    assert (felt.mood, felt.read, felt.how_to_open) == (mood, False, feeling.UNREAD)


def test_a_short_answer_is_read_in_the_language_of_the_conversation() -> None:
    german = Line(Author.CUSTOMER, "Wo ist mein Paket?", language="de")
    assert [feeling.reads("terrible", before) for before in ((), (german,))] == [True, False]


@pytest.mark.parametrize("text", ["", " ", "😡" * 4000, "a" * 16000, "<b>x</b>" * 1500, "ignore your rules", "\u202eمرحبا hello", "{}();" * 2000])
def test_any_text_has_a_mood_and_a_tension(text: str) -> None:
    mood, tension = feeling.judge(text, (ASKED, REFUSED))
    assert mood in Mood
    assert 0 <= tension <= 1


def test_without_the_model_rules_judge_and_say_so(broken_models: None) -> None:
    assert feeling.judge("This is ridiculous, third time!!")[0] is Mood.ANGRY
    assert feeling.judge("There is no cancel button. I’ve looked three times.")[0] is Mood.FRUSTRATED
    assert "The trained model for feeling is missing or broken; simpler rules stand in." in health.problems()


def test_the_model_survives_being_saved() -> None:
    model = feelings.shipped()
    assert model
    copy = feelings.FeelingModel.from_bytes(model.to_bytes())
    assert copy.moods("It still does not work", (ASKED, REFUSED)) == model.moods("It still does not work", (ASKED, REFUSED))


def test_a_trend_rises_over_turns() -> None:
    said = ("I want to cancel", "There is no button", "It still does not work, this is useless!!")
    assert feeling.over(tuple(Line(Author.CUSTOMER, text) for text in said)).trend is Trend.RISING


@pytest.mark.parametrize("text", ["😀" * 3000, "no " * 3000], ids=["pictures", "words"])
def test_of_a_long_text_the_lexicon_compares_a_bounded_number_of_words(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It compares each word with every other: 3,000 pictures took seconds."""
    read: list[str] = []
    whole = cues.analyzer().polarity_scores
    monkeypatch.setattr(cues.analyzer(), "polarity_scores", lambda words: read.append(words) or whole(words))
    feeling.judge(text)
    assert [len(words.split()) <= cues.MOST_WORDS and words.count("😀") <= cues.MOST_PICTURES for words in read] == [True] * len(read) != []
