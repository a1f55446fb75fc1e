"""What came of something said; and the decision taken when it was first said, for whoever says it again."""

from dataclasses import dataclass
from typing import Any

from handoffs.models import Conversation, Handoff, ProposalRecord, Turn
from handoffs.snapshots import Action, Author, Judgement
from handoffs.states import Owner


@dataclass(frozen=True)
class Decision:
    """What came of something said: the turn (None when it was held back), what to do, why, and the handoff if one began."""

    conversation: Conversation
    action: Action
    turn: Turn | None = None
    trigger: str = ""
    evidence: dict[str, Any] | None = None
    handoff: Handoff | None = None

    @property
    def detections(self) -> list[dict[str, Any]]:
        """Every detection behind it, the one that counts first; of one that asks for a question only that one is kept."""
        if self.handoff and self.action is Action.HAND_OFF:
            return list(self.handoff.detections)
        return [{"trigger": self.trigger, "evidence": self.evidence or {}}] if self.trigger else []


def of(conversation: Conversation, action: Action, turn: Turn | None, judged: Judgement, handoff: Handoff | None) -> Decision:
    conversation.refresh_from_db()
    found = judged.detection
    return Decision(conversation, action, turn, found.trigger if found else "", found.evidence if found else {}, handoff)


def on_words(conversation: Conversation, client_id: str) -> Decision | None:
    """The decision on a customer's turn already taken under this client id."""
    turn = Turn.objects.filter(conversation=conversation, author=Author.CUSTOMER, client_id=client_id).first() if client_id else None
    if turn is None:
        return None
    now = Conversation.objects.get(pk=conversation.pk)
    following = Turn.objects.filter(conversation=conversation, number=turn.number + 1, kind=Turn.Kind.HANDED_OFF).first()
    handoff = Handoff.objects.filter(conversation=conversation, created_at__lte=following.at).order_by("created_at").last() if following else None
    if handoff:
        return Decision(now, Action.HAND_OFF, turn, handoff.trigger, handoff.detections[0]["evidence"], handoff)
    return Decision(now, Action.ANSWER if now.owner == Owner.ASSISTANT else Action.NONE, turn, evidence={})


def on_proposal(conversation: Conversation, client_id: str) -> Decision | None:
    record = ProposalRecord.objects.select_related("turn", "handoff").filter(conversation=conversation, client_id=client_id).first()
    if record is None:
        return None
    now = Conversation.objects.get(pk=conversation.pk)
    return Decision(now, Action(record.action), record.turn, record.trigger, record.evidence, record.handoff)
