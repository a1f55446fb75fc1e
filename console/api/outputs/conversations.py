"""What callers read of conversations: turns, and what was decided about them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from pydantic import BaseModel, Field, SerializerFunctionWrapHandler, model_serializer

from console.api.outputs.owners import OwnerShown, owner_of
from handoffs.decisions import Decision
from handoffs.detection import question_of
from handoffs.models import Agent, Conversation, File, Handoff, Turn
from handoffs.snapshots import Author

Asks = Annotated[Literal["asked", "should", "can"] | None, Field(description="What it asks: did they ask for a person, should an assistant answer, can it?")]


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


class FileShown(BaseModel):
    id: UUID
    name: str
    kind: str = Field(description="A media type, by its first bytes.", examples=["image/png"])
    size: int = Field(description="Bytes.")
    url: str


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
    files: list[FileShown] = Field([], description="What the customer sent along; GET each `url` with your key for its bytes.")


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


def asks(trigger: str) -> Asks:
    return cast(Asks, question_of(trigger))


def decision(made: Decision) -> DecisionShown:
    found = [Found(trigger=each["trigger"], question=asks(each["trigger"]), evidence=each["evidence"]) for each in made.detections]
    return DecisionShown(action=made.action.value, trigger=made.trigger or None, evidence=made.evidence or {}, detections=found, handoff=link(made.handoff))


def link(handoff: Handoff | None) -> HandoffLink | None:
    return HandoffLink(id=handoff.pk, state=handoff.state, team=handoff.team.code) if handoff else None


def conversation(row: Conversation, url: str, handoff: Handoff | None, viewer: Agent | None = None) -> ConversationShown:
    return ConversationShown(
        id=row.pk, external_id=row.external_id, owner=owner_of(row, viewer), epoch=row.epoch, customer_url=url, medium=row.medium,
        language=row.language, last_number=row.last_number, handoff=link(handoff), created_at=row.created_at, closed_at=row.closed_at,
    )


def turn(row: Turn, files: Iterable[File] = ()) -> TurnShown:
    return TurnShown(
        id=row.pk, number=row.number, author=row.author, kind=row.kind, text=row.text, at=row.at, client_id=row.client_id or None, delivered=True,
        name=row.agent.public_name if row.author == Author.AGENT and row.agent else None, clarifying=row.clarifying,
        confidence=row.confidence, intent=row.intent or None, sources=row.sources, files=[_file(each) for each in files],
    )


def _file(row: File) -> FileShown:
    url = settings.BASE_URL + reverse("api:file", args=[row.conversation_id, row.pk])
    return FileShown(id=row.pk, name=row.name, kind=row.kind, size=row.size, url=url)
