"""What callers read of handoffs: rows of a list, and one with its brief and steps."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.db.models import UUIDField
from pydantic import BaseModel, Field, computed_field

from console.api.outputs.conversations import Asks, asks
from handoffs.models import Agent, Handoff, Step
from handoffs.prepared import Given, Prepared
from handoffs.snapshots import Brief

_steps = Prepared(lambda: Step.objects.filter(handoff=Given("handoff", UUIDField())).select_related("agent"))


class TeamShown(BaseModel):
    code: str
    name: str


class AgentShown(BaseModel):
    name: str
    username: str | None = None


class HandoffRow(BaseModel):
    id: UUID
    conversation: UUID
    state: str
    team: TeamShown
    agent: AgentShown | None
    priority: Annotated[int, Field(description="1 is most urgent, 4 the least.")]
    trigger: str
    reason: str
    goal: str
    mood: str
    trend: str
    intent: str
    epoch: int
    created_at: datetime
    waiting_since: datetime
    promise_due_at: datetime
    claimed_at: datetime | None
    snoozed_until: datetime | None = Field(description="Put aside until then; past, its agent has not opened it since.")
    first_reply_at: datetime | None
    resolved_at: datetime | None
    ended_at: datetime | None


class DetectionShown(BaseModel):
    trigger: str
    question: Asks
    reason: str
    evidence: dict[str, Any]


class StepShown(BaseModel):
    verb: str
    by: str
    agent: AgentShown | None
    at: datetime
    from_state: str
    to_state: str
    epoch: int
    note: str
    detail: dict[str, Any]


class BriefShown(Brief):
    """What a person must know; `version` is raised when a name changes its meaning. `summary` is the sentences in one text."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def summary(self) -> str:
        return " ".join(sentence.text for sentence in self.sentences)


class HandoffShown(HandoffRow):
    detection: DetectionShown
    detections: list[DetectionShown]
    brief: BriefShown
    routed_because: str
    resolution: str
    hands_back: bool
    steps: list[StepShown]


class HandoffPage(BaseModel):
    items: list[HandoffRow]
    count: int
    page: int
    pages: int
    page_size: int


def agent(row: Agent | None, viewer: Agent | None) -> AgentShown | None:
    return AgentShown(name=row.public_name, username=row.username if viewer else None) if row else None


def _columns(row: Handoff, viewer: Agent | None) -> dict[str, Any]:
    same = ("state", "priority", "trigger", "reason", "goal", "mood", "trend", "intent", "created_at", "waiting_since", "promise_due_at",
            "claimed_at", "snoozed_until", "first_reply_at", "resolved_at", "ended_at")
    return {
        "id": row.pk, "conversation": row.conversation_id, "team": TeamShown(code=row.team.code, name=row.team.name),
        "agent": agent(row.agent, viewer), "epoch": row.conversation.epoch, **{name: getattr(row, name) for name in same},
    }


def handoff_row(row: Handoff, viewer: Agent | None) -> HandoffRow:
    return HandoffRow(**_columns(row, viewer))


def handoff(row: Handoff, viewer: Agent | None, known: Sequence[Step] = ()) -> HandoffShown:
    """A handoff with its brief and every step so far: those `known`, when they are all."""
    steps = [
        StepShown(verb=step.verb, by=step.by, agent=agent(step.agent, viewer), at=step.at, from_state=step.from_state, to_state=step.to_state,
                  epoch=step.epoch, note=step.note, detail=step.detail)
        for step in known or _steps.all(handoff=row.pk)
    ]
    kept = row.detections or [{"trigger": row.trigger, "reason": row.reason, "evidence": {}}]
    found = [DetectionShown(question=asks(each["trigger"]), **each) for each in kept]
    return HandoffShown(
        **_columns(row, viewer), detection=found[0], detections=found, brief=BriefShown.model_validate(row.brief), routed_because=row.routed_because,
        resolution=row.resolution, hands_back=row.hands_back, steps=steps,
    )
