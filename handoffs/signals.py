"""The one signal: something people may be watching has changed, and it is committed."""

import logging
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.dispatch import Signal

logger = logging.getLogger(__name__)

handoff_changed = Signal()


@dataclass(frozen=True)
class Change:
    """What a committed change touched: a conversation, teams by code, agents by id."""

    conversation: UUID | None = None
    handoff: UUID | None = None
    teams: frozenset[str] = field(default_factory=frozenset)
    agents: frozenset[int] = field(default_factory=frozenset)


def announce(change: Change) -> None:
    """Tell the edge once the surrounding transaction has committed; a listener's error harms nobody."""
    transaction.on_commit(lambda: _send(change), robust=True)


def _send(change: Change) -> None:
    for _receiver, answer in handoff_changed.send_robust(sender=Change, change=change):
        if isinstance(answer, Exception):
            logger.error("a listener of handoff_changed failed", exc_info=answer)
