"""The answer an agent owes: since when, when it is overdue, and who is called for it then."""

from datetime import datetime, timedelta

from django.db.models import Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery

from handoffs import clock, roster, transitions, waiting_room
from handoffs.models import Conversation, Handoff, PolicyVersion, Step, Turn
from handoffs.policy import Policy
from handoffs.snapshots import Author
from handoffs.states import State

# The last of them is the word of an agent who puts it aside, which says by when they are back.
ANSWERS = Q(author__in=(Author.AGENT, Author.ASSISTANT)) | Q(author=Author.WAITING_ROOM, kind=Turn.Kind.CHECK_IN, agent__isnull=False)


def owed_since(handoff: Handoff) -> datetime | None:
    """Since when the customer of a claimed handoff waits for its agent's words; None: nothing is owed.

    That is the first of what they wrote since the last answer. Without any answer since the claim it is the claim, but for who is called back: they are
    rung up. What was put aside is owed from the time on for which it was, until its agent opens it.
    """
    claimed_at, aside_until = handoff.claimed_at or handoff.created_at, handoff.snoozed_until
    said = Turn.objects.filter(conversation=handoff.conversation_id, at__gte=claimed_at)
    answered = said.filter(ANSWERS).aggregate(number=Max("number"))["number"]
    if answered is None and handoff.called_back_at is None:
        return max(claimed_at, aside_until or claimed_at)
    written_at: datetime | None = said.filter(author=Author.CUSTOMER, number__gt=answered or 0).aggregate(at=Min("at"))["at"]
    return max(filter(None, (written_at, aside_until)), default=None)


def overdue_at(handoff: Handoff, policy: Policy) -> datetime | None:
    """When somebody is to be called for a claimed handoff; None when nothing is owed, somebody was called already, or the policy calls nobody."""
    since, limit = owed_since(handoff), _limit(handoff.conversation, policy)
    if since is None or not limit or (handoff.alarmed_at and handoff.alarmed_at >= since):
        return None
    return since + timedelta(seconds=limit)


def call(handoff: Handoff) -> Step | None:
    """Call the agent and the supervisors, and tell the customer, unless it is not overdue any more. In a transaction that has the conversation locked."""
    now, agent = clock.now(), handoff.agent
    handoff.refresh_from_db(fields=["alarmed_at", "snoozed_until", "claimed_at"])
    due = overdue_at(handoff, PolicyVersion.in_force())
    if agent is None or due is None or due > now:
        return None
    Handoff.objects.filter(pk=handoff.pk).update(alarmed_at=now)
    handoff.alarmed_at = now
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


def _limit(conversation: Conversation, policy: Policy) -> int:
    """Seconds; more where words go by letter, to who is not there to wait for them."""
    by_letter = not (waiting_room.is_here(conversation) or waiting_room.reads_elsewhere(conversation)) and waiting_room.address(conversation)
    return policy.answer_letters_within if by_letter else policy.answer_within
