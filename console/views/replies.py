"""Canned replies: what `/` offers on a desk, and the page where teams keep them."""

from itertools import groupby
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from console.views import fields
from console.views.common import act, agent_of, find, page, panels, see_other
from handoffs import canned
from handoffs.briefing.fields import FIELDS
from handoffs.canned import Behind, Unfit, Written
from handoffs.models import Agent, CannedReply, Team

ALWAYS = ("customer", "agent", "goal", "team", "assistant")
GONE = "somebody deleted this reply while you had it open: saved again, it is a new one"
VARIABLES = (*ALWAYS, *(field.code for field in FIELDS if not field.sensitive))


@page
def offer(request: HttpRequest, key: UUID) -> HttpResponse:
    """The replies of a handoff as options of a list, filled in."""
    return render(request, "console/_partials/replies.html", {"replies": canned.filled(find(request, key), agent_of(request))})


@page
def show(request: HttpRequest, number: int | None = None) -> HttpResponse:
    reply = _reply(request, number) if number else None
    return _page(request, reply, _said(request, reply))


@act
def save(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """Keep a new reply or change one; what cannot be kept comes back with words beside it, and nothing typed is lost."""
    written = Written(**{name: fields.words(request, name) for name in ("team", "shortcut", "title", "text")})
    reply = _kept(request, number)
    if number and reply is None:
        return _page(request, None, written, problem=GONE, status=409)
    try:
        kept = canned.save(agent_of(request), written, reply=reply, seen=fields.words(request, "mark"))
    except Unfit as unfit:
        return _page(request, reply, written, errors=unfit.errors, status=422)
    except Behind as behind:
        return _page(request, _kept(request, number), written, problem=str(behind), status=409)
    return see_other("reply", kept.pk)


@act
def delete(request: HttpRequest, number: int) -> HttpResponse:
    reply = _reply(request, number)
    try:
        canned.delete(agent_of(request), reply, seen=fields.words(request, "mark"))
    except Behind as behind:
        return _page(request, reply, _said(request, reply), problem=str(behind), status=409)
    return see_other("replies")


def _kept(request: HttpRequest, number: int | None) -> CannedReply | None:
    return canned.seen_by(agent_of(request)).filter(pk=number).first() if number else None


def _reply(request: HttpRequest, number: int) -> CannedReply:
    """The reply of the address, if the agent may see it."""
    return get_object_or_404(canned.seen_by(agent_of(request)), pk=number)


def _said(request: HttpRequest, reply: CannedReply | None) -> Written:
    """What the form shows: the reply, or a new one of the agent's first team."""
    if reply:
        return Written(reply.team.code if reply.team else "", reply.shortcut, reply.title, reply.text)
    own = agent_of(request).teams.first()
    return Written(own.code if own else "")


def _page(request: HttpRequest, reply: CannedReply | None, written: Written, *, errors: dict[str, str] | None = None, problem: str = "",
          status: int = 200) -> HttpResponse:
    agent = agent_of(request)
    view: dict[str, Any] = {
        "section": "replies", "groups": _groups(agent), "reply": reply, "written": written, "errors": errors or {}, "problem": problem,
        "may_edit": canned.may_edit(agent, reply.team) if reply else _may_keep(agent), "mark": canned.mark(reply) if reply else "",
        "choices": Team.objects.all() if agent.is_supervisor else agent.teams.all(), "variables": VARIABLES, "longest": canned.LONGEST,
        "panels": panels(request, with_queue=False),
    }
    return render(request, "console/replies.html", view, status=status)


def _groups(agent: Agent) -> list[tuple[Team | None, list[CannedReply]]]:
    rows = sorted(canned.seen_by(agent), key=lambda row: (row.team_id or 0, row.shortcut))
    return [(team, list(among)) for team, among in groupby(rows, key=lambda row: row.team)]


def _may_keep(agent: Agent) -> bool:
    """Whether there is a team at all whose replies the agent may add to."""
    return agent.is_supervisor or agent.teams.exists()
