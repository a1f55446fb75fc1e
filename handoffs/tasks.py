"""What runs by the clock. Every duty is idempotent: a guarded update decides who does it."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import islice, takewhile
from typing import Any

from celery import shared_task
from django.db.models import QuerySet

from handoffs import (
    arrivals,
    calling_back,
    clock,
    copilot,
    crowding,
    duties,
    handback,
    letters,
    lookups,
    offers,
    overflow,
    passing,
    proposals,
    receiving,
    rewriting,
    simulation,
    timekeeping,
    turns,
    verdicts,
    waiting_room,
    webhooks,
    wrapping,
)
from handoffs.duties import Duty
from handoffs.models import Assistant, Callback, Conversation, FirstAnswer, Handoff, PolicyVersion, Team
from handoffs.states import Owner, State
from handoffs.waiting_room import foretelling, outcomes, phrasing

AT_ONCE = 200
KEEP_FIRST_ANSWERS = timedelta(hours=72)
# Seconds after which no further letter is begun: a slow mail server must not keep the worker from its other duties.
MAIL_BUDGET = 5.0
# Seconds after which a task begins to word no further brief.
WORDING_BUDGET = 10.0

WHEN_DUE: dict[str, Callable[[Handoff], Any]] = {
    State.CLAIMED: receiving.check_presence,
    State.PASSING: passing.finish,
    State.RESOLVED: passing.finish,
    State.WAITING: waiting_room.check_in,
}


def _due_handoffs(state: str) -> "QuerySet[Handoff]":
    due = Handoff.objects.filter(state=state, due_at__lte=clock.now()).order_by("due_at")
    return due.select_related("team", "agent", "conversation__customer")


def _silent() -> "QuerySet[Conversation]":
    return Conversation.objects.filter(owner=Owner.ASSISTANT, silence_due_at__lte=clock.now()).order_by("silence_due_at")


def _unanswered() -> "QuerySet[Conversation]":
    due = Conversation.objects.filter(copilot.PROPOSES, reply_due_at__lte=clock.now()).order_by("reply_due_at")
    return due.select_related("answered_by", "customer")


SWEPT = (
    *(Duty(partial(_due_handoffs, state), act, "due_at") for state, act in WHEN_DUE.items()),
    Duty(_silent, turns.silence, "silence_due_at"),
    Duty(crowding.due, turns.catch_up, "held_due_at"),
    Duty(calling_back.due, calling_back.work, "due_at"),
    Duty(wrapping.due, wrapping.work, "due_at"),
)
LAPSED = Duty(offers.lapsed, offers.lapse)
FORSAKEN = Duty(offers.forsaken, offers.alarm)
ANSWERED = Duty(_unanswered, turns.answer)


@shared_task(name="baton.sweep")
def sweep() -> None:
    """Finish or escalate whatever is due: check-ins, lost agents, wrap-ups, silent assistants."""
    duties.take_turns(SWEPT)
    duties.swept()
    timekeeping.note()


@shared_task(name="baton.notice")
def notice() -> None:
    """See who of the waiting customers left or came back, and let those for whom something changed hear it soon."""
    waiting_room.see_who_left()
    waiting_room.notice()


@shared_task(name="baton.foretell")
def foretell() -> None:
    """Look at how long everybody will wait."""
    if foretelling.work() is not None:
        duties.ran("foretell")


@shared_task(name="baton.overflow")
def pass_on() -> None:
    """Do something about what waits where nobody here may take it."""
    duties.each(islice(overflow.stranded(clock.now()), AT_ONCE), overflow.send_on)
    duties.ran("overflow")


@shared_task(name="baton.answer")
def answer() -> None:
    """Let built-in assistants answer what is due."""
    duties.take_turns([ANSWERED])
    duties.ran("answer")


@shared_task(name="baton.offer")
def offer() -> None:
    """Move on offers that nobody took, deal what was left to deal, and call a supervisor where nobody is left to ask."""
    duties.take_turns([LAPSED])
    offers.deal(frozenset(Team.objects.filter(push=True).values_list("code", flat=True)))
    duties.take_turns([FORSAKEN])
    duties.ran("offer")


@shared_task(name="baton.replay", acks_late=False, soft_time_limit=3600, time_limit=3630)
def replay() -> None:
    """Run the replay that is due. It may take minutes, so it is never delivered twice: its row says when its worker was lost."""
    simulation.work()


@shared_task(name="baton.rewrite")
def rewrite() -> None:
    """Word the briefs that are due, one after the other; each second another thread of the outside worker joins in while some are."""
    until = time.monotonic() + WORDING_BUDGET
    while time.monotonic() < until and (rewriting.work() or phrasing.work()):
        pass


@shared_task(name="baton.learn")
def learn() -> None:
    """Learn what outside assistants' confidence is worth from how their answers ended, and watch whether the limits found still hold."""
    duties.each(Assistant.objects.filter(plugin=""), verdicts.learn)
    verdicts.watch()


@shared_task(name="baton.deliver", soft_time_limit=15)
def deliver() -> None:
    """Send the letters that are due."""
    until = time.monotonic() + MAIL_BUDGET
    letters.pass_over()
    duties.each(takewhile(lambda _: time.monotonic() < until, letters.due()[:AT_ONCE]), letters.send)
    duties.ran("deliver")


@shared_task(name="baton.read_mail", soft_time_limit=55, time_limit=70)
def read_mail() -> None:
    """Take what came into the mailbox."""
    arrivals.read_mailbox()
    duties.ran(duties.MAIL)


@shared_task(name="baton.fetch", soft_time_limit=40, time_limit=50)
def fetch() -> None:
    """Fetch what came along with short messages."""
    arrivals.fetch_enclosed()


@shared_task(name="baton.webhooks", soft_time_limit=25, time_limit=40)
def webhook() -> None:
    """Tell systems elsewhere what happened."""
    webhooks.work()


@shared_task(name="baton.look_up")
def look_up() -> None:
    """Ask the sources of customers' records for what is due."""
    lookups.work()


@shared_task(name="baton.tidy")
def tidy() -> None:
    """Close idle conversations in which nothing is owed, draft what people are to judge, and forget old first answers."""
    now = clock.now()
    idle = now - timedelta(seconds=PolicyVersion.in_force().close_after)
    quiet = Conversation.objects.filter(owner=Owner.ASSISTANT, last_turn_at__lt=idle).exclude(callbacks__state=Callback.State.BOOKED)
    # After an outage answers may be owed for longer than that.
    quiet = quiet.filter(silence_due_at=None, reply_due_at=None, held_due_at=None)
    duties.each(quiet.order_by("last_turn_at")[:AT_ONCE], handback.close_idle)
    duties.each(proposals.wanted()[:AT_ONCE], proposals.draft)
    webhooks.tidy()
    arrivals.tidy()
    outcomes.tidy(now)
    phrasing.tidy()
    FirstAnswer.objects.filter(at__lt=now - KEEP_FIRST_ANSWERS).delete()
