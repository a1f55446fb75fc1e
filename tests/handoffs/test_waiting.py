"""The waiting room: an honest estimate, check-ins that are said once, and nobody forgotten."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from handoffs import handback, letters, receiving, tasks, turns, waiting_room
from handoffs.models import Agent, Conversation, Handoff, Letter, Outlook, Survey, Team, Turn
from handoffs.states import State
from handoffs.waiting_room import forecasts
from tests.conftest import reload

MINUTE = timedelta(minutes=1)


def due(handoff: Handoff) -> Handoff:
    Handoff.objects.filter(pk=handoff.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    return reload(handoff)


def looked(team: Team, low: float, high: float, *, guess: bool = False) -> None:
    """As if the team's line had been looked at, and one waited so many seconds there."""
    Outlook.objects.create(team=team, by_place=[[low, low, low, high, 0]], guess=guess, stretch_low=1, stretch_high=1)
    forecasts.forget()


def test_place_counts_those_before(hand_off: Callable[..., Handoff]) -> None:
    assert [waiting_room.place(handoff) for handoff in (hand_off(), hand_off(), hand_off())] == [1, 2, 3]


def test_before_a_look_there_is_only_the_place(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    view = waiting_room.outlook(hand_off())
    assert (view["place"], view["low"], view["high"]) == (1, None, None)


def test_a_range_and_a_promise_are_told(hand_off: Callable[..., Handoff], teams: dict[str, Team], ann: Agent) -> None:
    looked(teams["billing"], 150, 290, guess=True)
    handoff = hand_off()
    view = waiting_room.outlook(handoff)
    assert (view["low"], view["high"], view["within"], view["too_long"]) == (2, 5, 5, False)
    said = handoff.conversation.turns.last().text
    assert "You’re next in line. That is about 2 to 5 minutes. We have little to go by yet, so take it as a guess. You can expect someone by " in said


def test_above_twenty_minutes_no_minutes_are_promised(hand_off: Callable[..., Handoff], teams: dict[str, Team], ann: Agent) -> None:
    looked(teams["billing"], 1500, 1600)
    text = hand_off().conversation.turns.last().text
    assert "more than 20 minutes" in text


def test_nobody_at_their_desk_is_said_at_once(handoff: Handoff) -> None:
    assert "Nobody from Plans and billing is at their desk right now." in handoff.conversation.turns.last().text


def test_a_due_check_in_is_said_once_by_two_sweeps(handoff: Handoff, ann: Agent) -> None:
    first = due(handoff)
    second = reload(handoff)
    assert waiting_room.check_in(first) is not None
    assert waiting_room.check_in(second) is None
    assert handoff.conversation.turns.filter(kind=Turn.Kind.CHECK_IN).count() == 1


def test_the_sweep_checks_in_and_sets_the_next_time(handoff: Handoff, ann: Agent) -> None:
    due(handoff)
    tasks.sweep()
    now = reload(handoff)
    assert now.conversation.turns.last().text == "Someone from Plans and billing is here now. You’re next in line."
    assert now.due_at > timezone.now() + timedelta(seconds=60)


def test_one_wait_is_apologised_for_once(handoff: Handoff, ann: Agent) -> None:
    Handoff.objects.filter(pk=handoff.pk).update(promise_due_at=timezone.now() - timedelta(seconds=1))
    for _ in range(2):
        due(handoff)
        tasks.sweep()
    said = handoff.conversation.turns.filter(kind=Turn.Kind.CHECK_IN).order_by("number").values_list("text", flat=True)
    assert [text.split(".")[0] for text in said] == ["This is taking longer than we want it to, and we’re sorry", "Still here"]


def test_someone_who_moves_up_is_told_so(hand_off: Callable[..., Handoff], ann: Agent) -> None:
    first, second = hand_off(), hand_off()
    receiving.claim(first, ann)
    due(second)
    tasks.sweep()
    assert second.conversation.turns.last().text == "You’ve moved up. You’re next in line."


def test_a_check_in_goes_by_email_when_the_page_is_closed(handoff: Handoff, ann: Agent) -> None:
    waiting_room.leave_email(handoff.conversation, "amara@example.com")
    due(handoff)
    tasks.sweep()
    tasks.deliver()
    letter = Letter.objects.get()
    assert (letter.to, letter.sent_at is not None) == ("amara@example.com", True)


@pytest.fixture
def on_the_page(handoff: Handoff, ann: Agent, settings: object) -> Handoff:
    """Waits with the page open and an address left, and hears how it stands twice."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    waiting_room.leave_email(handoff.conversation, "amara@example.com")
    waiting_room.page_is_open(handoff.conversation)
    for _ in range(2):
        due(handoff)
        tasks.sweep()
    return reload(handoff)


def time_passes(handoff: Handoff) -> None:
    """The letters that are held come up again."""
    Letter.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    tasks.deliver()


def test_no_letter_while_the_page_is_open(on_the_page: Handoff) -> None:
    tasks.deliver()
    time_passes(on_the_page)
    assert mail.outbox == []
    assert Letter.objects.latest("pk").due_at == Conversation.objects.get(pk=on_the_page.conversation_id).page_open_until


def test_words_said_as_the_page_was_closed_follow_by_letter_the_newest_of_check_ins_alone(on_the_page: Handoff, ann: Agent) -> None:
    receiving.claim(on_the_page, ann)
    receiving.say(reload(on_the_page), ann, "I have it here.", client_id="1")
    Conversation.objects.filter(pk=on_the_page.conversation_id).update(page_open_until=timezone.now() - timedelta(seconds=1))
    time_passes(on_the_page)
    assert [each.body.split("\n\n")[0] for each in mail.outbox] == ["Ann from Plans and billing has joined and has read this chat.", "Ann wrote:"]
    assert not Letter.objects.filter(sent_at__isnull=True).exists()


def test_words_seen_on_the_page_are_no_letters(on_the_page: Handoff) -> None:
    last = on_the_page.conversation.turns.count()
    Conversation.objects.filter(pk=on_the_page.conversation_id).update(page_open_until=timezone.now() - timedelta(seconds=1), customer_seen=last)
    time_passes(on_the_page)
    assert (mail.outbox, Letter.objects.count()) == ([], 0)


def test_an_agents_answer_reaches_a_customer_who_left(claimed: Handoff, ann: Agent, settings: object) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    waiting_room.leave_email(claimed.conversation, "amara@example.com")
    receiving.say(claimed, ann, "It is <refunded> & done", client_id="1")
    tasks.deliver()
    assert mail.outbox[-1].subject == "Alder Home help: an answer to your chat"
    assert "Ann wrote:\n\nIt is <refunded> & done\n" in mail.outbox[-1].body
    assert "/c/" in mail.outbox[-1].body


def test_the_letter_after_the_hand_back_says_what_was_done(claimed: Handoff, ann: Agent, settings: object) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    waiting_room.leave_email(claimed.conversation, "amara@example.com")
    handback.hand_back(claimed, ann, resolution="- Refunded €14 & closed\n\nMoved you to Basic")
    assert letters.send(Letter.objects.get(turn__kind=Turn.Kind.HANDED_BACK))
    assert "What was done:\n- Refunded €14 & closed\n- Moved you to Basic\n\nAnswer, or see" in mail.outbox[-1].body


def test_a_letter_that_fails_is_due_again(handoff: Handoff, ann: Agent, settings: object) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", 1
    waiting_room.leave_email(handoff.conversation, "amara@example.com")
    due(handoff)
    tasks.sweep()
    tasks.deliver()
    letter = Letter.objects.get()
    assert (letter.tries, letter.sent_at) == (1, None)
    assert letter.due_at > timezone.now()
    assert "refused" in letter.error.lower()
    assert letters.send(Letter(pk=letter.pk, due_at=timezone.now())) is False


def test_a_lost_agent_frees_their_chat_to_the_front_and_the_customer_is_told(claimed: Handoff, hand_off: Callable[..., Handoff], ann: Agent) -> None:
    other = hand_off()
    Agent.objects.filter(pk=ann.pk).update(lease_until=timezone.now() - timedelta(seconds=61))
    due(claimed)
    tasks.sweep()
    now = reload(claimed)
    assert (now.state, now.agent, waiting_room.place(now), waiting_room.place(reload(other))) == (State.WAITING, None, 1, 2)
    assert now.conversation.turns.last().text.startswith("We’ve lost touch with Ann, and we’re sorry.")


def test_an_agent_within_the_grace_keeps_their_chat(claimed: Handoff, ann: Agent) -> None:
    Agent.objects.filter(pk=ann.pk).update(lease_until=timezone.now() - timedelta(seconds=30))
    due(claimed)
    tasks.sweep()
    now = reload(claimed)
    assert now.agent == ann
    assert timedelta(seconds=20) < now.due_at - timezone.now() < timedelta(seconds=31)


def test_a_resolved_handoff_is_handed_back_when_it_can_no_longer_be_undone(claimed: Handoff, ann: Agent) -> None:
    receiving.resolve(claimed, ann, resolution="Refunded €14")
    due(claimed)
    tasks.sweep()
    now = reload(claimed)
    assert (now.state, now.conversation.owner) == (State.HANDED_BACK, "assistant")
    assert now.conversation.turns.last().text == "Ann handed you back to Juniper for the wrap-up."


def test_the_survey_is_kept_and_may_be_corrected(claimed: Handoff, ann: Agent) -> None:
    handback.hand_back(claimed, ann)
    handback.rate(claimed, repeated="no", help=4)
    handback.rate(claimed, repeated="yes", help=2)
    survey = Survey.objects.get(handoff=claimed)
    assert (survey.repeated, survey.help) == ("yes", 2)


def test_an_idle_conversation_of_the_assistant_is_closed(conversation: Conversation) -> None:
    Conversation.objects.update(last_turn_at=timezone.now() - timedelta(days=2))
    tasks.tidy()
    conversation.refresh_from_db()
    assert (conversation.owner, conversation.closed_at is not None) == ("nobody", True)


@pytest.mark.parametrize("owed", ["silence_due_at", "reply_due_at", "held_due_at"])
def test_a_conversation_that_is_owed_an_answer_is_not_closed(conversation: Conversation, owed: str) -> None:
    """However long ago they wrote: the sweep may not have run since."""
    Conversation.objects.update(last_turn_at=timezone.now() - timedelta(days=2), **{owed: timezone.now() - timedelta(days=2)})
    tasks.tidy()
    conversation.refresh_from_db()
    assert conversation.owner == "assistant"


def test_a_conversation_is_not_closed_under_the_words_just_written(conversation: Conversation) -> None:
    idle = Conversation.objects.get(pk=conversation.pk)
    turns.take(conversation, "One more thing")
    assert handback.close_idle(idle) is False
    conversation.refresh_from_db()
    assert conversation.owner == "assistant"


def test_one_row_that_fails_does_not_stop_the_sweep(hand_off: Callable[..., Handoff], ann: Agent, caplog: pytest.LogCaptureFixture) -> None:
    broken, fine = due(hand_off()), due(hand_off())
    Handoff.objects.filter(pk=broken.pk).update(state="claimed", agent=ann)
    Agent.objects.filter(pk=ann.pk).update(lease_until=timezone.now() - MINUTE)
    Conversation.objects.filter(pk=broken.conversation_id).update(last_number=0)  # so that the next turn's number is taken
    tasks.sweep()
    assert reload(fine).check_ins == 1
    assert (reload(broken).state, reload(broken).due_at > timezone.now()) == (State.CLAIMED, True)
    assert "failed for Handoff" in caplog.text


def test_a_silence_that_cannot_be_handled_is_looked_at_again_later(conversation: Conversation, teams: dict[str, Team]) -> None:
    turns.take(conversation, "Hello?")
    Conversation.objects.update(silence_due_at=timezone.now() - MINUTE)
    Team.objects.all().delete()
    tasks.sweep()
    conversation.refresh_from_db()
    assert conversation.silence_due_at > timezone.now()


def test_who_was_deactivated_is_lost_at_the_next_look(claimed: Handoff, ann: Agent) -> None:
    Agent.objects.update(is_active=False, lease_until=timezone.now() + 10 * MINUTE)
    receiving.check_presence(reload(claimed))
    assert reload(claimed).state == State.WAITING


def test_an_agent_who_was_never_here_is_lost_after_the_grace(claimed: Handoff, ann: Agent) -> None:
    Agent.objects.update(lease_until=None)
    Handoff.objects.update(claimed_at=timezone.now() - 2 * MINUTE)
    assert receiving.check_presence(reload(claimed)) is not None
