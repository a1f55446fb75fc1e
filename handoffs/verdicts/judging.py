"""People say whether what an assistant proposed was right; which proposals they are asked about is left to chance."""

import random
from datetime import timedelta
from hashlib import sha256

from django.db.models import Q, QuerySet

from handoffs import clock
from handoffs.models import Agent, ProposalRecord, Turn, Verdict
from handoffs.snapshots import Action, Author

LOOK_BACK = timedelta(days=90)
# How the client ids begin of what is said when a conversation comes back, and of drafts behind words that were handed off at once.
WRAP_UP, SHADOW = "wrap-up-", "shadow-"
GIVEN = Q(action=Action.ANSWER, turn__isnull=False, clarifying=False) & ~Q(client_id__startswith=WRAP_UP) & ~Q(text="")
DRAFTED = Q(shadow=True) & ~Q(text="")


def judge(proposal: ProposalRecord, right: bool, by: Agent) -> Verdict:
    """Say whether it was right; a second word of the same person replaces the first.

    Only for what `next_to_judge` offered: proposals picked by hand would bend every estimate.
    """
    verdict, _ = Verdict.objects.update_or_create(proposal=proposal, by=by, defaults={"right": right, "at": clock.now()})
    return verdict


def next_to_judge() -> ProposalRecord | None:
    """An answer or a shadow draft that nobody judged, at random: one or the other kind with equal chances. None when all are judged."""
    kinds = [GIVEN, DRAFTED]
    random.shuffle(kinds)
    return next((found for kind in kinds if (found := _any(judgeable(kind).filter(verdicts__isnull=True)))), None)


def judgeable(kind: Q = GIVEN | DRAFTED) -> QuerySet[ProposalRecord]:
    """Proposals of the kind, of the last 90 days, that say how sure they are."""
    rows = ProposalRecord.objects.filter(kind, at__gte=clock.now() - LOOK_BACK, confidence__isnull=False)
    return rows.select_related("conversation__customer", "turn")


def question_of(proposal: ProposalRecord) -> str:
    """The customer's words the proposal answers."""
    said = Turn.objects.filter(conversation=proposal.conversation_id, author=Author.CUSTOMER)
    before = said.filter(number__lte=proposal.after_number) if proposal.after_number else said
    newest = before.order_by("-number").first()
    return newest.text if newest else ""


def draws(proposed_as: str, share: float) -> bool:
    """Whether chance picks this proposal to be drafted for people to judge; the same proposal is always picked or never."""
    return int.from_bytes(sha256(proposed_as.encode("utf-8", "replace")).digest()[:8]) < share * 2**64


def _any(rows: QuerySet[ProposalRecord]) -> ProposalRecord | None:
    count = rows.count()
    return rows.order_by("pk")[random.randrange(count) :].first() if count else None
