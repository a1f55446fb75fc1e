"""What assistants proposed, kept whatever came of it; and drafts of what is handed off, for people to judge and nobody to read."""

import logging
from dataclasses import replace
from uuid import UUID

from django.db.models import QuerySet

from handoffs import copilot, history, plugins, verdicts
from handoffs.models import Attempt, Conversation, Handoff, PolicyVersion, ProposalRecord, Turn
from handoffs.snapshots import Action, Judgement, Proposal
from handoffs.states import OPEN

logger = logging.getLogger(__name__)


def remember(conversation: Conversation, proposal: Proposal, judged: Judgement, client_id: str, turn: Turn | None, handoff: Handoff | None) -> None:
    """Keep what was proposed, what was tried for it and what was decided; by chance one that was held back becomes a shadow draft.
    A copilot's is one for the agent, in place of the draft before it."""
    found = judged.detection
    evidence = dict(found.evidence) if found else {}
    if proposal.stated_confidence is not None:
        evidence["stated_confidence"] = proposal.stated_confidence
    is_draft = bool(handoff and proposal.text and conversation.answered_by.copilot)
    if handoff and is_draft:
        copilot.pass_over(handoff)
    ProposalRecord.objects.create(
        conversation=conversation, client_id=client_id, text=proposal.text, confidence=proposal.confidence, intent=proposal.intent,
        intent_confidence=proposal.intent_confidence, failed=proposal.failed, facts=proposal.facts, sources=list(proposal.sources),
        after_number=conversation.last_number, clarifying=proposal.clarifying, action=judged.action, turn=turn, handoff=handoff,
        trigger=found.trigger if found else "", evidence=evidence, shadow=bool(turn is None and proposal.text and _drawn(conversation.pk, client_id)),
        review=ProposalRecord.Review.WAITING if is_draft else "",
    )
    Attempt.objects.bulk_create(
        Attempt(
            conversation=conversation, after_number=conversation.last_number, step=tried.step, detail=tried.detail,
            outcome=tried.outcome, shown=tried.shown,
        )
        for tried in proposal.attempts
    )


def want_draft(handoff: Handoff, turn: Turn) -> None:
    """By chance, have the built-in assistant draft what it would have said to the words that were handed off: a row without a text is due."""
    conversation, client_id = handoff.conversation, f"{verdicts.SHADOW}{turn.number}"
    if conversation.answered_by.plugin and _drawn(conversation.pk, client_id):
        ProposalRecord.objects.create(
            conversation=conversation, client_id=client_id, after_number=turn.number, shadow=True, action=Action.HAND_OFF, trigger=handoff.trigger,
            handoff=handoff,
        )


def wanted() -> QuerySet[ProposalRecord]:
    """Drafts that are due, while their handoff is open."""
    due = ProposalRecord.objects.filter(shadow=True, text="", failed="", handoff__state__in=OPEN)
    return due.select_related("conversation__answered_by", "conversation__customer")


def draft(row: ProposalRecord) -> None:
    """Let the built-in assistant draft it, as if it were asked then. Its error is kept in place of a text, so that it is not asked again."""
    conversation = row.conversation
    before = history.transcript(conversation)
    then = replace(before, lines=tuple(line for line in before.lines if line.number <= row.after_number))
    try:
        said = plugins.load("handoffs.assistants")[conversation.answered_by.plugin].reply(then)
    except Exception as error:
        logger.exception("the built-in assistant failed to draft for %s", conversation.pk)
        said = Proposal(failed=f"{type(error).__name__}: {error}"[:200])
    ProposalRecord.objects.filter(pk=row.pk, text="", failed="").update(
        text=said.text, confidence=said.confidence, intent=said.intent, intent_confidence=said.intent_confidence, sources=list(said.sources),
        failed=said.failed if said.text else said.failed or "no draft",
    )


def _drawn(conversation: UUID, client_id: str) -> bool:
    return verdicts.draws(f"{conversation} {client_id}", PolicyVersion.in_force().shadow_share)
