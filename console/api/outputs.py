"""What callers read: the owner, conversations, turns, decisions and handoffs."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import UUIDField
from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, computed_field, model_serializer

from handoffs.decisions import Decision
from handoffs.detection import question_of
from handoffs.models import Agent, Conversation, Handoff, Step, Turn
from handoffs.prepared import Given, Prepared
from handoffs.snapshots import Author, Brief
from handoffs.states import Owner

_steps = Prepared(lambda: Step.objects.filter(handoff=Given("handoff", UUIDField())).select_related("agent"))


class OwnerShown(BaseModel):
    kind: Literal["assistant", "team", "agent", "nobody"]
    code: str | None = None
    name: str | None = None
    username: str | None = None

    @model_serializer(mode="wrap")
    def only_what_there_is(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in dump(self).items() if value is not None}


class HandoffLink(BaseModel):
    id: UUID
    state: str
    team: str


class ConversationShown(BaseModel):
    id: UUID
    external_id: str
    owner: OwnerShown
    epoch: int
    customer_url: str
    medium: str
    language: str
    last_number: int
    handoff: HandoffLink | None = Field(description="The one that is open, if any.")
    created_at: datetime
    closed_at: datetime | None


class TurnShown(BaseModel):
    id: int | None = None
    number: int | None = Field(description="Null when the turn was held back.")
    author: str
    kind: str
    name: str | None = Field(None, description="Of an agent's turn: the agent's public name.")
    text: str
    at: datetime
    client_id: str | None = None
    delivered: bool
    clarifying: bool = False
    confidence: float | None = None
    intent: str | None = None
    sources: list[dict[str, Any]] = []


Asks = Annotated[Literal["asked", "should", "can"] | None, Field(description="What it asks: did they ask for a person, should an assistant answer, can it?")]


class Found(BaseModel):
    trigger: str
    question: Asks
    evidence: dict[str, Any]


class DecisionShown(BaseModel):
    action: Literal["answer", "clarify", "hand_off", "draft", "none"]
    trigger: str | None
    evidence: dict[str, Any]
    detections: list[Found] = Field([], description="Everything that was found, the one that counts first; left out when there is nothing.")
    handoff: HandoffLink | None

    @model_serializer(mode="wrap")
    def only_what_was_found(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in dump(self).items() if name != "detections" or value}


class Decided(BaseModel):
    turn: TurnShown
    epoch: int
    decision: DecisionShown


class Said(BaseModel):
    turn: TurnShown
    epoch: int


class Turns(BaseModel):
    turns: list[TurnShown]
    epoch: int
    owner: OwnerShown
    last_number: int


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


class ErrorShown(BaseModel):
    field: str = Field(examples=["customer.email"])
    reason: str = Field(examples=["must be an e-mail address"])


class ProblemShown(BaseModel):
    """RFC 9457, `application/problem+json`."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(examples=["/problems/invalid"])
    title: str
    status: int
    detail: str
    errors: list[ErrorShown] = []
    owner: OwnerShown | None = Field(None, description="With 409: who owns the conversation now.")
    epoch: int | None = Field(None, description="With 409: the epoch now.")


def owner_of(conversation: Conversation, viewer: Agent | None = None) -> OwnerShown:
    """Who owns the conversation, by the names customers read; agents also see usernames."""
    match conversation.owner:
        case Owner.TEAM if conversation.team:
            return OwnerShown(kind="team", code=conversation.team.code, name=conversation.team.public_name)
        case Owner.AGENT if conversation.agent:
            return OwnerShown(kind="agent", name=conversation.agent.public_name, username=conversation.agent.username if viewer else None)
        case Owner.ASSISTANT:
            return OwnerShown(kind="assistant", code=conversation.answered_by.code, name=conversation.answered_by.name)
    return OwnerShown(kind="nobody")


def decision(made: Decision) -> DecisionShown:
    found = [Found(trigger=each["trigger"], question=question_of(each["trigger"]), evidence=each["evidence"]) for each in made.detections]
    return DecisionShown(action=made.action.value, trigger=made.trigger or None, evidence=made.evidence or {}, detections=found, handoff=link(made.handoff))


def link(handoff: Handoff | None) -> HandoffLink | None:
    return HandoffLink(id=handoff.pk, state=handoff.state, team=handoff.team.code) if handoff else None


def conversation(row: Conversation, url: str, handoff: Handoff | None, viewer: Agent | None = None) -> ConversationShown:
    return ConversationShown(
        id=row.pk, external_id=row.external_id, owner=owner_of(row, viewer), epoch=row.epoch, customer_url=url, medium=row.medium,
        language=row.language, last_number=row.last_number, handoff=link(handoff), created_at=row.created_at, closed_at=row.closed_at,
    )


def turn(row: Turn) -> TurnShown:
    return TurnShown(
        id=row.pk, number=row.number, author=row.author, kind=row.kind, text=row.text, at=row.at, client_id=row.client_id or None, delivered=True,
        name=row.agent.public_name if row.author == Author.AGENT and row.agent else None, clarifying=row.clarifying,
        confidence=row.confidence, intent=row.intent or None, sources=row.sources,
    )


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


def handoff(row: Handoff, viewer: Agent | None) -> HandoffShown:
    """A handoff with its brief and every step so far."""
    steps = [
        StepShown(verb=step.verb, by=step.by, agent=agent(step.agent, viewer), at=step.at, from_state=step.from_state, to_state=step.to_state,
                  epoch=step.epoch, note=step.note, detail=step.detail)
        for step in _steps.all(handoff=row.pk)
    ]
    kept = row.detections or [{"trigger": row.trigger, "reason": row.reason, "evidence": {}}]
    found = [DetectionShown(question=question_of(each["trigger"]), **each) for each in kept]
    return HandoffShown(
        **_columns(row, viewer), detection=found[0], detections=found, brief=BriefShown.model_validate(row.brief), routed_because=row.routed_because,
        resolution=row.resolution, hands_back=row.hands_back, steps=steps,
    )
