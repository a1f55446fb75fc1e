"""Every trigger keeps its own examples, and the written order decides which of several counts."""

import json
from dataclasses import replace
from itertools import groupby

import pytest

from handoffs import detection, plugins
from handoffs.learned.asking import asked
from handoffs.policy import Limits, Policy
from handoffs.snapshots import Action, Author, Detection, Line, Proposal, Question, Transcript
from handoffs.triggers.repeated_failure import alike

TRIGGERS = plugins.load("handoffs.triggers")
EXAMPLES = [(code, index) for code, trigger in TRIGGERS.items() for index in range(len(trigger.examples))]


def said(*texts: str) -> Transcript:
    return Transcript(lines=tuple(Line(Author.CUSTOMER, text, number) for number, text in enumerate(texts, 1)))


@pytest.mark.parametrize(("code", "index"), EXAMPLES)
def test_a_trigger_keeps_its_examples(code: str, index: int) -> None:
    transcript, fires = TRIGGERS[code].examples[index]
    assert (TRIGGERS[code].detect(transcript, Policy()) is not None) == fires


@pytest.mark.parametrize("code", list(TRIGGERS))
def test_a_trigger_explains_itself_and_has_examples_of_both_kinds(code: str) -> None:
    assert TRIGGERS[code].__doc__
    assert {fires for _, fires in TRIGGERS[code].examples} == {True, False}


def test_every_trigger_has_a_place_in_the_order() -> None:
    assert set(detection.ORDER) == set(TRIGGERS)


@pytest.mark.parametrize(
    "text",
    [
        "I want to speak to a human",
        "can i speak to someone",
        "agent",
        "representative!!",
        "put me through to an advisor",
        "give me a real person",
        "let me talk to your manager",
        "I don't want to talk to a bot",
        "are you a bot? get me a human",
        "please transfer me to customer service",
        "is there anyone I can talk to",
        "I’d rather speak with a person",
    ],
)
def test_asking_for_a_person_in_any_wording_fires(text: str) -> None:
    assert asked(text)


@pytest.mark.parametrize(
    "text",
    [
        "I don't need a human",
        "no need to talk to an agent, just tell me",
        'The page says "talk to a person", does that cost money?',
        "how many people can share an account?",
        "I sent money to someone",
        "my travel agent booked it",
        "the person who delivered it was rude",
        "I already talked to an agent yesterday and it is fine",
        "what is the agent number on my policy",
    ],
)
def test_negations_quotations_and_other_people_do_not_fire(text: str) -> None:
    assert not asked(text)


def test_the_customers_wish_counts_before_everything_else() -> None:
    judged = detection.detect(said("Someone is in my account, get me a real person"), Policy())
    assert [found.trigger for found in judged.detections] == ["explicit_request", "out_of_scope"]


def test_a_trigger_that_raises_costs_nobody_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        code = "broken"

        def detect(self, transcript: Transcript, policy: Policy) -> Detection | None:
            raise ValueError

    monkeypatch.setitem(TRIGGERS, "broken", Broken())
    assert detection.detect(said("agent please"), Policy()).action is Action.HAND_OFF


@pytest.mark.parametrize(("confidence", "action"), [(0.85, Action.ANSWER), (0.849, Action.CLARIFY), (0.75, Action.CLARIFY), (0.749, Action.HAND_OFF)])
def test_the_bands_end_where_the_policy_says(confidence: float, action: Action) -> None:
    transcript = Transcript(lines=said("Where is it?").lines, proposal=Proposal("There.", confidence=confidence))
    assert detection.detect(transcript, Policy()).action is action


def test_the_bands_follow_the_policy() -> None:
    transcript = Transcript(lines=said("Where is it?").lines, proposal=Proposal("There.", confidence=0.6))
    assert detection.detect(transcript, Policy(answer_at=0.6, clarify_at=0.5)).action is Action.ANSWER


def test_two_questions_about_different_things_are_not_the_same() -> None:
    assert alike("Where is my parcel?", "I asked where my parcel is")
    assert not alike("Where is my parcel?", "How do I return the camera?")


def test_the_bands_follow_the_intent() -> None:
    policy = Policy(limits={"refund": Limits(answer_at=0.95, clarify_at=0.9)})
    asked = said("Where is it?").lines
    actions = [detection.detect(Transcript(lines=asked, proposal=Proposal("There.", 0.92, intent)), policy).action for intent in ("Refund", "parcel")]
    assert actions == [Action.CLARIFY, Action.ANSWER]


def test_a_clarifying_question_is_asked_once_and_counted() -> None:
    line, question = said("Where is it?").lines[0], Line(Author.ASSISTANT, "Which one?", clarifying=True)
    unsure = Proposal("There.", 0.8)
    first, second, later = (
        detection.detect(Transcript(lines=lines, proposal=unsure), Policy())
        for lines in ((line,), (line, question, line), (line, question, line, Line(Author.ASSISTANT, "In Ulm."), line))
    )
    assert [each.action for each in (first, second, later)] == [Action.CLARIFY, Action.HAND_OFF, Action.CLARIFY]
    assert [each.detections[0].evidence["questions_asked"] for each in (first, second, later)] == [0, 1, 0]


def test_what_no_team_covers_is_handed_over_only_when_the_assistant_is_not_sure() -> None:
    strange = Line(Author.CUSTOMER, "Can you tune my grandmother's piano?", 1, intent_confidence=0.1)
    known = replace(strange, intent="pianos", intent_confidence=0.9)
    unread, chat = replace(strange, intent_confidence=None), replace(strange, text="Okay, thanks a lot!")
    cases = ((strange, 0.6), (strange, 0.8), (strange, 0.95), (known, 0.8), (unread, 0.8), (chat, 0.8))
    judged = [detection.detect(Transcript(lines=(line,), proposal=Proposal("Hm.", sure)), Policy()) for line, sure in cases]
    assert ["out_of_scope" in [found.trigger for found in each.detections] for each in judged] == [True, True, False, False, False, False]
    assert [each.action for each in judged[:2]] == [Action.HAND_OFF, Action.CLARIFY]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Where is my parcel?", "When will the package arrive?"),
        ("I can't log into my account", "cannot login to my acount"),
        ("My card has not been delivered", "still waiting for delivery of the card"),
        ("I want my money back for the camera", "money back for that camera please!!"),
    ],
)
def test_a_need_in_other_words_is_the_same_need(one: str, other: str) -> None:
    assert alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I see it, thank you", "You should see my location"),
        ("Yes", "Yes"),
        ("Friday at two", "Can we do it Friday instead? I have a meeting"),
        ("A-20817", "A-20991"),
    ],
)
def test_a_shared_word_is_not_a_need(one: str, other: str) -> None:
    assert not alike(one, other)


def test_who_says_that_they_repeat_themselves_is_believed_a_turn_earlier() -> None:
    judged = detection.detect(said("Where is my parcel?", "I already told you that my parcel is missing"), Policy())
    assert [(found.trigger, found.evidence) for found in judged.detections] == [("repeated_failure", {"times": 3, "turns": [1, 2], "words": "already told"})]


def test_everything_found_is_kept_in_the_written_order() -> None:
    lawyer = said("Where is it?", "My lawyer will hear of it. Cancel my plan, my dad passed away. Which stocks should I buy? Get me a real person")
    judged = detection.detect(lawyer, Policy())
    assert [found.trigger for found in judged.detections] == ["explicit_request", "humans_only", "out_of_scope", "compliance", "high_stakes"]


def test_the_order_asks_what_they_wish_then_whether_it_should_then_whether_it_can() -> None:
    questions = [detection.question_of(code) for code in detection.ORDER]
    assert [question for question, _ in groupby(questions)] == [Question.ASKED, Question.SHOULD, Question.CAN]
    assert detection.question_of("somebody's own") is None


def test_a_trigger_outside_the_order_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    class Eager:
        code = "a_new_one"

        def detect(self, transcript: Transcript, policy: Policy) -> Detection | None:
            return Detection(self.code, "Eager")

    monkeypatch.setitem(TRIGGERS, "a_new_one", Eager())
    judged = detection.detect(said("agent please"), Policy())
    assert [found.trigger for found in judged.detections] == ["explicit_request", "a_new_one"]


@pytest.mark.parametrize("code", list(TRIGGERS))
def test_a_trigger_says_why_in_values_that_can_be_kept(code: str) -> None:
    found = [TRIGGERS[code].detect(transcript, Policy()) for transcript, fires in TRIGGERS[code].examples if fires]
    assert all(each.trigger == code and each.reason and each.evidence for each in found)
    json.dumps([each.evidence for each in found])
