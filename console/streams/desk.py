"""One handoff as its desk shows it: who drives, how the customer feels, the brief, who holds it, notes, and new turns."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.template.loader import render_to_string

from console import brief, permissions, person, transcript
from console.streams.base import Stream, colleagues_group, conversation_group
from handoffs import copilot, snoozing
from handoffs.detection import question_of
from handoffs.models import Agent, Conversation, Handoff

TEMPLATES = {"hbar-state": "hbar_state", "mood": "desk_mood", "brief": "brief", "notes": "notes", "owner": "owner", "person": "person", "draft": "draft"}


class Desk(Stream):
    """The key is the handoff's id."""

    code: ClassVar[str] = "desk"

    def may_watch(self, agent: Agent) -> bool:
        return permissions.handoffs_of(agent).filter(pk=key).exists() if (key := _key(self.key)) else False

    @classmethod
    def watched(cls, asked: Collection[tuple[Agent, Stream]]) -> frozenset[tuple[int, Stream]]:
        shown = permissions.handoffs_of_each([(agent, key) for agent, stream in asked if (key := _key(stream.key))])
        return frozenset((agent.pk, stream) for agent, stream in asked if (agent.pk, _key(stream.key)) in shown)

    def groups(self) -> frozenset[str]:
        handoff = self._handoff()
        return frozenset([conversation_group(handoff.conversation_id.hex), colleagues_group(handoff.team.code)])

    def parts(self) -> Mapping[str, str]:
        context = context_of(self._handoff())
        return {f"{name}-{self.key}": render_to_string(f"console/_partials/{file}.html", context) for name, file in TEMPLATES.items()}

    def news(self, after: int) -> tuple[str, int]:
        conversation = Conversation.objects.select_related("customer", "answered_by").get(handoffs=UUID(self.key))
        entries = transcript.entries(conversation, after)
        if not entries:
            return "", max(after, conversation.last_number)
        html = render_to_string("console/_partials/news.html", {"entries": entries, "conversation": conversation})
        return html, entries[-1].turn.number

    def _handoff(self) -> Handoff:
        return Handoff.objects.select_related("team", "agent", "conversation__customer", "conversation__answered_by").get(pk=UUID(self.key))


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def context_of(handoff: Handoff) -> dict[str, Any]:
    """Everything the parts of a desk show; the same for whoever looks."""
    conversation, draft = handoff.conversation, copilot.waiting_draft(handoff)
    return {
        **brief.shown(handoff),
        "handoff": handoff,
        "conversation": conversation,
        "customer": conversation.customer,
        "stages": stages(handoff),
        "aside": snoozing.is_aside(handoff),
        "notes": handoff.steps.exclude(note="").select_related("agent").order_by("id"),
        "draft": draft,
        "draft_is_old": bool(draft and copilot.is_old(draft)),
        "earlier": earlier(handoff),
        "follows": Handoff.objects.select_related("agent").filter(pk=handoff.follows_id).first() if handoff.follows_id else None,
        "why": reasons(handoff),
        "more_reasons": max(0, len(handoff.detections) - 1),
        **person.shown(conversation.customer),
    }


def reasons(handoff: Handoff) -> list[dict[str, Any]]:
    """Everything that was found when it was handed over, the one that counts first, with what its trigger asks."""
    found = handoff.detections or [{"trigger": handoff.trigger, "reason": handoff.reason, "evidence": {}}]
    return [{**each, "question": question_of(each["trigger"])} for each in found]


def stages(handoff: Handoff) -> dict[str, Any]:
    """The baton's stages: how long the assistant had it, how long it waited last, since when a person has it."""
    before = handoff.conversation.handoffs.filter(ended_at__lt=handoff.created_at).order_by("-ended_at").values_list("ended_at", flat=True).first()
    began = before or handoff.conversation.created_at
    first = handoff.conversation.turns.filter(at__gte=began).order_by("number").values_list("at", flat=True).first() or began
    claimed, ended = handoff.claimed_at if handoff.state != "waiting" else None, handoff.resolved_at or handoff.ended_at
    return {
        "assistant": (handoff.created_at - min(first, handoff.created_at)).total_seconds(),
        "waited": (claimed - handoff.waiting_since).total_seconds() if claimed else None,
        "held": (ended - claimed).total_seconds() if claimed and ended else None,
        "promised": round((handoff.promise_due_at - handoff.waiting_since).total_seconds()),
    }


def earlier(handoff: Handoff) -> list[Handoff]:
    """The customer's other handoffs, newest first."""
    rows = Handoff.objects.filter(conversation__customer=handoff.conversation.customer_id, created_at__lt=handoff.created_at).exclude(pk=handoff.pk)
    return list(rows.select_related("agent", "survey").order_by("-created_at")[:5])
