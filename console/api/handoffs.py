"""Handoffs over the API: list them, read one, and everything an agent does to one."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from ninja import Query, Router, Status

from console import permissions
from console.api import inputs, keys, outputs, problems
from handoffs import handback, receiving, snoozing, unanswered
from handoffs.briefing.essentials import essentials
from handoffs.models import Agent, Handoff, Team
from handoffs.states import State
from handoffs.transitions import Full

router = Router(tags=["Handoffs"])


@router.get("", response=outputs.HandoffPage, summary="List handoffs")
def read_list(request: HttpRequest, state: State | None = None, team: str = "", page: Annotated[int, Query(ge=1, le=100_000)] = 1,
              page_size: Annotated[int, Query(ge=1, le=100)] = 50) -> outputs.HandoffPage:
    """Those the key may see: an assistant its own, an agent those of their teams, a supervisor all. Waiting ones in the queue's order,
    otherwise the newest first."""
    who = keys.caller(request)
    rows = _filtered(permissions.handoffs_of(who), state, team)
    count, start = rows.count(), (page - 1) * page_size
    items = [outputs.handoff_row(row, who.agent) for row in rows[start : start + page_size]]
    return outputs.HandoffPage(items=items, count=count, page=page, pages=max(1, -(-count // page_size)), page_size=page_size)


@router.get("/{handoff_id}", response=outputs.HandoffShown, summary="Read a handoff")
def read(request: HttpRequest, handoff_id: str) -> outputs.HandoffShown:
    return _shown(request, handoff_id)


@router.get("/{handoff_id}/essentials", response=dict[str, str | float | int | bool], summary="Read a handoff's brief in under 4 KB")
def read_essentials(request: HttpRequest, handoff_id: str) -> HttpResponse:
    """Flat, for systems that carry only strings, numbers and booleans: what is most important first, the rest as far as there is room."""
    handoff = permissions.handoff(keys.caller(request), handoff_id)
    flat = essentials(handoff.what_to_know, settings.BASE_URL + reverse("desk", args=[handoff.pk]))
    return JsonResponse(flat, json_dumps_params={"ensure_ascii": False})


@router.post("/{handoff_id}/claim", response=outputs.HandoffShown, summary="Claim")
def claim(request: HttpRequest, handoff_id: str, wanted: inputs.Act) -> outputs.HandoffShown:
    """Exactly one agent wins; the others get 409 with the owner."""
    return _act(request, handoff_id, lambda handoff, agent: receiving.claim(handoff, agent, seen=wanted.epoch))


@router.post("/{handoff_id}/release", response=outputs.HandoffShown, summary="Release to the queue's front")
def release(request: HttpRequest, handoff_id: str, wanted: inputs.Release) -> outputs.HandoffShown:
    return _act(request, handoff_id, lambda handoff, agent: receiving.release(handoff, agent, seen=wanted.epoch, note=wanted.note or ""))


@router.post("/{handoff_id}/transfer", response=outputs.HandoffShown, summary="Transfer to another team")
def transfer(request: HttpRequest, handoff_id: str, wanted: inputs.Transfer) -> outputs.HandoffShown:
    """The answer is the handoff as it stands, even when it has left your teams."""
    team = Team.objects.filter(code=wanted.team).first()
    if team is None:
        raise problems.invalid("team", "no team has this code")
    return _act(request, handoff_id, lambda handoff, agent: receiving.transfer(handoff, agent, team, note=wanted.note or "", seen=wanted.epoch))


@router.post("/{handoff_id}/resolve", response=outputs.HandoffShown, summary="Resolve")
def resolve(request: HttpRequest, handoff_id: str, wanted: inputs.Resolve) -> outputs.HandoffShown:
    """A few seconds later the conversation goes back to the assistant, or closes when `hand_back` is false."""
    ends = partial(receiving.resolve, hands_back=wanted.hand_back)
    return _act(request, handoff_id, partial(ends, resolution=wanted.resolution or "", seen=wanted.epoch, heard=wanted.heard))


@router.post("/{handoff_id}/hand_back", response=outputs.HandoffShown, summary="Hand back to the assistant now")
def hand_back(request: HttpRequest, handoff_id: str, wanted: inputs.HandBack) -> outputs.HandoffShown:
    return _act(request, handoff_id, partial(handback.hand_back, resolution=wanted.resolution or "", seen=wanted.epoch, heard=wanted.heard))


@router.post("/{handoff_id}/snooze", response=outputs.HandoffShown, summary="Put aside until a time or the customer's next words")
def snooze(request: HttpRequest, handoff_id: str, wanted: inputs.Snooze) -> outputs.HandoffShown:
    return _act(request, handoff_id, lambda handoff, agent: snoozing.snooze(handoff, agent, wanted.until, tell=wanted.tell, seen=wanted.epoch))


@router.post("/{handoff_id}/wake", response=outputs.HandoffShown, summary="Take up again what was put aside")
def wake(request: HttpRequest, handoff_id: str, wanted: inputs.Act) -> outputs.HandoffShown:
    return _act(request, handoff_id, lambda handoff, agent: snoozing.wake(handoff, agent, seen=wanted.epoch))


@router.post("/{handoff_id}/settle", response=outputs.HandoffShown, summary="Say that nothing the customer said needs an answer")
def settle(request: HttpRequest, handoff_id: str, wanted: inputs.Settle) -> outputs.HandoffShown:
    """Nobody is called for it until they write again."""
    return _act(request, handoff_id, lambda handoff, agent: unanswered.settle(handoff, agent, heard=wanted.heard, seen=wanted.epoch))


@router.post("/{handoff_id}/turns", response={201: outputs.Said}, summary="Write to the customer")
def say(request: HttpRequest, handoff_id: str, wanted: inputs.Reply) -> Status[outputs.Said]:
    """409 once the conversation is not with you; then nothing was sent."""
    agent = keys.agent(request)
    handoff = permissions.handoff(agent, handoff_id)
    turn = receiving.say(handoff, agent, wanted.text, client_id=wanted.client_id or "", seen=wanted.epoch)
    handoff.conversation.refresh_from_db()
    return Status(201, outputs.Said(turn=outputs.turn(turn), epoch=handoff.conversation.epoch))


def _act(request: HttpRequest, handoff_id: str, verb: Callable[[Handoff, Agent], object]) -> outputs.HandoffShown:
    agent = keys.agent(request)
    handoff = permissions.handoff(agent, handoff_id, bare=True)
    try:
        verb(handoff, agent)
    except Full as full:
        raise problems.conflict("full", f"{str(full).capitalize()}.", handoff.conversation, keys.caller(request)) from None
    return outputs.handoff(Handoff.objects.select_related("team", "agent", "conversation").get(pk=handoff.pk), agent)


def _shown(request: HttpRequest, handoff_id: str) -> outputs.HandoffShown:
    who = keys.caller(request)
    return outputs.handoff(permissions.handoff(who, handoff_id), who.agent)


def _filtered(rows: QuerySet[Handoff], state: State | None, team: str) -> QuerySet[Handoff]:
    if state:
        rows = rows.filter(state=state)
    if team:
        rows = rows.filter(team__code=team)
    return rows.order_by("rank_at", "created_at") if state == State.WAITING else rows.order_by("-created_at", "pk")
