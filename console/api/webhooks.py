"""API: endpoints that are told what happens, what was sent to them, and what is sent once more."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import BaseModel, Field, StringConstraints

from console import permissions
from console.api import keys, problems
from console.api.inputs import Address, Input
from handoffs import outbox, webhooks
from handoffs.models import Delivery, Endpoint, Team

router = Router(tags=["Webhooks"])

Event = Literal["handoff.requested", "handoff.waiting", "handoff.claimed", "handoff.resolved", "handoff.handed_back", "handoff.closed", "handoff.reopened",
                "handoff.withdrawn", "turn.said"]


class NewEndpoint(Input):
    url: Address = Field(description="Begins with https:// and leads to no private network.", examples=["https://hooks.example/baton"])
    events: list[Event] = Field([], description="Which; empty for all.")
    team: Annotated[str, StringConstraints(max_length=50)] | None = Field(None, description="A team's code: its handoffs alone.")
    note: Annotated[str, StringConstraints(max_length=200)] | None = Field(None, description="For people: what it is.")


class Replay(Input):
    delivery: UUID | None = Field(None, description="Which; left out: all that were given up.")


class EndpointShown(BaseModel):
    id: UUID
    url: str
    events: list[str]
    team: str | None
    note: str
    paused_at: datetime | None
    paused_why: str
    failures: int = Field(description="Tries in a row that failed.")
    failing_since: datetime | None


class EndpointMade(EndpointShown):
    secret: str = Field(description="What signs. It is not shown again.")


class Secret(BaseModel):
    secret: str = Field(description="What signs from now on. For a day the one before signs too.")


class DeliveryShown(BaseModel):
    id: UUID = Field(description="The webhook-id is msg_ and these digits without the hyphens.")
    event: str
    state: Literal["due", "sending", "sent", "dead"]
    tries: int
    status: int | None = Field(description="Of the last answer.")
    error: str
    made_at: datetime
    due_at: datetime | None = Field(description="The next try.")
    ended_at: datetime | None


class EndpointList(BaseModel):
    items: list[EndpointShown]


class DeliveryList(BaseModel):
    items: list[DeliveryShown]


class Replayed(BaseModel):
    replayed: int


@router.get("", response=EndpointList, summary="List endpoints")
def read_list(request: HttpRequest) -> EndpointList:
    """An assistant's key sees its own; a supervisor's all."""
    return EndpointList(items=[_shown(each) for each in permissions.endpoints_of(keys.caller(request))])


@router.post("", response={201: EndpointMade}, summary="Make an endpoint")
def make(request: HttpRequest, wanted: NewEndpoint) -> Status[EndpointMade]:
    """With an assistant's key it hears of that assistant's conversations alone."""
    permissions.endpoints_of(keys.caller(request))
    try:
        made = webhooks.make(wanted.url, events=list(wanted.events), assistant=keys.caller(request).assistant, team=_team(wanted.team), note=wanted.note or "")
    except webhooks.Unfit as unfit:
        raise problems.invalid(unfit.field, unfit.reason) from None
    return Status(201, EndpointMade(secret=webhooks.secrets(made)[0], **_shown(made).model_dump()))


@router.get("/{endpoint_id}", response=EndpointShown, summary="Read an endpoint")
def read(request: HttpRequest, endpoint_id: str) -> EndpointShown:
    return _shown(_find(request, endpoint_id))


@router.post("/{endpoint_id}/pause", response=EndpointShown, summary="Pause")
def pause(request: HttpRequest, endpoint_id: str) -> EndpointShown:
    """Nothing more is sent; what happens meanwhile is kept for 30 days."""
    endpoint = _find(request, endpoint_id)
    webhooks.pause(endpoint, "")
    return _shown(_find(request, endpoint_id))


@router.post("/{endpoint_id}/resume", response=EndpointShown, summary="Resume")
def resume(request: HttpRequest, endpoint_id: str) -> EndpointShown:
    webhooks.resume(_find(request, endpoint_id))
    return _shown(_find(request, endpoint_id))


@router.post("/{endpoint_id}/rotate", response=Secret, summary="Rotate the secret")
def rotate(request: HttpRequest, endpoint_id: str) -> Secret:
    return Secret(secret=webhooks.rotate(_find(request, endpoint_id)))


@router.post("/{endpoint_id}/ping", response={202: DeliveryShown}, summary="Send a ping")
def ping(request: HttpRequest, endpoint_id: str) -> Status[DeliveryShown]:
    return Status(202, _sent(outbox.ping(_find(request, endpoint_id))))


@router.post("/{endpoint_id}/remove", response=EndpointShown, summary="Remove")
def remove(request: HttpRequest, endpoint_id: str) -> EndpointShown:
    """With everything that was not sent yet."""
    endpoint = _find(request, endpoint_id)
    shown = _shown(endpoint)
    endpoint.delete()
    return shown


@router.get("/{endpoint_id}/deliveries", response=DeliveryList, summary="List what was sent")
def deliveries(request: HttpRequest, endpoint_id: str, state: Literal["due", "sending", "sent", "dead"] | None = None,
               limit: Annotated[int, Query(ge=1, le=200)] = 50) -> DeliveryList:
    """The newest first. What arrived is kept for 7 days, what was given up for 30."""
    rows = Delivery.objects.filter(endpoint=_find(request, endpoint_id))
    return DeliveryList(items=[_sent(each) for each in (rows.filter(state=state) if state else rows)[:limit]])


@router.post("/{endpoint_id}/replay", response=Replayed, summary="Send once more")
def replay(request: HttpRequest, endpoint_id: str, wanted: Replay) -> Replayed:
    """With the same webhook-id, so that a receiver that took it drops it."""
    rows = Delivery.objects.filter(endpoint=_find(request, endpoint_id))
    chosen = rows.filter(key=wanted.delivery) if wanted.delivery else rows.filter(state=Delivery.State.DEAD)
    if wanted.delivery and not chosen.exists():
        raise problems.nothing_here()
    return Replayed(replayed=webhooks.replay(chosen))


def _find(request: HttpRequest, key: str) -> Endpoint:
    return permissions.endpoint(keys.caller(request), key)


def _team(code: str | None) -> Team | None:
    team = Team.objects.filter(code=code).first() if code else None
    if code and team is None:
        raise problems.invalid("team", "no team has this code")
    return team


def _shown(row: Endpoint) -> EndpointShown:
    same = {name: getattr(row, name) for name in ("id", "url", "events", "note", "paused_at", "paused_why", "failures", "failing_since")}
    return EndpointShown(team=row.team.code if row.team else None, **same)


def _sent(row: Delivery) -> DeliveryShown:
    same = {name: getattr(row, name) for name in ("event", "state", "tries", "status", "error", "made_at", "ended_at")}
    return DeliveryShown(id=row.key, due_at=row.due_at if row.ended_at is None else None, **same)
