"""Signing in, and saying whether one is available and until when."""

from datetime import datetime

from django.contrib.auth.views import LoginView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_time

from console.views import fields
from console.views.common import act, agent_of, back_to
from handoffs import breaks, roster
from handoffs.models import Agent
from handoffs.transitions import Forbidden

sign_in = LoginView.as_view(redirect_authenticated_user=True)


@act
def availability(request: HttpRequest) -> HttpResponse:
    """A status, times, or both. Who only says when they are back goes on a break by that; of others the time is not read."""
    agent, status = agent_of(request), request.POST.get("status", "")
    leaves_at = _time(request, "leaves", agent, agent.leaves_at)
    back_at = _time(request, "back", agent, agent.back_at) if status in ("", Agent.Status.AWAY) else None
    if status not in ("", *Agent.Status.values):
        raise Forbidden("choose available, busy or away")
    with transaction.atomic():
        if status or back_at:
            roster.set_status(agent, status or Agent.Status.AWAY)
        if "leaves" in request.POST:
            breaks.say(agent, leaves_at, back_at)
    return back_to(request, request.POST.get("next") or request.headers.get("Referer", ""))


def _time(request: HttpRequest, name: str, agent: Agent, before: datetime | None) -> datetime | None:
    """The next moment at which the agent's clock shows what they chose; None when they chose nothing, or left what they said `before` and is over."""
    text = fields.words(request, name)
    try:
        chosen = parse_time(text)
    except ValueError:
        chosen = None
    if text and chosen is None:
        raise Forbidden("choose a time such as 17:30")
    return breaks.next_at(chosen, breaks.clock_of(agent), before) if chosen else None
