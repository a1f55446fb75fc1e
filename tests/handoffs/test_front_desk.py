"""The built-in assistant: answers what the articles answer, asks when torn, and knows what it does not know."""

import time
from collections.abc import Callable, Iterable

import pytest

from handoffs import conversations, handback, plugins, receiving, tasks, turns
from handoffs.assistants.front_desk import FrontDesk, index, look_up
from handoffs.models import Agent, Assistant, Conversation, Handoff, Team
from handoffs.policy import Policy
from handoffs.snapshots import Author, Brief, Line, Outcome, Proposal, Transcript
from tests.conftest import reload

ANSWERED = {
    "How do I cancel Pro?": "Cancel your plan",
    "I'd like to end my subscription": "Cancel your plan",
    "please stop renewing my membership": "Cancel your plan",
    "can I switch to the basic plan": "Change to another plan",
    "how expensive is the pro subscription": "What Pro includes",
    "Is it possible to pause the plan over summer?": "Pause your plan",
    "which day do you charge me": "When you are charged",
    "where can I download my invoice": "Find your invoices",
    "I want to pay with another card": "Change your card",
    "why was my card declined": "A payment was declined",
    "how long until my refund arrives": "How long a refund takes",
    "can I have my money back for the camera": "Get your money back for a device",
    "Where is my parcel?": "Follow your parcel",
    "is shipping free": "How long delivery takes",
    "tracking says delivered but I got nothing": "A parcel that is late or lost",
    "I put in the wrong delivery address": "Change the delivery address",
    "How can I return my camera?": "Send something back",
    "I'd like to exchange it for a different model": "Exchange for another model",
    "the camera arrived broken": "A device that is broken",
    "I can't log in to my account": "Reset your password",
    "I want to change the email on my account": "Change your e-mail or name",
    "please delete my account": "Delete your account",
    "my camera won't connect": "The camera is offline",
    "we got a new router, how do I change the wifi": "Put the camera on a new Wi-Fi",
    "how can I save a clip to my phone": "Download or share a clip",
    "we are moving to a new house next month": "Take your cameras to a new home",
    "can the camera be outside in the rain": "Mount a camera outside",
    "I get too many notifications": "Too many alerts",
}
TORN = ("plan", "my order", "card", "billing", "return", "change address", "something about a refund")
FOREIGN = (
    "what's the weather in Berlin tomorrow", "can you recommend a good restaurant", "how do I invest in stocks", "who won the match last night",
    "write a poem about cats", "book me a flight to Rome", "do you sell washing machines", "is there a job for me at your company",
    "my neighbour is too loud", "how do I bake bread", "does the doorbell speak Swedish", "the courier was rude to my grandmother",
    "do you have shops in Lisbon", "can I pay with bitcoin", "my dog ate the manual", "you charged me twice this month",
    "there is a charge I do not recognise", "the app crashes when I open it", "wo ist mein Paket", "?!", "🙂🙂",
)


def asking(*texts: str) -> Transcript:
    return Transcript(lines=tuple(Line(Author.CUSTOMER, text, number) for number, text in enumerate(texts, 1)))


@pytest.mark.parametrize("question", ANSWERED)
def test_a_clear_question_in_other_words_is_answered(question: str) -> None:
    said = FrontDesk().reply(asking(question))
    assert said.confidence is not None
    assert (said.sources, said.confidence >= Policy().answer_at) == (({"title": ANSWERED[question]},), True)


@pytest.mark.parametrize("question", TORN)
def test_half_a_question_leads_to_a_question_back(question: str) -> None:
    policy = Policy()
    assert policy.clarify_at <= look_up(question).confidence < policy.answer_at


@pytest.mark.parametrize("question", FOREIGN)
def test_what_the_articles_do_not_answer_is_not_answered(question: str) -> None:
    assert look_up(question).confidence < 0.7


def test_the_answer_is_the_articles_and_names_its_source() -> None:
    said = FrontDesk().reply(asking("How do I cancel Pro?"))
    assert said.text == "Open Settings, then Plan, then Cancel plan. You keep Pro until the day it would renew, and nothing is charged after that."
    assert [(tried.outcome, tried.detail, tried.shown) for tried in said.attempts] == [(Outcome.DONE, "Cancel your plan", False)]


def test_a_question_without_an_article_is_a_failed_attempt() -> None:
    said = FrontDesk().reply(asking("what is the capital of France"))
    assert [(tried.step, tried.outcome, tried.detail) for tried in said.attempts] == [
        ("Searched the help articles for “what is the capital of France”", Outcome.FAILED, "nothing fits")
    ]
    assert said.sources == ()


def test_the_question_back_names_the_two_likeliest_topics() -> None:
    said = FrontDesk().clarify(asking("something about a refund"))
    assert said.clarifying
    assert said.text == (
        "I want to be sure I understand. Is this about “Get your money back for a device”, or about “How long a refund takes”?"
    )


def test_the_answer_to_its_question_counts_together_with_the_first() -> None:
    lines = (Line(Author.CUSTOMER, "my refund"), Line(Author.ASSISTANT, "Which one?", clarifying=True), Line(Author.CUSTOMER, "how long it takes"))
    assert FrontDesk().reply(Transcript(lines=lines)).sources == ({"title": "How long a refund takes"},)


@pytest.mark.parametrize("text", ["Hello", "hi there!", "Thanks a lot", "ok thank you", "Bye", "That helped", "Good morning", "Are you a robot?"])
def test_small_talk_is_answered_kindly(text: str) -> None:
    assert FrontDesk().reply(asking(text)).intent == "small_talk"


def test_small_talk_does_not_repeat_itself() -> None:
    first = FrontDesk().reply(asking("hi")).text
    lines = (Line(Author.CUSTOMER, "hi"), Line(Author.ASSISTANT, first), Line(Author.CUSTOMER, "hello"))
    assert FrontDesk().reply(Transcript(lines=lines)).text != first


def test_the_wrap_up_repeats_nothing_and_asks_whether_that_was_all() -> None:
    assert FrontDesk().wrap_up(Brief(), "- Refunded €14.").text == "Is there anything else I can help you with?"


def test_an_answer_takes_less_than_twenty_milliseconds() -> None:
    index()
    start = time.thread_time()
    for question in ANSWERED:
        look_up(question)
    assert (time.thread_time() - start) / len(ANSWERED) < 0.02


def test_long_and_strange_text_is_read_in_reasonable_time() -> None:
    start = time.thread_time()
    FrontDesk().reply(asking("thank you " * 1600 + "\x00<script>"))
    assert time.thread_time() - start < 0.5


def test_a_new_chat_is_greeted_and_its_question_answered_by_the_worker(teams: dict[str, Team]) -> None:
    conversation = conversations.begin("Amara Osei")
    turns.take(conversation, "How do I cancel Pro?", client_id="1")
    tasks.answer()
    assert said_in(conversation) == [
        "Hi Amara. I’m Juniper, an AI. I can look things up for you. If you’d rather have a person, the button below is always there.",
        "How do I cancel Pro?",
        "Open Settings, then Plan, then Cancel plan. You keep Pro until the day it would renew, and nothing is charged after that.",
    ]


def test_words_that_come_while_it_thinks_are_answered_too(teams: dict[str, Team], monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(FrontDesk):
        def reply(self, transcript: Transcript) -> Proposal:
            turns.take(conversation, "How do I cancel Pro?", client_id="2")
            return super().reply(transcript)

    conversation = conversations.begin()
    turns.take(conversation, "Hello", client_id="1")
    with monkeypatch.context() as context:
        context.setitem(plugins.load("handoffs.assistants"), "front_desk", Interrupted())
        tasks.answer()
    tasks.answer()
    assert said_in(conversation)[1:3] == ["Hello", "How do I cancel Pro?"]
    assert said_in(conversation)[3].startswith("Open Settings, then Plan")


def test_what_it_cannot_answer_goes_to_a_person(teams: dict[str, Team]) -> None:
    conversation = conversations.begin()
    turns.take(conversation, "Do you have shops in Lisbon?", client_id="1")
    tasks.answer()
    assert Handoff.objects.get(conversation=conversation).trigger == "low_confidence"


def test_half_a_question_is_clarified_once_then_goes_to_a_person(teams: dict[str, Team]) -> None:
    conversation = conversations.begin()
    turns.take(conversation, "something about a refund", client_id="1")
    tasks.answer()
    conversation.refresh_from_db()
    assert (conversation.owner, conversation.turns.last().clarifying) == ("assistant", True)
    turns.take(conversation, "hmm, I don't know, it is complicated", client_id="2")
    tasks.answer()
    assert Handoff.objects.filter(conversation=conversation).exists()


def test_after_a_person_it_sums_up(teams: dict[str, Team], ann: Agent) -> None:
    conversation = conversations.begin()
    handoff = turns.ask_for_person(conversation)
    assert handoff is not None
    handoff = reload(handoff)
    ann.teams.add(handoff.team)
    receiving.claim(handoff, ann)
    handback.hand_back(reload(handoff), ann, resolution="Refunded €14")
    assert said_in(conversation)[-1] == "Is there anything else I can help you with?"


def test_no_id_of_an_outside_assistant_stands_in_the_wrap_ups_way(start: Callable[..., Conversation], front_desk: Assistant, ann: Agent) -> None:
    conversation = start(answered_by=front_desk)
    for number in range(9):
        turns.propose(conversation, Proposal(f"Part {number}", confidence=0.95), client_id=f"wrap-up-{number}")
    handoff = turns.ask_for_person(Conversation.objects.get(pk=conversation.pk))
    ann.teams.add(handoff.team)
    receiving.claim(reload(handoff), ann)
    handback.hand_back(reload(handoff), ann)
    assert reload(handoff).state == "handed_back"


def said_in(conversation: Conversation) -> Iterable[str]:
    return list(conversation.turns.values_list("text", flat=True))
