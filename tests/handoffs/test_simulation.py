"""Replays: history under two policies, judged by what judges live, with its intervals and what it cannot know."""

import gzip
import json
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from handoffs import handback, receiving, simulation, tasks, turns, verdicts
from handoffs.learned.calibration import Map
from handoffs.learned.estimates import Side, wrong_share
from handoffs.models import Agent, Conversation, Flip, Handoff, PolicyVersion, Replay
from handoffs.policy import Policy
from handoffs.simulation import imported, replays, stored
from handoffs.simulation.engine import Engine, Outcome
from handoffs.simulation.load import Staff, erlang_c, waits
from handoffs.simulation.stories import Event, HandedBack, HandedOff, Proposed, Said, Story
from handoffs.simulation.tally import Tally
from handoffs.snapshots import Author, Detection, Line, Proposal, Tried
from handoffs.snapshots import Outcome as Result
from handoffs.states import Owner

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday


def customer(text: str, after: float = 0) -> Said:
    return Said(Line(Author.CUSTOMER, text), MORNING + timedelta(seconds=after))


def assistant(text: str, after: float = 0) -> Said:
    return Said(Line(Author.ASSISTANT, text), MORNING + timedelta(seconds=after))


def proposed(confidence: float, after: float = 0, *, given: bool = True, text: str = "Print the label.", **more: Any) -> Proposed:
    return Proposed(Proposal(text, confidence, **more), MORNING + timedelta(seconds=after), given=given)


def replay(*events: Event, draft: Policy | None = None, live: Policy | None = None, **more: Any) -> Outcome:
    engine = Engine(live or Policy(), draft or Policy(), lambda *_: "general", more.pop("worth", None))
    return engine.replay(Story("c-1", "amara", events, MORNING, **more))


HOW = customer("How do I return it?")
BOLD, SHY = Policy(answer_at=0.6, clarify_at=0.5), Policy(answer_at=0.95, clarify_at=0.92)


def test_the_same_policy_changes_nothing() -> None:
    found = replay(HOW, proposed(0.3, given=False), HandedOff(MORNING))
    assert (found.flip, len(found.live.handings), len(found.draft.handings), found.draft.unknown) == (None, 1, 1, False)


def test_a_stricter_draft_hands_off_where_the_assistant_answered() -> None:
    found = replay(HOW, proposed(0.9), assistant("Print the label."), draft=SHY)
    assert (found.live.handings, [handing.trigger for handing in found.draft.handings]) == ([], ["low_confidence"])
    assert (found.flip.words, found.flip.before["action"], found.flip.after["action"]) == ("How do I return it?", "answer", "hand_off")
    assert found.flip.after["confidence"] == 0.9


def test_what_follows_a_handoff_the_draft_does_not_make_is_unknown() -> None:
    found = replay(HOW, proposed(0.7, given=False), HandedOff(MORNING), draft=BOLD)
    assert (found.draft.handings, found.draft.unknown, found.live.unknown) == ([], True, False)
    assert [answer.given for answer in found.draft.answers] == [False]


def test_words_after_another_handoff_are_not_judged() -> None:
    found = replay(HOW, proposed(0.9), assistant("Print the label."), customer("Get me a real person", 5), HandedOff(MORNING), draft=SHY)
    assert [handing.trigger for handing in found.draft.handings] == ["low_confidence"]
    assert [handing.trigger for handing in found.live.handings] == ["explicit_request"]
    assert not found.draft.unknown


def test_the_button_hands_off_under_every_policy() -> None:
    pressed = HandedOff(MORNING, Detection("explicit_request", "Asked for a person", {"button": True}))
    found = replay(HOW, pressed, draft=BOLD)
    assert (len(found.live.handings), len(found.draft.handings), found.flip) == (1, 1, None)


def test_a_question_first_keeps_the_customers_next_words() -> None:
    found = replay(HOW, proposed(0.9), assistant("Print it."), customer("Thanks"), draft=Policy(answer_at=0.95, clarify_at=0.5))
    assert (found.assumed, found.draft.asked, found.live.asked, found.flip.after["action"]) == (True, True, False, "clarify")


def test_owed_silence_is_judged_by_each_policys_own_patience() -> None:
    found = replay(HOW, proposed(0.9, 45), assistant("Print it.", 45), draft=Policy(silent_after=60))
    assert ([handing.trigger for handing in found.live.handings], found.draft.handings) == (["assistant_failed"], [])


def test_a_silence_history_handed_off_is_unknown_to_a_more_patient_draft() -> None:
    found = replay(HOW, HandedOff(MORNING + timedelta(seconds=31), silent_for=30), draft=Policy(silent_after=60))
    assert (len(found.live.handings), found.draft.handings, found.draft.unknown) == (1, [], True)


def test_a_conversation_handed_back_goes_on_where_both_agree() -> None:
    found = replay(HOW, proposed(0.3, given=False), HandedOff(MORNING), customer("hello?"), HandedBack(MORNING), HOW, proposed(0.9), draft=SHY)
    assert (len(found.live.handings), len(found.draft.handings)) == (1, 2)


def test_failed_steps_of_earlier_proposals_count() -> None:
    failed = (Tried("Look it up", Result.FAILED),)
    found = replay(HOW, proposed(0.9, attempts=failed), assistant("One moment."), proposed(0.9, text="Still looking.", attempts=failed))
    assert [handing.trigger for handing in found.live.handings] == ["repeated_failure"]


def test_a_draft_may_use_what_a_confidence_turned_out_to_be_worth() -> None:
    worth = {"juniper": Map((0.0, 1.0), (0.0, 0.5), 100)}
    found = replay(HOW, proposed(0.98), draft=Policy(calibrated=True), worth=worth, calibrated_by="juniper")
    assert (found.live.handings, len(found.draft.handings), found.flip.after["evidence"]["confidence"]) == ([], 1, 0.49)


def test_a_turn_of_a_long_conversation_takes_no_longer_than_one_of_a_short() -> None:
    chance = random.Random(1)

    def words() -> str:
        return " ".join("".join(chance.choices("bdfgklmnprstvz", k=7)) for _ in range(6))

    def seconds(turns: int) -> float:
        """Per turn, the turns judged with 200 lines before them."""
        events = [event for _ in range(turns) for event in (customer(words()), assistant(words()))]
        start = time.process_time()
        found = replay(*events)
        assert (found.events, found.live.handings) == (2 * turns, [])
        return (time.process_time() - start) / turns

    seconds(50)
    assert seconds(1200) < 4 * seconds(200)


def test_intervals_draw_customers_and_hold_the_share() -> None:
    tally, rng = Tally(), np.random.default_rng(0)
    for number in range(300):
        talks = int(rng.integers(1, 4))
        tally.add("all", f"customer {number}", talks)
        tally.add("part", f"customer {number}", talks if number % 4 == 0 else 0)
    share = tally.share("part", "all")
    assert share.low < share.value < share.high
    assert 0.03 < share.high - share.value < 0.07
    assert tally.share("none", "all").low == 0.0 < tally.share("none", "all").high < 0.02
    assert tally.difference("part", "all", "all").value == pytest.approx(1 - share.value)


def test_nothing_at_all_has_shares_of_nothing() -> None:
    assert Tally().share("part", "all").plain == {"value": 0.0, "low": 0.0, "high": 1.0}


def test_the_wrong_share_needs_judged_answers_on_both_sides() -> None:
    given, held = Side(), Side()
    given.answers, held.answers = 100, 100
    for number in range(50):
        given.add(number % 10 == 0, f"{number}")
    assert wrong_share((given, held)) is None
    for number in range(20):
        held.add(number % 2 == 0, f"held {number}", 0.1)
    found = wrong_share((given, held))
    assert found is not None
    assert found.value == pytest.approx(0.3)
    assert 0.18 < found.low < 0.22 < 0.38 < found.high < 0.43


def test_several_answers_for_one_customer_are_worth_less() -> None:
    many, few = Side(), Side()
    many.answers = few.answers = 100
    for number in range(100):
        many.add(number % 20 < 10, f"{number}")
        few.add(number % 20 < 10, f"{number // 10}")
    one, other = wrong_share((many,)), wrong_share((few,))
    assert one is not None
    assert other is not None
    assert other.high - other.low > 2 * (one.high - one.low)


def test_erlang_c_is_the_published_table() -> None:
    found = erlang_c(np.array([0.5, 8.0, 90.0]), np.array([1.0, 10.0, 100.0]))
    assert found == pytest.approx([0.5, 0.4092, 0.2169], abs=1e-3)


def test_an_hour_with_more_work_than_hands_is_counted_not_averaged() -> None:
    arrivals, room = np.zeros(168), np.full(168, 2.0)
    arrivals[9], arrivals[10] = 6, 20
    seconds, overloaded = waits(arrivals, Staff(600, room))
    # One erlang on two hands: a third waits, 600 s each on average.
    assert (seconds, overloaded) == (pytest.approx(200), 1)


# On stored conversations


@pytest.fixture
def draft(cara: Agent) -> Callable[..., PolicyVersion]:
    return lambda **values: PolicyVersion.objects.create(body=values, made_by=cara, published_at=None)


def now(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


def talk(conversation: Conversation, confidence: float, words: str = "How do I return it?", **more: Any) -> turns.Decision:
    turns.take(conversation, words, client_id=f"t{confidence}")
    return turns.propose(now(conversation), Proposal("Print the label.", confidence, **more), client_id=f"p{confidence}")


def test_a_replay_of_what_happened_says_what_happened(start: Callable[..., Conversation], cara: Agent) -> None:
    answered, handed, asked, pressed, back = (start() for _ in range(5))
    talk(answered, 0.9, attempts=(Tried("Looked it up", Result.DONE),))
    talk(handed, 0.2, intent="returns")
    turns.take(asked, "agent please")
    turns.take(pressed, "Hello")
    turns.ask_for_person(now(pressed))
    first = talk(back, 0.3).handoff
    receiving.claim(first, cara)
    handback.hand_back(Handoff.objects.get(pk=first.pk), cara)
    talk(now(back), 0.1, "And my invoice?")
    engine = Engine(Policy(), Policy(), lambda *_: "general")
    found = {story.name: engine.replay(story) for story in stored.stories()}
    triggers = {name: [handing.trigger for handing in outcome.live.handings] for name, outcome in found.items()}
    assert triggers == {
        str(answered.pk): [], str(handed.pk): ["low_confidence"], str(asked.pk): ["explicit_request"], str(pressed.pk): ["explicit_request"],
        str(back.pk): ["low_confidence", "low_confidence"],
    }
    assert not any(outcome.live.unknown for outcome in found.values())
    assert found[str(handed.pk)].intent == "returns"


def test_what_was_decided_live_is_decided_again(start: Callable[..., Conversation]) -> None:
    chance = random.Random(3)
    words = ("Where is my parcel?", "It still has not come", "THIS IS THE THIRD TIME!!", "My lawyer will hear of this", "Thanks", "And the invoice?",
             "I want to speak to a person", "Refund my 900 euros", "Where is it, my parcel?", "💩", "ok")
    for _ in range(40):
        conversation = start()
        for number in range(chance.randrange(1, 7)):
            turns.take(now(conversation), chance.choice(words))
            if now(conversation).owner != Owner.ASSISTANT:
                break
            tried = tuple(Tried("Looked it up", chance.choice(list(Result))) for _ in range(chance.randrange(2)))
            answer = Proposal(chance.choice(("It comes on Monday.", "Please wait.", "See your account.")), chance.choice((0.95, 0.9, 0.8, 0.6)),
                              attempts=tried, facts={"order": f"A-{number}"}, failed=chance.choice(("", "", "", "", "", "no answer")))
            if turns.propose(now(conversation), answer, client_id=f"{number}").handoff:
                break
    engine = Engine(Policy(), Policy(), lambda *_: "general")
    for story in stored.stories():
        row, found = Conversation.objects.get(pk=story.name), engine.replay(story).live
        assert [handing.trigger for handing in found.handings] == list(row.handoffs.values_list("trigger", flat=True))
        assert [answer.proposal.text for answer in found.answers] == list(row.turns.filter(author="assistant").values_list("text", flat=True))
        assert not found.unknown
    assert 10 < Handoff.objects.count() < 40


def test_a_thousand_conversations_need_no_more_queries_than_one_chunk(start: Callable[..., Conversation]) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            list(stored.stories())
        return len(seen)

    talk(start(), 0.9)
    few = queries()
    for _ in range(10):
        talk(start(), 0.9)
    assert queries() == few


def test_a_worker_does_what_is_due_and_keeps_what_it_found(start: Callable[..., Conversation], cara: Agent, draft: Callable[..., PolicyVersion]) -> None:
    for _ in range(3):
        talk(start(), 0.9)
    talk(start(), 0.2)
    asked = simulation.ask(draft(answer_at=0.95, clarify_at=0.92), cara)
    tasks.replay()
    row = Replay.objects.get(pk=asked.pk)
    assert (row.state, row.done, row.total) == (Replay.State.DONE, 4, 4)
    assert (row.result["handed_off"]["live_count"], row.result["handed_off"]["draft_count"]) == (1, 4)
    assert row.result["handed_off"]["difference"]["value"] == 0.75
    assert row.result["flips"] == {"total": 3, "kept": 3, "kinds": [{"before": "answer", "after": "hand_off", "count": 3}]}
    assert [(reason["trigger"], reason["live"], reason["draft"]) for reason in row.result["reasons"]] == [("low_confidence", 1, 4)]
    assert Flip.objects.filter(replay=row, conversation__isnull=False, words="How do I return it?").count() == 3
    assert simulation.work() is None


def test_what_a_bolder_draft_would_answer_is_known_from_judged_drafts(
    start: Callable[..., Conversation], cara: Agent, draft: Callable[..., PolicyVersion], policy: Callable[..., PolicyVersion]
) -> None:
    policy(shadow_share=1.0)
    for number in range(24):
        decision = talk(start(), 0.9 if number % 2 else 0.7)
        verdicts.judge(decision.conversation.proposals.get(), number % 4 == 1, cara)
    simulation.ask(draft(answer_at=0.6, clarify_at=0.5), cara)
    wrong = simulation.work() and Replay.objects.get().result["wrong"]
    assert (wrong["answers_live"], wrong["answers_draft"], wrong["judged_live"], wrong["judged_held"]) == (12, 24, 12, 12)
    assert (wrong["live"]["value"], wrong["draft"]["value"]) == (0.5, 0.75)


def test_without_judged_drafts_the_error_is_not_covered(start: Callable[..., Conversation], cara: Agent, draft: Callable[..., PolicyVersion]) -> None:
    talk(start(), 0.7)
    talk(start(), 0.3)
    simulation.ask(draft(answer_at=0.6, clarify_at=0.5), cara)
    found = simulation.work() and Replay.objects.get().result
    assert (found["wrong"]["draft"], found["not_covered"]["answers"], found["not_covered"]["conversations"]) == (None, 1, 1)
    assert any("not covered" in words for words in found["cannot_know"])


def test_asking_again_cancels_the_unfinished(cara: Agent, draft: Callable[..., PolicyVersion]) -> None:
    version = draft()
    first, second = simulation.ask(version, cara), simulation.ask(version, cara)
    assert (Replay.objects.filter(pk=first.pk).exists(), simulation.newest(version)) == (False, second)


def test_a_replay_deleted_under_way_stops_and_leaves_nothing(cara: Agent, draft: Callable[..., PolicyVersion]) -> None:
    asked = simulation.ask(draft(answer_at=0.95, clarify_at=0.92), cara, imported=packed(conversation(1)))
    assert replays._take(asked, timezone.now())
    simulation.cancel(asked)
    with pytest.raises(replays.Cancelled):
        replays._run(asked)
    assert (Replay.objects.count(), Flip.objects.count()) == (0, 0)


def test_a_lost_worker_is_replaced_and_one_lost_for_an_hour_is_given_up(cara: Agent, draft: Callable[..., PolicyVersion]) -> None:
    asked = simulation.ask(draft(), cara)
    ago = timezone.now() - timedelta(minutes=2)
    Replay.objects.filter(pk=asked.pk).update(state="running", started_at=ago, beat_at=timezone.now())
    assert simulation.work() is None
    Replay.objects.filter(pk=asked.pk).update(beat_at=ago)
    assert simulation.work().pk == asked.pk
    Replay.objects.filter(pk=asked.pk).update(state="running", started_at=timezone.now() - timedelta(hours=2), beat_at=ago)
    assert (simulation.work(), Replay.objects.get().state) == (None, "failed")
    assert Replay.objects.get().error.startswith("It was stopped again")


# Imports


def packed(*conversations: Any) -> bytes:
    return gzip.compress("\n".join(each if isinstance(each, str) else json.dumps(each) for each in conversations).encode())


def conversation(number: int, confidence: float = 0.9, **more: Any) -> dict[str, Any]:
    events = [
        {"type": "customer", "text": "How do I return it?", "at": "2026-03-02T09:00:00Z"},
        {"type": "proposal", "text": "Print the label.", "confidence": confidence, "at": "2026-03-02T09:00:02Z", "attempts": [{"step": "Looked it up"}]},
        {"type": "assistant", "text": "Print the label.", "at": "2026-03-02T09:00:02Z"},
    ]
    return {"id": f"c-{number}", "customer": f"u-{number}", "events": events, **more}


def test_an_import_runs_and_reports_each_broken_line(cara: Agent, draft: Callable[..., PolicyVersion], teams: Any) -> None:
    lines = (conversation(1), "{", conversation(2, 7.5), {"id": "c-3"}, "", conversation(4, 0.5), "[" * 100_000, '{"id": "\\ud800\\u0000", "events": []}')
    simulation.ask(draft(answer_at=0.95, clarify_at=0.92), cara, imported=packed(*lines))
    simulation.work()
    found = Replay.objects.get()
    assert (found.state, found.result["source"], found.result["conversations"]) == ("done", "import", 3)
    assert (found.result["broken"]["count"], [each["line"] for each in found.result["broken"]["first"]]) == (4, [2, 3, 4, 7])
    assert found.result["broken"]["first"][1]["reason"].startswith("events.1.confidence")
    assert [(flip.name, flip.conversation) for flip in found.flips.all()] == [("c-1", None)]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", -1e300])
def test_a_time_beyond_every_calendar_breaks_its_line_alone(cara: Agent, draft: Callable[..., PolicyVersion], teams: Any, at: str | float) -> None:
    odd = conversation(2, 0.3)
    for event in odd["events"]:
        event["at"] = at
    simulation.ask(draft(), cara, imported=packed(conversation(1), odd))
    simulation.work()
    assert (Replay.objects.get().state, Replay.objects.get().result["broken"]["count"]) == ("done", 1)


@pytest.mark.parametrize("body", [b"", b"not a gzip", packed(conversation(1))[:-4]])
def test_a_file_that_is_no_gzip_is_refused_with_a_word(cara: Agent, draft: Callable[..., PolicyVersion], body: bytes) -> None:
    with pytest.raises(simulation.Unfit, match="gzip"):
        simulation.ask(draft(), cara, imported=body)


@pytest.mark.parametrize("line", [b"x" * 999 + b"\n", b"x"])
def test_a_small_file_that_unpacks_to_a_giant_fails_with_a_word(cara: Agent, draft: Callable[..., PolicyVersion], monkeypatch: pytest.MonkeyPatch,
                                                                line: bytes) -> None:
    monkeypatch.setattr(imported, "LARGEST_UNPACKED", 10 * imported.LONGEST_LINE)
    simulation.ask(draft(), cara, imported=gzip.compress(line * (12 * imported.LONGEST_LINE // len(line)), 1))
    assert simulation.work() is not None
    assert (Replay.objects.get().state, Replay.objects.get().error) == ("failed", "The file unpacks to more than 40 MB.")


def test_an_overlong_line_is_broken_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imported, "LONGEST_LINE", 2000)
    broken = imported.Broken()
    found = list(imported.stories(packed(conversation(1), conversation(2, known={"x": "y" * 9000}), conversation(3)), broken))
    assert ([story and story.name for story in found], broken.first) == (["c-1", None, "c-3"], [{"line": 2, "reason": "longer than 2000 bytes"}])
