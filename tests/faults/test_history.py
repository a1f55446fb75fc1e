"""The check itself: it passes a good history, and names each way in which one can be broken."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.faults.history import check
from tests.faults.ledger import Act
from tests.faults.stored import Stored, StoredHandoff, StoredStep, StoredTurn

NOW = datetime(2031, 5, 4, tzinfo=UTC)
TURNS = (StoredTurn("c", 1, "customer", "m-1", "Hello"), StoredTurn("c", 2, "assistant", "m-2", "Good day"), StoredTurn("c", 3, "waiting_room", "", "Wait"),
         StoredTurn("c", 4, "agent", "m-3", "I am here"))
HANDED_OFF = StoredStep("h", "c", "handed_off", "", "", "waiting", 2)
CLAIMED = StoredStep("h", "c", "claimed", "ann", "waiting", "claimed", 3)
HELD = StoredHandoff("h", "c", "claimed", "ann", NOW + timedelta(seconds=30), "agent")
GOOD = Stored(NOW, {"c": 4}, TURNS, [("c", "talk-1")], {("c", "m-2"): 1}, (HANDED_OFF, CLAIMED), (HELD,), {"ann": 1})
ACTS = [
    Act("begin", "c", "talk-1", status=201),
    Act("customer", "c", "m-1", "Hello", number=1, status=201),
    Act("assistant", "c", "m-2", "Good day", number=2, action="answer", status=201),
    Act("claim", "c", agent="ann", handoff="h", status=200),
    Act("agent", "c", "m-3", "I am here", number=4, agent="ann", handoff="h", status=201),
    Act("customer", "c", "m-4", "Never answered", status=0),
]


def test_a_good_history_passes() -> None:
    assert check(ACTS, GOOD).is_good


def test_an_acknowledged_conversation_that_is_not_stored_is_lost() -> None:
    assert len(check([Act("begin", "other", "talk-2", status=201)], GOOD).lost) == 1


def test_a_conversation_begun_twice_by_one_name_is_doubled() -> None:
    verdict = check([*ACTS, Act("begin", "d", "talk-1", status=201)], replace(GOOD, conversations={"c": 4, "d": 0}, begun=[("c", "talk-1"), ("d", "talk-1")]))
    assert (len(verdict.doubled), verdict.lost) == (1, [])


def test_an_acknowledged_turn_that_is_not_stored_is_lost() -> None:
    verdict = check(ACTS, replace(GOOD, turns=TURNS[1:]))
    assert (len(verdict.lost), len(verdict.gaps)) == (1, 1)


def test_a_turn_under_another_number_than_was_acknowledged_is_lost() -> None:
    assert len(check([replace(ACTS[1], number=2)], GOOD).lost) == 1


def test_a_turn_stored_twice_is_doubled_even_when_nobody_was_told() -> None:
    twice = StoredTurn("c", 5, "customer", "m-4", "Never answered")
    stored = replace(GOOD, conversations={"c": 6}, turns=(*TURNS, twice, replace(twice, number=6, client_id="m-5")))
    assert len(check(ACTS, stored).doubled) == 1


def test_a_proposal_kept_twice_is_doubled() -> None:
    assert len(check(ACTS, replace(GOOD, proposals={("c", "m-2"): 2})).doubled) == 1


def test_a_number_left_out_is_a_gap() -> None:
    assert len(check([], replace(GOOD, conversations={"c": 5}, turns=(*TURNS[:3], replace(TURNS[3], number=5)))).gaps) == 1


def test_an_acknowledged_claim_without_its_step_is_lost() -> None:
    assert len(check([*ACTS, Act("claim", "c", agent="bob", handoff="h", status=200)], GOOD).lost) == 1


def test_an_acknowledged_handoff_that_is_not_there_is_lost() -> None:
    assert len(check([Act("hand_off", "c", handoff="other", status=201)], GOOD).lost) == 1


def test_an_acknowledged_decision_to_hand_off_without_its_handoff_is_lost() -> None:
    decided = replace(ACTS[1], action="hand_off", handoff="h")
    assert (check([decided], GOOD).lost, len(check([replace(decided, handoff="other")], GOOD).lost)) == ([], 1)


def test_two_owners_of_one_epoch_break_a_rule() -> None:
    stolen = replace(CLAIMED, agent="bob", from_state="claimed")
    assert len(check(ACTS, replace(GOOD, steps=(HANDED_OFF, CLAIMED, stolen), capacity={"ann": 1, "bob": 1})).rules) == 2


def test_a_claim_beyond_the_agents_room_breaks_a_rule() -> None:
    assert check(ACTS, replace(GOOD, capacity={"ann": 0})).rules == ["ann claimed up to 1 with room for 0"]


def test_an_open_handoff_nobody_will_look_at_breaks_a_rule() -> None:
    assert len(check(ACTS, replace(GOOD, handoffs=(replace(HELD, due_at=NOW - timedelta(seconds=1)),))).rules) == 1


def test_a_conversation_that_belongs_to_somebody_else_breaks_a_rule() -> None:
    assert len(check(ACTS, replace(GOOD, handoffs=(replace(HELD, owner="team"),))).rules) == 1


def test_two_open_handoffs_of_one_conversation_break_a_rule() -> None:
    other = replace(HELD, key="g")
    steps = (HANDED_OFF, CLAIMED, replace(HANDED_OFF, handoff="g", epoch=4), replace(CLAIMED, handoff="g", epoch=5))
    assert check(ACTS, replace(GOOD, steps=steps, handoffs=(HELD, other), capacity={"ann": 2})).rules == ["c has 2 open handoffs"]
