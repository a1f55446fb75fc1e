"""What an agent owes a customer: since when, when somebody is called for it, and when the customer is told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery

from handoffs import clock, roster, transitions, waiting_room
from handoffs.courtesies import asks_nothing
from handoffs.models import Agent, Conversation, Handoff, PolicyVersion, Step, Turn
from handoffs.policy import Policy
from handoffs.snapshots import Author
from handoffs.states import State
from handoffs.transitions import Stale

# The last of them says by when an agent is back who puts it aside.
ANSWERS = Q(author__in=(Author.AGENT, Author.ASSISTANT)) | Q(kind=Turn.Kind.CHECK_IN, agent__isnull=False)
ENDS = ("woken", "undone", "reopened")  # of what was put aside
VERBS = ("snoozed", *ENDS, "settled", "came_back", "apologised")
LOOKED_AT = 20  # of the words that nobody has answered
# After that nobody is told any more that there is no answer yet: there was none when nobody looked, or before this was looked at.
TOO_LATE = timedelta(hours=1)


@dataclass(frozen=True)
class Debt:
    """An answer that is owed since then; what was only thanks or a goodbye is not `asked`. When to call somebody, and when to tell the customer."""

    since: datetime
    asked: bool
    call_at: datetime
    tell_at: datetime


def next_at(handoff: Handoff, policy: Policy) -> datetime | None:
    """When something is to be done about what is owed in a claimed handoff; None while there is nothing."""
    debt = _owed(handoff, policy)
    if debt is None:
        return None
    if handoff.alarmed_at is None or handoff.alarmed_at < debt.since:
        return debt.call_at
    is_told = handoff.steps.filter(verb="apologised", at__gte=debt.since).exists()
    return None if is_told or not debt.asked else max(debt.tell_at, handoff.alarmed_at + (debt.tell_at - debt.call_at))


def work(handoff: Handoff) -> Step | None:
    """Call the agent and the supervisors for what is overdue and, when there is no answer some time later, tell the customer; each once.

    In a transaction that has the conversation locked.
    """
    now, policy = clock.now(), PolicyVersion.in_force()
    handoff.refresh_from_db(fields=["alarmed_at", "snoozed_until"])
    debt, due = _owed(handoff, policy), next_at(handoff, policy)
    if debt is None or due is None or due > now:
        return None
    if handoff.alarmed_at is None or handoff.alarmed_at < debt.since:
        Handoff.objects.filter(pk=handoff.pk).update(alarmed_at=now)
        handoff.alarmed_at = now
        return transitions.note(handoff, "unanswered", by="baton")
    return _apologise(handoff) if now - debt.tell_at < TOO_LATE else None


def settle(handoff: Handoff, agent: Agent, *, heard: int | None = None, seen: int | None = None) -> Step:
    """Its agent says that nothing of what was said needs an answer, up to turn `heard`, the last they have read; None: up to now.

    Raises Stale when it is not with them.
    """
    with transaction.atomic():
        transitions.lock(handoff.conversation_id)
        now = Conversation.objects.get(pk=handoff.conversation_id)
        held = Handoff.objects.filter(pk=handoff.pk, state=State.CLAIMED, agent=agent)
        if seen not in (None, now.epoch) or not held.update(alarmed_at=None):
            raise Stale(now, "this conversation is not with you")
        number = now.last_number if heard is None else min(heard, now.last_number)
        return transitions.note(handoff, "settled", by="agent", agent=agent, detail={"number": number})


def called() -> QuerySet[Handoff]:
    """What has no answer since somebody was called for it, called first first. `written_at` and `written`: its customer's last words, when and their number."""
    words = Turn.objects.filter(conversation=OuterRef("conversation"), author=Author.CUSTOMER).order_by("-number")
    rows = Handoff.objects.filter(state=State.CLAIMED, alarmed_at__isnull=False).exclude(snoozed_until__gt=clock.now())
    rows = rows.annotate(written_at=Subquery(words.values("at")[:1]), written=Subquery(words.values("number")[:1]))
    return rows.select_related("team", "agent", "conversation__customer").defer("brief", "detections").order_by("alarmed_at", "pk")


def _owed(handoff: Handoff, policy: Policy) -> Debt | None:
    """Three queries. It is owed since the first words that nobody has answered, and since the claim while its agent has said nothing.

    What was put aside is owed from the end of that on, also when nothing was asked but it was said by when their agent is back.
    """
    turns, noted = Turn.objects.filter(conversation=handoff.conversation_id), _noted(handoff)
    last = turns.filter(ANSWERS | Q(kind=Turn.Kind.JOINED)).order_by("-number").first()
    settled = next((step for step in reversed(noted) if step.verb == "settled"), None)
    number = max(last.number if last else 0, settled.detail.get("number", 0) if settled else 0)
    said = list(turns.filter(author=Author.CUSTOMER, number__gt=number).order_by("number")[:LOOKED_AT])
    asked = [turn for turn in said if _asks(turn, last, handoff)]
    is_silent = last is not None and last.kind == Turn.Kind.JOINED and not settled and not _is_rung_up(handoff)
    since = handoff.claimed_at if is_silent else (asked or said)[0].at if said else None
    is_asked = is_silent or bool(asked)
    asides = [step for step in noted if step.verb == "snoozed" and not (settled and settled.pk > step.pk) and not (last and last.at > step.at)]
    if asides:
        promised = max((_until(step) for step in asides if step.detail.get("told")), default=None)
        since, is_asked = (promised, True) if promised and not is_asked else (max(since, _ended_at(asides[-1], noted)) if since else None, is_asked)
    return _debt(handoff, policy, since, noted, is_asked=is_asked) if since else None


def _ended_at(aside: Step, noted: list[Step]) -> datetime:
    return next((step.at for step in noted if step.verb in ENDS and step.pk > aside.pk), _until(aside))


def _until(aside: Step) -> datetime:
    return datetime.fromisoformat(aside.detail["until"])


def _noted(handoff: Handoff) -> list[Step]:
    return list(handoff.steps.filter(verb__in=VERBS, at__gte=handoff.claimed_at or handoff.created_at).order_by("pk"))


def _asks(turn: Turn, last: Turn | None, handoff: Handoff) -> bool:
    name, after = handoff.agent.public_name if handoff.agent else "", last.text if last else ""
    return turn.kind == Turn.Kind.FILE or not asks_nothing(turn.text, to=name, after=after)


def _debt(handoff: Handoff, policy: Policy, since: datetime, noted: list[Step], *, is_asked: bool) -> Debt | None:
    """None where the policy calls nobody. Who does not wait for it on a page is owed it by letter, in the team's hours, and so are thanks."""
    conversation, since = handoff.conversation, max(since, handoff.claimed_at or since)
    if is_asked and not _by_letter(conversation):
        limit = timedelta(seconds=policy.answer_within)
        # Who could read it elsewhere, and comes to the page to look for it, begins to wait for it then.
        came = (step.at for step in noted if step.verb == "came_back" and step.at > since) if waiting_room.address(conversation) else iter(())
        call_at = next(came, since) + limit
        return Debt(since, is_asked, call_at, call_at + limit / 2) if limit else None
    limit, week = timedelta(seconds=policy.answer_letters_within), handoff.team.opening_hours
    call_at, tell_at = (week.next_opening(since + part * limit) or since + part * limit for part in (1, 1.5))
    return Debt(since, is_asked, call_at, tell_at) if limit else None


def _by_letter(conversation: Conversation) -> bool:
    if not waiting_room.address(conversation) or waiting_room.reads_elsewhere(conversation):
        return False
    return conversation.medium != "web" or not waiting_room.is_here(conversation)


def _is_rung_up(handoff: Handoff) -> bool:
    """Whether its agent is to call the customer, who left a number for that, and is the first who has it."""
    if handoff.called_back_at is None or not handoff.conversation.reply_by_phone:
        return False
    return not handoff.steps.filter(verb="claimed", at__lt=handoff.claimed_at or handoff.created_at).exists()


def _apologise(handoff: Handoff) -> Step:
    called = roster.here().filter(is_supervisor=True).exclude(pk=handoff.agent_id or 0).exists()
    name = handoff.agent.public_name if handoff.agent else ""
    waiting_room.tell(handoff.conversation, waiting_room.words("unanswered", handoff.conversation, agent=name, called=called), Turn.Kind.NOTICE)
    return transitions.note(handoff, "apologised", by="baton")
