"""Every change of owner: one guarded update of the conversation, one of the handoff, one step, one signal."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections, transaction
from django.db.models import CharField, DateTimeField, F, IntegerField, QuerySet, UUIDField
from django.db.models.sql import UpdateQuery

from handoffs import clock, outbox
from handoffs.models import Agent, Conversation, Handoff, Offer, Step, Team, Turn
from handoffs.prepared import Asked, Given, Insert, Update, together
from handoffs.signals import Change, announce
from handoffs.snapshots import Author
from handoffs.states import MOVES, OPEN, OWNER_IN, Owner, State

steps, turns = Insert(Step), Insert(Turn)
_by_key, _by_epoch = {"pk": Given("conversation", UUIDField())}, {"epoch": Given("seen", IntegerField())}
_by_owner = {"owner": Given("owner", CharField())}
_hold = Update(lambda: Conversation.objects.filter(**_by_key), ("epoch",), last_number=F("last_number"))
_hold_if = Update(lambda: Conversation.objects.filter(**_by_key, **_by_owner), ("epoch",), last_number=F("last_number"))
_said = {"last_number": F("last_number") + 1, "last_turn_at": Given("now", DateTimeField())}
_next_number = Update(lambda: Conversation.objects.filter(**_by_key), ("last_number",), **_said)
_next_number_seen = Update(lambda: Conversation.objects.filter(**_by_key, **_by_epoch), ("last_number",), **_said)
_queued = {"owner": Owner.TEAM, "team": Given("team", IntegerField()), "agent": None, "epoch": F("epoch") + 1, "reply_due_at": None, "silence_due_at": None}
_queue = Update(lambda: Conversation.objects.filter(**_by_key), ("epoch", "last_number"), **_queued, **_said)
_queue_seen = Update(lambda: Conversation.objects.filter(**_by_key, **_by_epoch), ("epoch", "last_number"), **_queued, **_said)


class Stale(Exception):
    """The conversation has moved on since the writer looked. `conversation` is how it is now."""

    def __init__(self, conversation: Conversation, words: str = "") -> None:
        self.conversation = conversation
        super().__init__(words or "this conversation has moved on")


class Forbidden(Exception):
    """This may not be done by this person, or not now; the words say why."""


class Full(Forbidden):
    """The agent has no room for another handoff."""


def move(handoff: Handoff, to: State, *, verb: str, by: str, actor: Agent | None = None, seen: int | None = None,
         note: str = "", detail: dict[str, Any] | None = None, **changes: Any) -> Step:
    """Move `handoff` to state `to`, with `changes` to its columns, and give the conversation its new owner.

    `seen` is the epoch the writer saw (None: whichever is now). `actor` is who acts, for the audit. An open offer of it ends.
    Raises Stale when the handoff or the conversation has moved on, or the table lacks the move.
    """
    if to not in MOVES[State(handoff.state)]:
        raise Stale(_now(handoff), f"a {handoff.state} handoff cannot become {to}")
    with transaction.atomic():
        before, from_state = _touched(handoff), handoff.state
        changes.setdefault("due_at", None if to not in OPEN else handoff.due_at)
        changes.setdefault("snoozed_until", None)
        team, holder = changes.get("team", handoff.team), changes.get("agent", handoff.agent)
        # The conversation's row is always locked first, so that two movers cannot block each other.
        epoch = own(handoff.conversation_id, OWNER_IN[to], team=team, agent=holder, seen=seen)
        unmoved = Handoff.objects.filter(pk=handoff.pk, state=from_state, agent=handoff.agent_id, team=handoff.team_id, offered_to=handoff.offered_to_id)
        if not unmoved.update(state=to, offered_to=None, **changes):
            raise Stale(_now(handoff))
        _end_offer(handoff, holder)
        handoff.refresh_from_db()
        handoff.team, handoff.agent = team, holder
        (step,) = steps.all(Step(handoff=handoff, verb=verb, by=by, agent=actor, from_state=from_state, to_state=to,
                                 epoch=epoch, note=note, detail=detail or {}))
        outbox.moved(handoff, step)
        after = _touched(handoff)
        more = to == State.WAITING or from_state != State.WAITING or bool(before.agents - after.agents)
        announce(Change(handoff.conversation_id, handoff.pk, before.teams | after.teams, before.agents | after.agents, deal=more))
    return step


def own(conversation_id: UUID, owner: Owner, *, team: Team | None, agent: Agent | None, seen: int | None = None) -> int:
    """Give the conversation its new owner and raise its epoch; the new epoch is returned.

    Raises Stale when `seen` is given and no longer the epoch.
    """
    changes: dict[str, Any] = {"owner": owner, "reply_due_at": None, "silence_due_at": None}
    changes["team"] = team if owner in (Owner.TEAM, Owner.AGENT) else None
    changes["agent"] = agent if owner is Owner.AGENT else None
    if owner is Owner.NOBODY:
        changes["closed_at"] = clock.now()
    if owner is Owner.ASSISTANT:
        changes["assistant_since"] = F("last_number")
    rows = Conversation.objects.filter(pk=conversation_id)
    guarded = rows if seen is None else rows.filter(epoch=seen)
    epoch = _updated(guarded, "epoch", **changes)
    if epoch is None:
        raise Stale(rows.get())
    return epoch


def queue(conversation_id: UUID, team: Team, now: datetime, *, seen: int | None = None, beside: Iterable[Asked[Any]] = ()) -> tuple[int, int, list[Any]]:
    """Give the conversation to a team, with a turn that says so: its new epoch, that turn's number, and what is answered to questions asked `beside` it.

    Raises Stale when `seen` is given and no longer the epoch.
    """
    asked = (_queue if seen is None else _queue_seen).asked(conversation=conversation_id, team=team.pk, seen=seen, now=now)
    found, *answers = together(asked, *beside)
    if not found:
        raise Stale(Conversation.objects.get(pk=conversation_id))
    epoch, number = found[0]
    return epoch, number, answers


def say(conversation_id: UUID, author: Author, text: str, *, seen: int | None = None, **columns: Any) -> Turn:
    """Append a turn under the conversation's row lock, and tell whoever watches; with `seen`, only if the epoch is still that one, else Stale.

    Call inside a transaction: the number is taken by an update, which holds the row until the commit.
    """
    now = clock.now()
    columns.setdefault("at", now)
    found = (_next_number if seen is None else _next_number_seen).first(conversation=conversation_id, seen=seen, now=now)
    if found is None:
        raise Stale(Conversation.objects.get(pk=conversation_id))
    (number,) = found
    (turn,) = turns.all(Turn(conversation_id=conversation_id, number=number, author=author, text=text, **columns))
    outbox.said(turn)
    announce(Change(conversation_id))
    return turn


def _updated(rows: QuerySet[Conversation], count: str, **changes: Any) -> int | None:
    """Raise the column `count` of one row by one, with `changes` to others, and say what it is now; None without such a row. One statement."""
    query: UpdateQuery = rows.query.chain(UpdateQuery)  # type: ignore[assignment]
    query.add_update_values({count: F(count) + 1, **changes})
    statement, values = query.get_compiler(rows.db).as_sql()
    with connections[rows.db].cursor() as cursor:
        cursor.execute(f"{statement} RETURNING {count}", values)
        found = cursor.fetchone()
    return found[0] if found else None


def lock(conversation_id: UUID, owner: Owner | None = None) -> bool:
    """Hold the conversation's row until the transaction ends: the first lock of everybody who writes to it.

    Only while `owner` has it, if that is given: False says that somebody was faster, and nothing is held.
    """
    (held,) = together(locking(conversation_id, owner))
    return bool(held)


def locking(conversation_id: UUID, owner: Owner | None = None) -> Asked[tuple[int]]:
    """The same, to be asked together with other things; no row when nothing is held, else the epoch."""
    return (_hold if owner is None else _hold_if).asked(conversation=conversation_id, owner=owner)


@contextmanager
def at_epoch(conversation: Conversation, seen: int | None) -> Iterator[None]:
    """One transaction on a conversation that stands at the epoch somebody saw, at any for None. Raises Stale."""
    with transaction.atomic():
        (held,) = together(locking(conversation.pk))
        if held != [(seen,)] and seen is not None:
            raise Stale(Conversation.objects.get(pk=conversation.pk))
        yield


def note(handoff: Handoff, verb: str, *, by: str, agent: Agent | None = None, note: str = "", detail: dict[str, Any] | None = None) -> Step:
    """An audit row for something that moves nobody."""
    (step,) = steps.all(Step(handoff=handoff, verb=verb, by=by, agent=agent, note=note, detail=detail or {}))
    announce(_touched(handoff))
    return step


def touch(handoff: Handoff) -> None:
    """Tell whoever watches this handoff that it changed."""
    announce(_touched(handoff))


def _end_offer(handoff: Handoff, holder: Agent | None) -> None:
    """What was offered is taken, or withdrawn when it goes elsewhere; missed, though nobody ended it yet, by who was there when its time was over."""
    if handoff.offered_to_id is None:
        return
    offered, now = Offer.objects.filter(handoff=handoff, outcome=Offer.Outcome.OPEN), clock.now()
    if holder and holder.pk == handoff.offered_to_id:
        offered.update(outcome=Offer.Outcome.ACCEPTED, ended_at=now)
        return
    over = offered.filter(expires_at__lte=now, agent__is_active=True, agent__status=Agent.Status.AVAILABLE, agent__lease_until__gt=now)
    outcome = Offer.Outcome.MISSED if over.exists() else Offer.Outcome.WITHDRAWN
    offered.update(outcome=outcome, ended_at=now)
    Step.objects.create(handoff=handoff, verb=outcome.value, by="baton", agent_id=handoff.offered_to_id)


def _touched(handoff: Handoff) -> Change:
    """Whom a change of it concerns: its team, whoever holds it or is offered it, and supervisors once they were called."""
    agents = {agent for agent in (handoff.agent_id, handoff.offered_to_id) if agent}
    if handoff.alarmed_at:
        agents |= set(Agent.objects.filter(is_supervisor=True, is_active=True).values_list("pk", flat=True))
    return Change(handoff.conversation_id, handoff.pk, frozenset([handoff.team.code]), frozenset(agents))


def _now(handoff: Handoff) -> Conversation:
    return Conversation.objects.get(pk=handoff.conversation_id)
