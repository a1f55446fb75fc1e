"""The one signal: something people may be watching has changed, and it is committed."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.dispatch import Signal

handoff_changed = Signal()


@dataclass(frozen=True)
class Change:
    """What a committed change touched: a conversation, teams by code, agents by id.

    `deal`: somebody may be given work now who was not before, because there is more of it or more room.
    """

    conversation: UUID | None = None
    handoff: UUID | None = None
    teams: frozenset[str] = field(default_factory=frozenset)
    agents: frozenset[int] = field(default_factory=frozenset)
    deal: bool = False


def announce(change: Change) -> None:
    """Tell the edge once the surrounding transaction has committed; a listener's error is logged by Django and harms nobody."""
    transaction.on_commit(lambda: handoff_changed.send_robust(sender=Change, change=change), robust=True)
