"""Signing in, and saying whether one is available and until when."""

from contextlib import suppress
from datetime import datetime

from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_time

from console.views import fields
from console.views.common import act, agent_of, back_to
from handoffs import breaks, roster
from handoffs.models import Agent

sign_in = LoginView.as_view(redirect_authenticated_user=True)


@act
def availability(request: HttpRequest) -> HttpResponse:
    """A status, times, or both. Who only says when they are back goes on a break by that."""
    agent, status = agent_of(request), request.POST.get("status", "")
    leaves_at, back_at = _time(request, "leaves", agent), _time(request, "back", agent)
    if status in Agent.Status.values or back_at:
        roster.set_status(agent, status or Agent.Status.AWAY)
    if "leaves" in request.POST:
        breaks.say(agent, leaves_at, back_at)
    return back_to(request, request.POST.get("next") or request.headers.get("Referer", ""))


def _time(request: HttpRequest, name: str, agent: Agent) -> datetime | None:
    """The next moment at which the agent's clock shows what they chose; None when they chose nothing."""
    with suppress(ValueError):
        if said := parse_time(fields.words(request, name)):
            return breaks.next_at(said, breaks.clock_of(agent))
    return None
