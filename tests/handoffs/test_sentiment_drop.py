"""A mood that falls turn after turn hands over before the customer asks; one cross word does not."""

import json

import pytest

from handoffs import detection
from handoffs.publishing import STANDARD
from handoffs.snapshots import Action, Author, Line, Mood, Transcript
from handoffs.triggers.sentiment_drop import SentimentDrop


def felt(*tension: float) -> Transcript:
    """A customer whose turns were judged so."""
    return Transcript(lines=tuple(Line(Author.CUSTOMER, f"words {n}", n, mood=Mood.FRUSTRATED, tension=value) for n, value in enumerate(tension, 1)))


@pytest.mark.parametrize(
    ("tension", "falls"),
    [
        ((0.3, 0.6, 0.7), True),
        ((0.3, 0.66, 0.63), True),
        ((0.6, 0.7), True),
        ((0.3, 0.9), False),
        ((0.7,), False),
        ((0.3, 0.5, 0.7), False),
        ((0.3, 0.35, 0.4, 0.42), False),
        ((0.3, 0.9, 0.62), False),
        ((0.3, 0.7, 0.3, 0.7), False),
        ((0.7, 0.7, 0.7, 0.7, 0.7), False),
    ],
)
def test_a_run_of_tense_turns_below_what_was_before_is_a_fall(tension: tuple[float, ...], falls: bool) -> None:
    assert (SentimentDrop().detect(felt(*tension), STANDARD) is not None) == falls


def test_a_team_may_wait_for_more_turns() -> None:
    patient = STANDARD.model_copy(update={"mood_falls": 3})
    found = [SentimentDrop().detect(felt(*tension), patient) is not None for tension in ((0.3, 0.6, 0.7), (0.3, 0.56, 0.6, 0.7))]
    assert found == [False, True]


def test_the_evidence_is_the_tension_the_turns_and_the_words() -> None:
    found = SentimentDrop().detect(felt(0.3, 0.6, 0.7), STANDARD)
    assert found
    assert json.loads(json.dumps(found.evidence)) == {"tension": [0.3, 0.6, 0.7], "turns": [2, 3], "words": "words 3"}


def test_words_nobody_judged_yet_are_judged_and_hand_over() -> None:
    said = ("Where is my parcel?", "It has been two weeks and it still has not arrived.", "You keep telling me the same useless thing!!")
    judged = detection.detect(Transcript(lines=tuple(Line(Author.CUSTOMER, text, n) for n, text in enumerate(said, 1))), STANDARD)
    assert (judged.action, "sentiment_drop" in [found.trigger for found in judged.detections]) == (Action.HAND_OFF, True)
