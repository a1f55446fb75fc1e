"""Who owns a conversation, and errors as callers read them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from handoffs.models import Agent, Conversation
from handoffs.states import Owner


class OwnerShown(BaseModel):
    kind: Literal["assistant", "team", "agent", "nobody"]
    code: str | None = None
    name: str | None = None
    username: str | None = None

    @model_serializer(mode="wrap")
    def only_what_there_is(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in dump(self).items() if value is not None}


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
