"""What follows a handoff: a plan until its deadline, answers kept apart, and a new need with the old brief beside it."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace as Anything
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from handoffs import crowding, handback, plugins, quality, receiving, snoozing, tasks, turns, waiting_room, wrapping
from handoffs.assistants.front_desk import FrontDesk
from handoffs.models import Agent, Assistant, Conversation, Handoff, Letter, Rating, Survey, Turn, WrapUp
from handoffs.signals import Change
from handoffs.snapshots import Author, Proposal
from handoffs.states import Owner, State
from handoffs.wrapped import told_apart
from tests.conftest import reload

LONG_AGO = timedelta(days=40)


def now(handoff: Handoff) -> Conversation:
    return Conversation.objects.get(pk=handoff.conversation_id)


def pass_time(row: WrapUp, by: timedelta) -> None:
    plan = [{**each, "at": (timezone.now() - by).isoformat()} for each in row.plan]
    WrapUp.objects.filter(pk=row.pk).update(plan=plan, due_at=timezone.now() - timedelta(seconds=1))
    tasks.sweep()


@pytest.fixture
def back(claimed: Handoff, ann: Agent) -> Handoff:
    """Handed back to an outside assistant."""
    handback.hand_back(claimed, ann, resolution="- Refunded €14\n- The money will arrive within 3 days\n- Next: nothing to do for you")
    return reload(claimed)


def test_what_is_done_is_told_apart_from_what_comes() -> None:
    lines = ("Refunded €14", "The money will arrive within 3 days", "Next: we write to you by Friday")
    assert told_apart(lines) == (("Refunded €14",), ("The money will arrive within 3 days", "We write to you by Friday"))


def test_an_outside_assistant_that_is_silent_is_spoken_for_once(back: Handoff) -> None:
    pass_time(back.wrap_up, timedelta(seconds=1))
    pass_time(WrapUp.objects.get(), timedelta(seconds=1))
    notices = back.conversation.turns.filter(kind=Turn.Kind.NOTICE)
    assert [turn.text for turn in notices] == ["Juniper is here again for whatever else you need."]


def test_of_two_wrap_ups_that_are_due_together_the_newer_one_speaks(back: Handoff, ann: Agent) -> None:
    again = turns.ask_for_person(now(back))
    assert again
    ann.teams.add(again.team)
    receiving.claim(again, ann)
    handback.hand_back(reload(again), ann)
    for row in WrapUp.objects.all():
        WrapUp.objects.filter(pk=row.pk).update(plan=[{**each, "at": timezone.now().isoformat()} for each in row.plan], due_at=timezone.now())
    tasks.sweep()
    assert [turn.text for turn in back.conversation.turns.filter(kind=Turn.Kind.NOTICE)] == ["Juniper is here again for whatever else you need."]


def test_whoever_watches_is_told_of_words_in_its_place(back: Handoff, announced: Callable[..., Any]) -> None:
    with announced() as heard:
        pass_time(back.wrap_up, timedelta(seconds=1))
    assert Change(back.conversation_id) in heard


def test_an_outside_assistant_that_spoke_is_not(back: Handoff) -> None:
    turns.propose(now(back), turns.Proposal("All done. Anything else?", confidence=0.95), client_id="w")
    pass_time(back.wrap_up, timedelta(seconds=1))
    assert not back.conversation.turns.filter(kind=Turn.Kind.NOTICE).exists()


def test_the_questions_come_once_by_letter_to_who_left_without_an_answer(back: Handoff, claimed: Handoff) -> None:
    waiting_room.leave_email(now(back), "amara@example.com")
    pass_time(back.wrap_up, timedelta(seconds=1))
    assert [letter.turn.text[:13] for letter in Letter.objects.filter(turn__text__startswith="Two questions")] == ["Two questions"]


def test_who_has_answered_is_not_asked_again(back: Handoff) -> None:
    waiting_room.leave_email(now(back), "amara@example.com")
    handback.rate(back, repeated="no", help=5)
    pass_time(back.wrap_up, timedelta(seconds=1))
    assert not Letter.objects.filter(turn__text__startswith="Two questions").exists()


def test_it_ends_at_its_deadline(back: Handoff) -> None:
    WrapUp.objects.update(deadline_at=timezone.now() - timedelta(seconds=1), due_at=timezone.now() - timedelta(seconds=1))
    tasks.sweep()
    assert wrapping.shown(back) is None
    assert WrapUp.objects.get().due_at is None


def test_two_workers_do_a_part_once(back: Handoff) -> None:
    waiting_room.leave_email(now(back), "amara@example.com")
    row = back.wrap_up
    plan = [{**each, "at": (timezone.now() - timedelta(minutes=1)).isoformat()} for each in row.plan]
    WrapUp.objects.filter(pk=row.pk).update(plan=plan, due_at=timezone.now() - timedelta(seconds=1))
    first, second = (wrapping.due().get(pk=row.pk) for _ in range(2))
    wrapping.work(first)
    wrapping.work(second)
    assert Letter.objects.filter(turn__text__startswith="Two questions").count() == 1


def test_a_new_need_follows_the_old_handoff(back: Handoff, ann: Agent) -> None:
    turns.take(now(back), "Now my camera is offline, can I talk to a person?")
    new = Handoff.objects.exclude(pk=back.pk).get()
    assert (new.follows, now(back).owner) == (back, Owner.TEAM)


@pytest.fixture
def built_in(start: Callable[..., Conversation], front_desk: Assistant, ann: Agent) -> Handoff:
    """A handoff of the built-in assistant that ann has resolved."""
    ann.is_supervisor = True
    handoff = turns.take(start(answered_by=front_desk), "I want to cancel my plan").handoff
    assert handoff is not None
    receiving.claim(reload(handoff), ann)
    receiving.resolve(reload(handoff), ann)
    return reload(handoff)


@pytest.fixture
def returning(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets the built-in assistant return something else: returning(wrap_up=…, helpful=…), or have it: returning(plan=…)."""

    def put(**parts: Any) -> None:
        methods = {name: lambda *_, what=what: what for name, what in parts.items() if name != "plan"}
        broken = type("Broken", (FrontDesk,), {**parts, **methods})
        monkeypatch.setitem(plugins.load("handoffs.assistants"), "front_desk", broken())

    return put


def test_the_built_in_assistant_gives_the_articles(built_in: Handoff) -> None:
    handback.finish(built_in)
    assert [set(article) for article in WrapUp.objects.get().articles] == [{"title", "text"}]


@pytest.mark.parametrize("said", [None, "Bye", Anything(text=None), Anything(text={}, confidence=1.0), Anything(text="Bye", confidence="high"), Proposal(" ")],
                         ids=["nothing", "a text", "no text", "no words", "no confidence", "silence"])
def test_a_wrap_up_that_is_none_costs_only_itself(built_in: Handoff, returning: Callable[..., None], said: Any) -> None:
    returning(wrap_up=said)
    handback.finish(built_in)
    last = now(built_in).turns.last()
    assert (reload(built_in).state, last.kind, last.number) == (State.HANDED_BACK, Turn.Kind.HANDED_BACK, now(built_in).last_number)
    assert wrapping.shown(built_in) is not None


@pytest.mark.parametrize(("found", "kept"), [
    (None, []),
    (7, []),
    ([{"title": "Refunds"}], []),
    ([{"title": Path("refunds"), "text": 7, "seen": LONG_AGO}], [{"title": "refunds", "text": "7"}]),
    (({"title": str(number), "text": ""} for number in count()), [{"title": str(number), "text": ""} for number in range(3)]),
], ids=["nothing", "a number", "half an article", "no texts", "without an end"])
def test_articles_that_are_none_cost_only_themselves(built_in: Handoff, returning: Callable[..., None], found: Any, kept: list[dict[str, str]]) -> None:
    returning(helpful=found)
    handback.finish(built_in)
    assert (reload(built_in).state, WrapUp.objects.get().articles) == (State.HANDED_BACK, kept)


@pytest.mark.parametrize("parts", [
    {"plan": None},
    {"plan": [Anything(name="confirm", after="soon")]},
    {"plan": (), "helpful": [{"title": "\x00", "text": ""}]},
], ids=["no plan", "no time", "a text PostgreSQL refuses"])
def test_a_plan_that_cannot_be_kept_is_the_usual_one(built_in: Handoff, returning: Callable[..., None], parts: dict[str, Any]) -> None:
    returning(**parts)
    handback.finish(built_in)
    kept, usual = [each["part"] for each in WrapUp.objects.get().plan], [part.name for part in wrapping.PLAN]
    assert kept == ([] if "helpful" in parts and connection.vendor == "sqlite" else usual)
    assert reload(built_in).state == State.HANDED_BACK


def test_ratings_of_the_assistant_alone_are_kept_apart(back: Handoff, start: Callable[..., Conversation]) -> None:
    handback.rate(back, help=2)
    alone = start()
    handback.rate_assistant(alone, 5)
    since = timezone.now() - timedelta(hours=1)
    assert (Survey.objects.get().help, Rating.objects.get().help) == (2, 5)
    assert (quality.answers(since).rated_well, quality.answers_alone(since).rated_well) == (0.0, 1.0)


def test_two_hundred_messages_a_minute_are_all_kept_told_once_and_answered_together(start: Callable[..., Conversation], front_desk: Assistant) -> None:
    conversation = start(answered_by=front_desk)
    for number in range(200):
        conversation.refresh_from_db()
        act: Any = crowding.hold if crowding.is_crowded(conversation) else turns.take
        act(conversation, "ok", client_id=f"m{number}")
    said = conversation.turns.filter(author=Author.CUSTOMER)
    assert (said.count(), conversation.turns.filter(kind=Turn.Kind.NOTICE).count()) == (200, 1)
    crowding.hold(conversation, "I was charged twice, I want a real person", client_id="last")
    assert not conversation.handoffs.exists()
    Conversation.objects.update(held_due_at=timezone.now() - timedelta(seconds=1))
    tasks.sweep()
    tasks.sweep()
    assert conversation.handoffs.count() == 1


def test_of_more_words_than_are_judged_the_newest_count(start: Callable[..., Conversation], front_desk: Assistant) -> None:
    conversation = start(answered_by=front_desk)
    for number, words in enumerate(("my camera " * 1638, "I want a real person")):
        crowding.hold(Conversation.objects.get(pk=conversation.pk), words, client_id=f"long-{number}")
    Conversation.objects.update(held_due_at=timezone.now() - timedelta(seconds=1))
    tasks.sweep()
    assert conversation.handoffs.get().trigger == "explicit_request"


def test_words_that_come_too_fast_end_at_once_what_waits_for_the_customers_words(claimed: Handoff, ann: Agent) -> None:
    snoozing.snooze(claimed, ann, timezone.now() + timedelta(hours=1), tell=False)
    crowding.hold(now(claimed), "Wait", client_id="fast-1")
    assert reload(claimed).snoozed_until is None
    receiving.resolve(reload(claimed), ann, resolution="Refunded")
    crowding.hold(now(claimed), "It is not solved", client_id="fast-2")
    assert (reload(claimed).state, now(claimed).owner) == (State.CLAIMED, Owner.AGENT)
