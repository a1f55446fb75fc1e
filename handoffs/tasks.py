"""What runs by the clock. Every duty is idempotent: a guarded update decides who does it."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone

from handoffs import handback, letters, receiving, turns, waiting
from handoffs.models import Conversation, FirstAnswer, Handoff, Heartbeat, Letter, PolicyVersion
from handoffs.states import OPEN, Owner, State

logger = logging.getLogger(__name__)

AT_ONCE = 200
POSTPONE = timedelta(seconds=10)
KEEP_FIRST_ANSWERS = timedelta(hours=72)

WHEN_DUE: dict[str, Callable[[Handoff], Any]] = {
    State.WAITING: waiting.check_in,
    State.CLAIMED: receiving.check_presence,
    State.RESOLVED: handback.finish,
}


@shared_task(name="baton.sweep")
def sweep() -> None:
    """Finish or escalate whatever is due: check-ins, lost agents, wrap-ups, silent assistants, letters, idle chats."""
    now = timezone.now()
    _each(_due_handoffs(now), lambda handoff: WHEN_DUE[handoff.state](handoff), _postpone)
    _each(Conversation.objects.filter(owner=Owner.ASSISTANT, silence_due_at__lte=now)[:AT_ONCE], turns.silence)
    _each(_due_letters(), letters.send)
    Heartbeat.beat("sweep")


@shared_task(name="baton.answer")
def answer() -> None:
    """Let built-in assistants answer what is due."""
    due = Conversation.objects.filter(owner=Owner.ASSISTANT, reply_due_at__lte=timezone.now()).select_related("answered_by", "customer")
    _each(due[:AT_ONCE], turns.answer)


@shared_task(name="baton.tidy")
def tidy() -> None:
    """Close idle conversations and forget old first answers."""
    now = timezone.now()
    idle = now - timedelta(seconds=PolicyVersion.in_force().close_after)
    _each(Conversation.objects.filter(owner=Owner.ASSISTANT, last_turn_at__lt=idle)[:AT_ONCE], handback.close_idle)
    FirstAnswer.objects.filter(at__lt=now - KEEP_FIRST_ANSWERS).delete()


def _due_handoffs(now: Any) -> Iterable[Handoff]:
    due = Handoff.objects.filter(state__in=OPEN, due_at__lte=now).order_by("due_at")
    return due.select_related("team", "agent", "conversation")[:AT_ONCE]


def _due_letters() -> Iterable[Letter]:
    due = Letter.objects.filter(sent_at__isnull=True, due_at__lte=timezone.now(), tries__lt=letters.MOST_TRIES)
    return due.select_related("turn__agent")[:AT_ONCE]


def _each(rows: Iterable[Any], act: Callable[[Any], Any], on_failure: Callable[[Any], Any] | None = None) -> None:
    """Do `act` for each row; one that fails is logged and does not stop the others."""
    for row in rows:
        try:
            act(row)
        except Exception:
            logger.exception("%s failed for %s", getattr(act, "__name__", act), row.pk)
            if on_failure:
                on_failure(row)


def _postpone(handoff: Handoff) -> None:
    """A handoff that cannot be handled is looked at again, and does not block the others meanwhile."""
    Handoff.objects.filter(pk=handoff.pk, due_at=handoff.due_at).update(due_at=timezone.now() + POSTPONE)
