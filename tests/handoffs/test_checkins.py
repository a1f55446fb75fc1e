"""Check-ins: when, how often, in which words; by page and by letter; never twice, and before anybody has to ask."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from handoffs import receiving, tasks, waiting_room
from handoffs.models import Agent, Conversation, Handoff, Letter, Phrasing, Team, Turn
from handoffs.waiting_room import phrasing
from handoffs.waiting_room.schedule import Hearing, near, next_word
from tests.conftest import reload
from tests.handoffs.model_server import serving

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE, EVERY = timedelta(minutes=1), timedelta(seconds=90)
HandOff = Callable[..., Handoff]


def letters(promised: datetime | None = None) -> list[float]:
    """The minutes after which somebody who is away hears, for the first eight times."""
    heard, found = NOON, []
    for _ in range(8):
        heard = next_word(Hearing(NOON, heard, away=True, promised_at=promised), EVERY)
        found.append((heard - NOON) / MINUTE)
    return found


def ago(handoff: Handoff, minutes: float, **columns: Any) -> Handoff:
    """As if it waited, and was told of it, so long ago."""
    then = timezone.now() - minutes * MINUTE
    Handoff.objects.filter(pk=handoff.pk).update(**{"waiting_since": then, "told_at": then, **columns})
    return reload(handoff)


def check_ins(handoff: Handoff) -> int:
    return handoff.conversation.turns.filter(kind=Turn.Kind.CHECK_IN).count()


def test_by_letter_ever_more_seldom_and_at_what_was_promised() -> None:
    assert letters() == [5, 15, 30, 60, 120, 240, 480, 960]
    assert letters(NOON + 90 * MINUTE)[:5] == [5, 15, 30, 60, 90]


def test_on_the_page_every_ninety_seconds() -> None:
    assert next_word(Hearing(NOON, NOON + 7 * MINUTE), EVERY) == NOON + 7 * MINUTE + EVERY


@pytest.mark.parametrize(("place", "mark"), [(1, 1), (5, 5), (6, 10), (10, 10), (11, 20), (300, 500), (9999, 5001)])
def test_far_back_only_some_steps_matter(place: int, mark: int) -> None:
    assert near(place) == mark


def test_who_moves_up_hears_it_soon(hand_off: HandOff, ann: Agent) -> None:
    first, second = ago(hand_off(), 0.5), ago(hand_off(), 0.5)
    receiving.claim(first, ann)
    tasks.notice()
    tasks.sweep()
    assert second.conversation.turns.last().text == "You’ve moved up. You’re next in line."
    tasks.notice()
    tasks.sweep()
    assert check_ins(second) == 1


def test_who_comes_second_to_a_check_in_finds_out_nothing_more(hand_off: HandOff, ann: Agent) -> None:
    handoff = ago(hand_off(), 2, due_at=timezone.now() - timedelta(seconds=1))
    mine, theirs = (Handoff.objects.select_related("team", "conversation").get() for _ in range(2))
    assert waiting_room.check_in(mine)
    with CaptureQueriesContext(connection) as statements:
        assert waiting_room.check_in(theirs) is None
    assert (len(statements), check_ins(handoff)) == (1, 1)


def test_words_do_not_follow_each_other_too_fast(hand_off: HandOff, ann: Agent) -> None:
    first, second = hand_off(), hand_off()
    receiving.claim(first, ann)
    tasks.notice()
    assert timedelta(seconds=15) < reload(second).due_at - timezone.now() < timedelta(seconds=21)


def test_somebody_who_came_is_said_to_who_left_by_letter(handoff: Handoff, person: Callable[..., Agent]) -> None:
    waiting_room.leave_email(handoff.conversation, "amara@example.com")
    ago(handoff, 2)
    person("ann", "billing")
    tasks.notice()
    tasks.sweep()
    assert Letter.objects.get().turn.text == "Someone from Plans and billing is here now. You’re next in line."


def test_a_step_in_the_line_is_no_letter(hand_off: HandOff, ann: Agent) -> None:
    first, second = ago(hand_off(), 2), ago(hand_off(), 2)
    waiting_room.leave_email(second.conversation, "amara@example.com")
    receiving.claim(first, ann)
    tasks.notice()
    tasks.sweep()
    assert not Letter.objects.exists()


def test_a_letter_that_would_be_too_early_waits_for_its_time(hand_off: HandOff, ann: Agent) -> None:
    handoff = ago(hand_off(), 2)
    waiting_room.leave_email(handoff.conversation, "amara@example.com")
    Handoff.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    tasks.sweep()
    assert check_ins(handoff) == 0
    assert 2.9 * MINUTE < reload(handoff).due_at - timezone.now() < 3.1 * MINUTE


def test_who_opens_the_page_again_hears_as_those_on_pages_do(hand_off: HandOff, ann: Agent) -> None:
    handoff = ago(hand_off(), 20, due_at=timezone.now() + 10 * MINUTE)
    waiting_room.page_is_open(handoff.conversation)
    tasks.notice()
    assert reload(handoff).due_at <= timezone.now()


def test_who_closes_the_page_is_marked_and_who_comes_back_is_not(handoff: Handoff) -> None:
    Conversation.objects.update(page_open_until=timezone.now() - timedelta(seconds=1))
    tasks.notice()
    assert reload(handoff).left_at
    waiting_room.page_is_open(handoff.conversation)
    tasks.notice()
    tasks.notice()
    assert (reload(handoff).left_at, [step.verb for step in handoff.steps.order_by("id")][-2:]) == (None, ["left", "came_back"])


@pytest.mark.parametrize(("tone", "words"), [("plain", "Still here."), ("warm", "We’re still here with you."), ("formal", "Your request is still in line.")])
def test_each_team_has_its_tone(hand_off: HandOff, teams: dict[str, Team], ann: Agent, tone: str, words: str) -> None:
    Team.objects.filter(pk=teams["billing"].pk).update(tone=tone)
    handoff = hand_off()
    Handoff.objects.update(due_at=timezone.now() - timedelta(seconds=1), check_ins=1)
    tasks.sweep()
    assert handoff.conversation.turns.last().text == f"{words} You’re next in line."


def test_who_stands_further_back_than_they_were_told_hears_why(hand_off: HandOff, ann: Agent) -> None:
    hand_off()
    handoff = hand_off()
    Handoff.objects.filter(pk=handoff.pk).update(due_at=timezone.now() - timedelta(seconds=1), told_place=1, check_ins=1)
    tasks.sweep()
    assert handoff.conversation.turns.last().text.startswith("The line ahead of you has changed. You’re second in line.")


@pytest.mark.parametrize("tone", list(Team.Tone))
def test_who_hears_that_nobody_is_here_is_not_told_that_somebody_is(hand_off: HandOff, teams: dict[str, Team], ann: Agent, tone: str) -> None:
    Team.objects.filter(pk=teams["billing"].pk).update(tone=tone)
    handoff = hand_off()
    Agent.objects.update(lease_until=timezone.now() - timedelta(hours=1))
    Handoff.objects.update(due_at=timezone.now() - timedelta(seconds=1), check_ins=1)
    tasks.sweep()
    assert handoff.conversation.turns.last().text.startswith("Nobody from Plans and billing is at their desk right now.")


@pytest.mark.parametrize(("said", "same"), [
    ("Still with you. You’re third in line. That is about 2 to 4 minutes.", True),
    ("Still with you. You’re second in line. That is about 2 to 4 minutes.", False),
    ("Still with you. You’re third in line. That is about 2 to 3 minutes.", False),
    ("Still with you. You’re third in line. That is about 2 to 4 minutes, at 14:35.", False),
    ("Still with you. You’re third in line. That is about 2 to 4 minutes, so soon.", False),
    ("Still with you. You’re third in line.", False),
    ("Still with you. You’re third in line. That is about 2 to 4 minutes. Mara is a person of our Berlin office who has already solved your case.", False),
])
def test_other_words_must_say_the_same(said: str, same: bool) -> None:
    assert phrasing.says_the_same("Still here. You’re third in line. That is about 2 to 4 minutes.", said) is same


def test_a_models_words_are_asked_for_apart_and_used_for_the_next(hand_off: HandOff, ann: Agent, policy: Callable[..., Any], settings: Any) -> None:
    policy(phrases_check_ins=True)
    first, second = hand_off(), hand_off()
    with serving() as server:
        server.says({"text": "You are still in line with us. You’re next in line."})
        settings.LLM_BASE_URL, settings.LLM_MODEL = server.url, "m"
        Handoff.objects.filter(pk=first.pk).update(due_at=timezone.now() - timedelta(seconds=1), check_ins=1)
        tasks.sweep()
        assert first.conversation.turns.last().text == "Still here. You’re next in line."
        assert phrasing.work()
        receiving.claim(reload(first), ann)
        Handoff.objects.filter(pk=second.pk).update(due_at=timezone.now() - timedelta(seconds=1), check_ins=1, told_place=1)
        tasks.sweep()
    assert Phrasing.objects.get().error == ""
    assert second.conversation.turns.last().text == "You are still in line with us. You’re next in line."


@pytest.mark.django_db
def test_the_oldest_phrasings_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phrasing, "KEPT", 2)
    for word in ("one", "two", "three", "four"):
        Phrasing.objects.create(digest=word, plain=word)
        tasks.tidy()
    assert list(Phrasing.objects.order_by("pk").values_list("plain", flat=True)) == ["three", "four"]
