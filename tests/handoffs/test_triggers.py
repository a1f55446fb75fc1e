"""Every trigger keeps its own examples, and the written order decides which of several counts."""

import pytest

from handoffs import detection, plugins
from handoffs.learned.asking import asked
from handoffs.policy import Policy
from handoffs.snapshots import Action, Author, Detection, Line, Proposal, Transcript
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
