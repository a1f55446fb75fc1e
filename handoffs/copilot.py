"""Assistants whose answers a person checks first: the draft that waits for an agent, and what agents made of it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from handoffs import clock, grounding, transitions
from handoffs.learned.calibration import wilson
from handoffs.models import Agent, Assistant, Conversation, Handoff, ProposalRecord, Turn, Verdict
from handoffs.snapshots import Action, Author
from handoffs.states import HELD, Owner, State
from handoffs.transitions import Forbidden, Stale

Review = ProposalRecord.Review
REVIEWED = (Review.APPROVED, Review.EDITED, Review.REJECTED)
LOOK_BACK = timedelta(days=90)
# Conversations in which an assistant may propose something: its own, those that wait, and a copilot's that people have.
PROPOSES = Q(owner__in=[Owner.ASSISTANT, Owner.TEAM]) | Q(owner=Owner.AGENT, answered_by__copilot=True)


@dataclass(frozen=True)
class Checked:
    """What agents made of an assistant's drafts about one intent; `low` and `high` bound the share approved (95 %, Wilson)."""

    intent: str
    approved: int
    edited: int
    rejected: int
    passed_over: int  # replaced by a newer one, or answered in the agent's own words

    @property
    def reviewed(self) -> int:
        return self.approved + self.edited + self.rejected

    @property
    def share(self) -> tuple[float, float, float] | None:
        """The share approved with its interval; None before any draft was looked at."""
        return (self.approved / self.reviewed, *wilson(self.approved, self.reviewed)) if self.reviewed else None


def helps(conversation: Conversation) -> Handoff | None:
    """The handoff for which the assistant's answers are drafts now: one that waits or is claimed, of a copilot."""
    if not conversation.answered_by.copilot or conversation.owner not in (Owner.TEAM, Owner.AGENT):
        return None
    return conversation.handoffs.select_related("team", "agent").filter(state__in=[State.WAITING, *HELD]).first()


def ask(handoff: Handoff) -> None:
    """Have a built-in copilot draft an answer to what was said last; an outside one reads the turn and sends its own."""
    rows = Conversation.objects.filter(pk=handoff.conversation_id, answered_by__copilot=True).exclude(answered_by__plugin="")
    rows.update(reply_due_at=clock.now())


def waiting_draft(handoff: Handoff) -> ProposalRecord | None:
    """The newest draft nobody has looked at; none once the handoff is over."""
    if handoff.state not in (State.WAITING, *HELD):
        return None
    return ProposalRecord.objects.filter(handoff=handoff, review=Review.WAITING).order_by("-pk").first()


def is_old(draft: ProposalRecord) -> bool:
    """Whether the customer has said something since it was drafted."""
    return Turn.objects.filter(conversation=draft.conversation_id, author=Author.CUSTOMER, number__gt=draft.after_number).exists()


def pass_over(handoff: Handoff) -> None:
    """What waited was answered in other words, or replaced by a newer draft: nobody judged it."""
    ProposalRecord.objects.filter(handoff=handoff, review=Review.WAITING).update(review="")


def sent(handoff: Handoff, agent: Agent, text: str, draft: int | None) -> None:
    """The agent has sent `text`, made from the draft of that number or, without one, in words of their own."""
    row = _unseen(handoff, draft) if draft else None
    if row is None:
        pass_over(handoff)
    else:
        _keep(row, handoff, agent, review_of(row.text, text), right=_right(row.text, text))


def reject(handoff: Handoff, agent: Agent, draft: int, *, why: str = "") -> None:
    """The agent wants nothing of the draft. Raises Stale when the handoff is not theirs, Forbidden when the draft was looked at before."""
    with transaction.atomic():
        transitions.lock(handoff.conversation_id)
        handoff.refresh_from_db()
        if handoff.state != State.CLAIMED or handoff.agent_id != agent.pk:
            raise Stale(Conversation.objects.get(pk=handoff.conversation_id), "this conversation is not with you")
        row = _unseen(handoff, draft)
        if row is None:
            raise Forbidden("somebody has looked at this draft before")
        _keep(row, handoff, agent, Review.REJECTED, right=False, why=why)


def review_of(draft: str, text: str) -> str:
    """Approved when only blanks and line breaks differ, else edited."""
    return Review.APPROVED if draft.split() == text.split() else Review.EDITED


def corrects(draft: str, text: str) -> bool:
    """Whether a figure, date, name or address of the draft was replaced by another: some are gone, and others came."""
    return bool(grounding.missing(draft, [text]).details and grounding.missing(text, [draft]).details)


def checked(assistant: Assistant) -> list[Checked]:
    """The assistant's drafts of the last 90 days by intent, those looked at most first."""
    rows = ProposalRecord.objects.filter(conversation__answered_by=assistant, at__gte=clock.now() - LOOK_BACK).exclude(review=Review.WAITING)
    drafts = rows.filter(~Q(review="") | Q(action=Action.DRAFT) | Q(trigger="copilot"))
    kinds: dict[str, Any] = {review.value: Count("pk", filter=Q(review=review)) for review in REVIEWED}
    found: Any = drafts.values("intent").annotate(passed_over=Count("pk", filter=Q(review="")), **kinds)
    return sorted((Checked(**row) for row in found), key=lambda row: (-row.reviewed, row.intent))


def _right(draft: str, text: str) -> bool | None:
    """What a verdict makes of it: changed words alone say nothing against an answer."""
    if review_of(draft, text) == Review.APPROVED:
        return True
    return False if corrects(draft, text) else None


def _unseen(handoff: Handoff, draft: int) -> ProposalRecord | None:
    """A draft of this handoff that nobody has judged, though a newer one may have taken its place on the desk."""
    drafts = Q(review=Review.WAITING) | Q(action=Action.DRAFT) | Q(trigger="copilot")
    return ProposalRecord.objects.filter(drafts, pk=draft, handoff=handoff, reviewed_at__isnull=True).first()


def _keep(row: ProposalRecord, handoff: Handoff, agent: Agent, review: str, *, right: bool | None, why: str = "") -> None:
    ProposalRecord.objects.filter(pk=row.pk).update(review=review, reviewed_by=agent, reviewed_at=clock.now())
    if right is not None:
        Verdict.objects.update_or_create(proposal=row, by=agent, defaults={"right": right, "at": clock.now()})
    transitions.note(handoff, f"draft_{review}", by="agent", agent=agent, note=why, detail={"proposal": row.pk})
