"""API: an agent's own status, and how much room they have."""

from datetime import datetime
from typing import Literal, cast

from django.db import transaction
from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, Field

from console.api import inputs, keys
from handoffs import breaks, clock, roster
from handoffs.models import Agent

router = Router(tags=["Agents"])
Status = Literal["available", "busy", "away"]


class NewStatus(inputs.Input):
    status: Status = Field(description="Available: you are given work. Busy: you claim what you like. Away: you keep what you have.")
    leaves_at: inputs.Ahead | None = Field(None, description="You are here until then; null: you do not say. Left out, what you said before stands.")
    back_at: inputs.Ahead | None = Field(None, description="With away: when you are back; null: you do not say. Left out, what you said before stands.")


class StatusShown(BaseModel):
    status: Status
    why: str = Field(description="The rule that set it, idle or missed_offers; empty when you did.")
    since: datetime
    here_until: datetime | None = Field(description="You count as present until then; each call renews it.")
    leaves_at: datetime | None = Field(description="You said that you are here until then.")
    back_at: datetime | None = Field(description="Away, you said that you are back then.")
    load: float = Field(description="The weights of what you hold and of what is offered to you.")
    capacity: int


@router.get("/me/status", response=StatusShown, summary="Read your status")
def read(request: HttpRequest) -> StatusShown:
    return _shown(keys.agent(request))


@router.post("/me/status", response=StatusShown, summary="Set your status")
def write(request: HttpRequest, wanted: NewStatus) -> StatusShown:
    """A status you set yourself stays until you set another one, or a rule does."""
    agent = keys.agent(request)
    with transaction.atomic():
        roster.set_status(agent, wanted.status)
        if said := wanted.model_dump(include={"leaves_at", "back_at"}, exclude_unset=True):
            breaks.say(agent, **{**breaks.said(agent, clock.now()), **said})
    return _shown(agent)


def _shown(agent: Agent) -> StatusShown:
    return StatusShown(status=cast(Status, agent.status), why=agent.status_why, since=agent.status_since, here_until=agent.lease_until,
                       load=roster.load(agent), capacity=agent.capacity, **breaks.said(agent, clock.now()))
