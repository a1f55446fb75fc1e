"""The answer an agent owes: since when, when it is overdue, and who is called for it then."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery

from handoffs import clock, roster, transitions, waiting_room
from handoffs.courtesies import asks_nothing
from handoffs.models import Conversation, Handoff, PolicyVersion, Step, Turn
from handoffs.policy import Policy
from handoffs.snapshots import Author
from handoffs.states import State

LOOKED_AT = 20  # of the words that are unanswered
# The last of them is the word of an agent who puts it aside, which says by when they are back.
ANSWERS = Q(author__in=(Author.AGENT, Author.ASSISTANT)) | Q(author=Author.WAITING_ROOM, kind=Turn.Kind.CHECK_IN, agent__isnull=False)


@dataclass(frozen=True)
class Debt:
    """An answer that is owed: since when, and whether something was asked, or they have only thanked or said goodbye."""

    since: datetime
    is_asked: bool = True


def owed(handoff: Handoff) -> Debt | None:
    """What its agent owes the customer of a claimed handoff; None: nothing.

    It is owed since the first words that nobody has answered. Without any answer since the claim it is owed since the claim, but not to who is called
    back: they are rung up. What was put aside is owed from the time on for which it was, until its agent opens it.
    """
    claimed_at, until = handoff.claimed_at or handoff.created_at, handoff.snoozed_until
    said = Turn.objects.filter(conversation=handoff.conversation_id, at__gte=claimed_at)
    answered = said.filter(ANSWERS).aggregate(number=Max("number"))["number"]
    if answered is None and handoff.called_back_at is None:
        return Debt(max(claimed_at, until or claimed_at))
    theirs = said.filter(author=Author.CUSTOMER, number__gt=answered or 0).order_by("number")
    words = [(at, kind == Turn.Kind.FILE or not asks_nothing(text, _name(handoff))) for at, kind, text in theirs.values_list("at", "kind", "text")[:LOOKED_AT]]
    written_at = next((at for at, is_asked in words if is_asked), words[0][0] if words else None)
    since = max(filter(None, (written_at, until)), default=None)
    return Debt(since, any(is_asked for _, is_asked in words) or written_at is None) if since else None


def overdue_at(handoff: Handoff, policy: Policy) -> datetime | None:
    """When somebody is to be called for a claimed handoff; None when nothing is owed, somebody was called already, or the policy calls nobody."""
    debt = owed(handoff)
    limit = _limit(handoff.conversation, policy, debt) if debt else 0
    if debt is None or not limit or (handoff.alarmed_at and handoff.alarmed_at >= debt.since):
        return None
    return debt.since + timedelta(seconds=limit)


def call(handoff: Handoff) -> Step | None:
    """Call the agent and the supervisors, and tell the customer who asked something, unless it is not overdue any more.

    In a transaction that has the conversation locked.
    """
    now, agent = clock.now(), handoff.agent
    handoff.refresh_from_db(fields=["alarmed_at", "snoozed_until", "claimed_at"])
    debt, due = owed(handoff), overdue_at(handoff, PolicyVersion.in_force())
    if agent is None or debt is None or due is None or due > now:
        return None
    Handoff.objects.filter(pk=handoff.pk).update(alarmed_at=now)
    handoff.alarmed_at = now
    if debt.is_asked:
        called = roster.here().filter(is_supervisor=True).exclude(pk=agent.pk).exists()
        text = waiting_room.words("unanswered", handoff.conversation, agent=agent.public_name, called=called)
        waiting_room.tell(handoff.conversation, text, Turn.Kind.NOTICE)
    return transitions.note(handoff, "unanswered", by="baton")


def called() -> QuerySet[Handoff]:
    """What has no answer since somebody was called for it, called first first. `written_at`: when its customer wrote last."""
    words = Turn.objects.filter(conversation=OuterRef("conversation"))
    rows = Handoff.objects.filter(~Exists(words.filter(ANSWERS, at__gte=OuterRef("alarmed_at"))), state=State.CLAIMED, alarmed_at__gte=F("claimed_at"))
    rows = rows.exclude(snoozed_until__gt=clock.now()).annotate(
        written_at=Subquery(words.filter(author=Author.CUSTOMER).order_by("-number").values("at")[:1]))
    return rows.select_related("team", "agent", "conversation__customer").order_by("alarmed_at", "pk")


def _limit(conversation: Conversation, policy: Policy, debt: Debt) -> int:
    """Seconds; more for who does not wait for it: whose words go by letter, and who has only thanked."""
    is_there = waiting_room.is_here(conversation) or waiting_room.reads_elsewhere(conversation) or not waiting_room.address(conversation)
    return policy.answer_within if is_there and debt.is_asked else policy.answer_letters_within


def _name(handoff: Handoff) -> str:
    return handoff.agent.public_name if handoff.agent else ""
