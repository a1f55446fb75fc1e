"""What Baton does by itself: the check names what came twice, and lets the same words be said again when there is a reason."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.faults import repeated
from tests.faults.ledger import Act
from tests.faults.stored import Stored, StoredStep, StoredTurn

NOW = datetime(2031, 5, 4, tzinfo=UTC)
Said = tuple[str, str, str, str, int]  # author, client id, words, kind, seconds
WAIT: Said = ("waiting_room", "", "You’re second in line.", "check_in", 0)
REPLY: Said = ("assistant", "reply-1", "It is on its way.", "message", 0)


def stored(*said: Said) -> Stored:
    turns = [StoredTurn("c", number, author, client_id, words, kind, NOW + timedelta(seconds=seconds))
             for number, (author, client_id, words, kind, seconds) in enumerate(said, 1)]
    return Stored(NOW, {"c": len(turns)}, turns)


def later(said: Said, seconds: int, client_id: str = "") -> Said:
    return said[0], client_id or said[1], *said[2:4], seconds


@pytest.mark.parametrize("said", [
    (WAIT, later(WAIT, 1)),
    (WAIT, ("waiting_room", "", "Nobody is free yet.", "notice", 1), later(WAIT, 2)),
    (REPLY, later(REPLY, 3, "reply-2")),
    (("customer", "m-1", "Where is it?", "message", 0), REPLY, later(REPLY, 0, "wrap-up-1")),
    (("waiting_room", "", "Ann has joined.", "joined", 0), ("waiting_room", "", "Ann has joined.", "joined", 1)),
], ids=["check_in", "with_another_between", "reply", "after_a_question", "joined"])
def test_the_same_words_twice_are_doubled(said: tuple[Said, ...]) -> None:
    assert len(list(repeated.words([], stored(*said)))) == 1


@pytest.mark.parametrize("said", [
    (WAIT, later(WAIT, 60)),
    (WAIT, ("customer", "m-1", "How long?", "message", 1), later(WAIT, 2)),
    (WAIT, ("waiting_room", "", "Ann has joined.", "joined", 1), ("waiting_room", "", "Ann is away.", "returned", 2), later(WAIT, 3)),
    (REPLY, ("customer", "m-1", "And the other?", "message", 1), later(REPLY, 2, "reply-2")),
    (WAIT, ("waiting_room", "", "You’re next.", "check_in", 1)),
], ids=["when_it_is_time_again", "when_asked", "after_moves", "to_another_question", "other_words"])
def test_the_same_words_with_a_reason_are_not(said: tuple[Said, ...]) -> None:
    assert list(repeated.words([], stored(*said))) == []


def test_what_a_caller_says_is_theirs_to_repeat() -> None:
    said = stored(REPLY, later(REPLY, 1, "reply-2"))
    assert list(repeated.words([Act("assistant", "c", "reply-1"), Act("assistant", "c", "reply-2")], said)) == []


HANDED_OFF = StoredStep("h", "c", "handed_off", "", "", "waiting", 2)
RELEASED = StoredStep("h", "c", "released", "ann", "claimed", "waiting", 4)
TOLD = StoredStep("h", "c", "checked_in", "", "", "", 0, "10:05")
ALARMED = StoredStep("h", "c", "alarmed", "", "", "", 0)


@pytest.mark.parametrize(("done", "twice"), [
    ((HANDED_OFF, TOLD, TOLD), 1), ((HANDED_OFF, TOLD, StoredStep("h", "c", "checked_in", "", "", "", 0, "10:07")), 0),
    ((HANDED_OFF, ALARMED, TOLD, ALARMED), 1), ((HANDED_OFF, ALARMED, RELEASED, ALARMED), 0),
])
def test_a_check_in_and_an_alarm_are_one(done: tuple[StoredStep, ...], twice: int) -> None:
    assert len(list(repeated.steps(Stored(NOW, {}, steps=done)))) == twice
