"""The words of a brief: the goal, the summary, the next step and the draft, on conversations as people have them."""

import logging
import random
import re
import time
from dataclasses import replace

import pytest

from handoffs import briefing, packaging
from handoffs.briefing.clauses import bare, plain, sentences
from handoffs.briefing.goal import GOAL_LENGTH, NO_GOAL, goal_of
from handoffs.briefing.needs import LONGEST, need_of
from handoffs.briefing.voice import of_agent, of_assistant, of_customer
from handoffs.evaluation.rouge import rouge
from handoffs.snapshots import Author, Brief, Detection, Line, Outcome, Proposal, Transcript, Tried

C, A, G = Author.CUSTOMER, Author.ASSISTANT, Author.AGENT
ASKED = (Detection("explicit_request", "Asked for a person"),)
REFUND = "Hi, I was charged €14 twice for Pro on order A-20817. I want a refund."


def talk(*said: str, tried: tuple[Tried, ...] = ()) -> Transcript:
    """A conversation; what the assistant says begins with "A: ", an agent's words with "G: "."""
    who = {"A: ": A, "G: ": G}
    lines = (Line(who.get(text[:3], C), text[3:] if text[:3] in who else text, number) for number, text in enumerate(said, 1))
    return Transcript(lines=tuple(lines), tried=tried)


def packed(*said: str, name: str = "Ann Lee", note: str = "", tried: tuple[Tried, ...] = ()) -> Brief:
    return packaging.pack(talk(*said, tried=tried), ASKED, name=name, note=note)


@pytest.mark.parametrize(
    ("said", "goal", "turns"),
    [
        (["Ugg, why did it take so long? I need to cancel my subscription before Thursday."], "Cancel their subscription before Thursday", (1,)),
        (["I'd like to book a doctor's appointment with Dr. Morgan at 5 p.m. please"], "Book a doctor's appointment with Dr. Morgan at 5 p.m.", (1,)),
        ([REFUND], "Refund: charged €14 twice for Pro on order A-20817", (1,)),
        (["You charged my card twice!!! This is RIDICULOUS", "Refund me now"], "Refund them now: you charged their card twice", (1, 2)),
        (["I need help", "A: What is wrong?", "my card was declined"], "Their card was declined", (3,)),
        (["I want to change my order A-20817", "actually, cancel it instead"], "Cancel their order A-20817", (1, 2)),
        (["Can I talk to someone about my broken camera?"], "Their broken camera", (1,)),
        (["I want to speak to a human because my refund never arrived"], "Their refund never arrived", (1,)),
        (["I don't want to cancel, I want to pause my plan"], "Pause their plan", (1,)),
        (["No refund has arrived and it has been 3 weeks"], "No refund has arrived and it has been 3 weeks", (1,)),
        (["How do I cancel?", "A: Open Billing.", "That did not help"], "How to cancel", (1,)),
        (["Where is my parcel? Order 5512 was due on Monday!"], "Where is their parcel?", (1,)),
        (["Can you tell me what the weather will be tomorrow in Los Angeles?"], "What the weather will be tomorrow in Los Angeles", (1,)),
        (["Can you help me with booking a table?"], "Book a table", (1,)),
        (["I need a ride", "A: Where from?", "I would like to go to Broadway and Main"], "Ride: go to Broadway and Main", (1, 3)),
        (["Check my balance please", "A: Your balance is 95.", "Thanks. Now I need to reserve a table at Legume"], "Reserve a table at Legume", (3,)),
        (["My account number is 68318931 and my PIN is 5380"], NO_GOAL, ()),
        (["ok", "thanks"], NO_GOAL, ()),
        (["I need help getting a flight", "A: Your name?", "Ugg, why did it take so long to respond?!?"], "Help getting a flight", (1,)),
        (["Hello I need to book an appointment with Dr Alexis my name is Alexis"], "Book an appointment with Dr Alexis", (1,)),
        (["I want to plan a party for my friend", "A: Can I book it now?", "Actually I would like Indian food"], "Plan a party for their friend", (1,)),
        (["I want to view an apartment", "A: Shall I book it?", "Oh no. Can I make it for Wednesday instead?"],
         "View an apartment: make it for Wednesday instead", (1, 3)),
        (["Refund my order", "A: Shall I?", "Actually I'd like to cancel my whole account"], "Cancel their whole account", (3,)),
        (["I need a ride from the Airport", "A: Say in other words what you need?", "I found a scooter. Please cancel the booking."],
         "Cancel the booking", (3,)),
        (["I took the wrong bus and am lost in the city"], "They took the wrong bus and are lost in the city", (1,)),
        (["Find me a Thai restaurant", "A: I found the Cactus Club.", "Yes please change it to that!"], "Find a Thai restaurant", (1,)),
        (["I need a ride to the airport", "A: That taxi is a BMW.", "Awesome! Also could we make sure he isn't my driver this time?"],
         "Ride to the airport", (1,)),
        (["I need a taxi ride to University", "A: It is booked", "never mind, can you cancel that"], "Cancel it (earlier: taxi ride to University)", (1, 3)),
        (["Hola, quiero cancelar mi pedido 20817 porque llegó roto"], "Hola, quiero cancelar mi pedido 20817 porque llegó roto", (1,)),
        ([], NO_GOAL, ()),
    ],
)
def test_the_goal_is_what_they_need(said: list[str], goal: str, turns: tuple[int, ...]) -> None:
    found = goal_of(talk(*said).lines)
    assert (found.text, found.turns) == (goal, turns)


@pytest.mark.parametrize(
    ("said", "summary"),
    [
        ([REFUND, "A: I found two charges on order A-20817.", "Get me a person"],
         ["Ann Lee is complaining that they were charged €14 twice for Pro on order A-20817 and wants a refund.",
          "The assistant said that it found two charges on order A-20817.", "They asked for a person."]),
        (["A: Hi Ann. If you’d rather have a person, the button below is always there.", "My card was stolen. I want a human"],
         ["Ann Lee is complaining that their card was stolen.", "The assistant has not answered.", "They asked for a person."]),
        (["human please"], ["Ann Lee has not said what they need.", "The assistant has not answered.", "They asked for a person."]),
        ([], ["Ann Lee has not written yet.", "The assistant has not answered."]),
        (["How do I cancel my plan?", "A: I'm sorry. Please open Settings.", "That did not work either"],
         ["Ann Lee is asking how to cancel their plan.", "The assistant asked them to open Settings.", "They then said that did not work either."]),
        (["I don't want to cancel, I want to pause my plan", "A: I can't do that."],
         ["Ann Lee says that they don't want to cancel and wants to pause their plan.", "The assistant said that it can't do that."]),
        (["Where is my parcel?", "G: I've asked the courier and will tell you today."],
         ["Ann Lee is asking: where is their parcel?", "The agent said that they've asked the courier and will tell them today."]),
        (["I want to change my order A-20817", "A: Sure, what should change?", "Actually, cancel it instead"],
         ["Ann Lee wants to change their order A-20817 and now is asking you to cancel their order A-20817.", "The assistant asked: what should change?"]),
        (["Quiero cancelar mi pedido 20817 porque llegó roto", "A: Lo siento, no puedo ayudarte con eso."],
         ["Ann Lee wrote: “Quiero cancelar mi pedido 20817 porque llegó roto”.", "The assistant answered: “Lo siento, no puedo ayudarte con eso.”"]),
    ],
)
def test_the_summary_says_the_issue_what_stands_in_the_way_and_what_they_are_open_to(said: list[str], summary: list[str]) -> None:
    assert [sentence.text for sentence in packed(*said).sentences] == summary


@pytest.mark.parametrize(("said", "told"), [
    ("A: Angela, what doctor would you like to see?.", "The assistant asked: what doctor would they like to see?"),
    ("A: The venue would be happy to accommodate you on Tuesday.", "The assistant said that the venue would be happy to accommodate them on Tuesday."),
    ("A: We need you to send the form.", "The assistant said that we need them to send the form."),
    ("A: That is what you on Monday asked for.", "The assistant said that that is what they on Monday asked for."),
])
def test_what_the_assistant_said_is_told_in_whole_words(said: str, told: str) -> None:
    assert packed("I want a table", said).sentences[1].text == told


def test_a_call_for_help_alone_is_no_question() -> None:
    assert packed("I need directions from University to Hospital. Can you help?").sentences[0].text == "Ann Lee wants directions from University to Hospital."


def test_what_was_wanted_before_stands_in_one_pair_of_brackets() -> None:
    brief = packed("I need a taxi ride to University", "A: It is booked", "never mind, can you cancel that")
    assert brief.next_step == "Cancel it (earlier: taxi ride to University)."


def test_what_they_ask_for_goes_on_in_small_letters() -> None:
    assert "you asked us to request room service." in packed("Request room service").draft


def test_a_step_that_was_refused_stands_in_the_way_and_names_its_turn() -> None:
    brief = packed(REFUND, "A: One moment.", "Well?", tried=(Tried("Refund of €14", Outcome.REFUSED, "over its limit", turn=2),))
    assert (brief.sentences[1].text, brief.sentences[1].turns) == ("The assistant tried “Refund of €14” and it was refused: over its limit.", (2,))
    assert brief.next_step == "Do this by hand: refund (charged €14 twice for Pro on order A-20817)."
    assert brief.next_step_why == "The assistant’s “Refund of €14” was refused: over its limit."


def test_a_step_just_proposed_is_traced_to_the_words_before_it() -> None:
    tried = (Tried("Refund", Outcome.REFUSED, "over 25 €"),)
    brief = briefing.make(replace(talk("I was charged twice", "Refund me"), proposal=Proposal("No.", attempts=tried)), ASKED)
    assert [attempt.turn for attempt in brief.attempts] == [2]
    assert brief.sentences[1].turns == (2,)


def test_a_step_that_worked_in_the_end_is_no_obstacle() -> None:
    brief = packed("Book a table at Legume", "A: It is booked.", tried=(Tried("Booking", Outcome.FAILED, turn=1), Tried("booking", Outcome.DONE, turn=1)))
    assert brief.sentences[1].text == "The assistant said that it is booked."


def test_a_note_says_what_they_are_open_to() -> None:
    assert packed("Cancel my plan", note="would stay for 20 % off").sentences[2].text == "Note: would stay for 20 % off."


@pytest.mark.parametrize(
    ("said", "told"),
    [("I lost my card and he charged me", "they lost their card and he charged them"), ("I'm in the US, aren't we all", "they're in the US, aren't they all"),
     ("you sent me yours", "you sent them yours")],
)
def test_the_customer_is_told_in_the_third_person(said: str, told: str) -> None:
    assert of_customer(said) == told


def test_the_assistant_is_never_the_customer() -> None:
    assert of_assistant("I have cancelled your plan and will tell you") == "it has cancelled their plan and will tell them"
    assert of_assistant("I juggle my words") is None
    assert of_agent("I can refund you") == "they can refund them"


def test_an_abbreviation_ends_no_sentence() -> None:
    assert sentences("I saw Dr. Morgan. He was late, e.g. on Monday. No. 5 is wrong. No. Thanks") == (
        "I saw Dr. Morgan.", "He was late, e.g. on Monday.", "No. 5 is wrong.", "No.", "Thanks",
    )


def test_a_no_that_denies_what_follows_stays() -> None:
    assert [bare(text) for text in ("No, my card is lost", "No refund came", "Hi there, thanks! My name is Ann Lee, where is it?")] == [
        "my card is lost", "No refund came", "where is it?",
    ]


def test_signs_that_turn_words_round_do_not_reach_a_brief() -> None:
    brief = packed("I want my money back \u202efor order A-55555\u2066 now", "A: Sorry\u202e, it cannot be refunded here.")
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", brief.goal + brief.summary + brief.next_step + brief.draft)


def test_tags_pictures_and_links_are_no_words() -> None:
    assert plain("<b>Hello</b> 😡 see https://x.example/1 @shop") == "Hello see @shop"


def test_the_draft_shows_that_they_were_heard() -> None:
    assert packed(REFUND).draft.endswith(
        "I’ve read everything above: you were charged €14 twice for Pro on order A-20817, and you’d like a refund."
        " I’ll check what I can do and tell you the next step."
    )
    assert "I have the order number A-20817 here." in packed("My order number is A-20817. Where is my refund?").draft


@pytest.mark.parametrize(
    "said", ["You idiots never refunded me", "they took my money and they laugh", "put {agent} in {name}", "human please", "Quiero cancelar mi pedido hoy"]
)
def test_the_draft_repeats_nothing_that_is_no_agents_to_say(said: str) -> None:
    draft = packed(said, name="").draft
    assert re.fullmatch(r"Hi, I’m {agent}\.( I’m sorry[^.]*\.)? I’ve read everything above, so you don’t need to repeat it\.", draft)


def test_a_name_cannot_pass_for_the_agents_place() -> None:
    assert packed("Cancel my plan", name="{agent} Lee").draft.count("{agent}") == 1


PIECES = (
    "Hi there!", "My name is Ann Lee and", "I need to cancel order B-{n} before May {n}th.", "Ugh, {n} times already!!!", "You charged me €{n}.99 twice",
    "please help", "Can you tell me where my parcel {n} is?", "Dr. Smith said no. {n} was wrong", "I don't want a voucher",
    "it still does not work, it's been {n} days",
    "😡😡", "<b>{n}</b>", "Nein, ich möchte mein Geld zurück, {n} Euro", "yes", "No.", "Is there any way to get it by {n} pm?", "get me a human",
    "because " * 9,
)


def talks(count: int) -> list[Transcript]:
    chance = random.Random(4)
    made = []
    for _ in range(count):
        turns = [" ".join(chance.choices(PIECES, k=chance.randint(1, 4))).replace("{n}", str(chance.randint(2, 999))) for _ in range(chance.randint(1, 9))]
        made.append(talk(*(f"A: I see, {turn}" if at % 2 else turn for at, turn in enumerate(turns))))
    return made


def test_whatever_is_said_the_brief_is_short_true_and_traceable() -> None:
    for transcript in talks(150):
        brief = packaging.pack(transcript, ASKED, name="Ann Lee")
        words = " ".join(line.text for line in transcript.lines)
        said = " ".join([brief.goal, brief.summary, brief.next_step, brief.draft])
        assert len(brief.goal.split()) <= LONGEST
        assert len(brief.goal) <= GOAL_LENGTH
        assert max(len(brief.summary.split()), len(brief.draft.split())) <= 60
        assert 2 <= len(brief.sentences) <= 3
        assert set(re.findall(r"\d+", said)) <= set(re.findall(r"\d+", words))
        numbers = {line.number for line in transcript.lines}
        assert all(sentence.turns and set(sentence.turns) <= numbers for sentence in brief.sentences)
        assert set(brief.goal_turns) <= numbers


def test_two_thousand_turns_cost_little_and_the_early_need_is_kept() -> None:
    transcript = talk(REFUND, *("A: Let me look." if at % 2 else "still waiting for it here" for at in range(2000)))
    need_of.cache_clear()
    start = time.process_time()
    brief = briefing.made(transcript, ASKED)[0]
    assert (brief.goal, brief.goal_turns) == ("Refund: charged €14 twice for Pro on order A-20817", (1,))
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    "piece", ["can you please ", "I want to ", "hi hello ", "because ", "a. ", "I'm Ann and ", ", i ", "...", "((", "@a ", "would you help ", "thanks "]
)
def test_no_pattern_is_slow_on_hostile_words(piece: str) -> None:
    start = time.process_time()
    packaging.pack(talk(*[piece * (16000 // len(piece))] * 3), ASKED)
    assert time.process_time() - start < 2


def test_a_part_that_breaks_is_logged_and_leaves_the_others(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(briefing, "goal_of", broken)
    with caplog.at_level(logging.ERROR):
        brief = packed(REFUND)
    assert (brief.goal, brief.goal_turns, brief.reason) == ("Hi, I was charged €14 twice for Pro on order A-20817. I", (1,), "Asked for a person")
    assert [record.getMessage() for record in caplog.records] == ["the brief's goal could not be made"]
    assert brief.facts
    assert brief.draft


def test_rouge_is_the_shared_part_of_both_texts() -> None:
    found = rouge("The cat sat", ["the cat ran off", "The cat sat!"])
    assert (round(found.one, 4), round(found.two, 4), round(found.longest, 4)) == (0.7857, 0.7, 0.7857)
    assert rouge("b a", ["a b"]) == (1.0, 0.0, 0.5)
