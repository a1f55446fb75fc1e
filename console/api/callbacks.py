"""Callbacks over the API: the times a customer can be offered, and booking, moving or cancelling one by their own wish."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, Field

from console import permissions
from console.api import inputs, keys, outputs, problems
from handoffs import transitions
from handoffs.models import Callback, Conversation
from handoffs.waiting_room import callbacks

router = Router(tags=["Callbacks"])

# What is wrong with a wish: the field, and the words for whoever reads the answer.
UNFIT = {
    "past": ("at", "is over"), "outside": ("at", "is none of the times that can be had"), "none": ("at", "this team calls nobody back"),
    "phone": ("phone", "is no phone number"), "reach": ("phone", "needed, unless there is an email"),
}


class Booked(BaseModel):
    at: datetime
    phone: str = Field(description="Empty: the team is there for them in the conversation.")
    time_zone: str = Field(description="The customer's; empty: not known.")
    moved: int = Field(description="How often it was moved.")


class CallbackShown(BaseModel):
    team: outputs.TeamShown = Field(description="Who calls.")
    booked: Booked | None
    times: list[datetime] = Field(description="That can be had now, the soonest first.")


@router.get("/{conversation_id}/callback", response=CallbackShown, summary="Read the times for a callback, and the one that is booked")
def read(request: HttpRequest, conversation_id: str) -> CallbackShown:
    return _shown(permissions.conversation(keys.caller(request), conversation_id))


@router.post("/{conversation_id}/callback", response=CallbackShown, summary="Book or move a callback, by the customer's own wish")
def book(request: HttpRequest, conversation_id: str, wanted: inputs.NewCallback) -> CallbackShown:
    """Who waits leaves the line for it and keeps their place; the customer is told. 409 with the owner when a person has them or
    somebody else was faster (`full`)."""
    conversation = _own(request, conversation_id)
    try:
        with transitions.at_epoch(conversation, wanted.epoch):
            callbacks.book(conversation, wanted.at, phone=wanted.phone or "", email=wanted.email or "", zone=wanted.time_zone or "")
    except callbacks.Unfit as unfit:
        raise _problem(unfit.why, conversation, request) from None
    return _shown(conversation)


@router.post("/{conversation_id}/callback/cancel", response=CallbackShown, summary="Cancel a callback, by the customer's own wish")
def cancel(request: HttpRequest, conversation_id: str, wanted: inputs.Act) -> CallbackShown:
    """Does nothing when none is booked."""
    conversation = _own(request, conversation_id)
    with transitions.at_epoch(conversation, wanted.epoch):
        callbacks.cancel(conversation)
    return _shown(conversation)


def _own(request: HttpRequest, key: str) -> Conversation:
    keys.assistant(request)
    return permissions.conversation(keys.caller(request), key)


def _problem(why: str, conversation: Conversation, request: HttpRequest) -> problems.Problem:
    if why == "full":
        return problems.conflict("full", "Somebody else has just taken that time.", conversation, keys.caller(request))
    return problems.invalid(*UNFIT[why])


def _shown(conversation: Conversation) -> CallbackShown:
    row = callbacks.booked(conversation)
    team = row.team if row else callbacks.team_for(conversation)
    return CallbackShown(team=outputs.TeamShown(code=team.code, name=team.public_name), booked=_booked(row), times=callbacks.times(team))


def _booked(row: Callback | None) -> Booked | None:
    return Booked(at=row.at, phone=row.phone, time_zone=row.time_zone, moved=row.moved) if row else None
