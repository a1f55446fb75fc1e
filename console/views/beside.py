"""Two conversations on one page: the second is the same desk again, in a frame of its own, so that neither can disturb the other."""

from collections.abc import Callable
from typing import Any

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.clickjacking import xframe_options_sameorigin

from console import permissions
from console.views.common import agent_of, is_framed
from handoffs.models import Handoff
from handoffs.states import State


def may_be_framed(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page that pages of ours, and nobody else's, may show in a frame."""
    allowed: Callable[..., HttpResponseBase] = csp_replace({"frame-src": ["'self'"], "frame-ancestors": ["'self'"]})(xframe_options_sameorigin(view))
    return allowed


def shown(request: HttpRequest, handoff: Handoff) -> dict[str, Any]:
    """Whether this page stands in a frame, and the conversation beside it, if the agent holds that one too."""
    return {"framed": is_framed(request), "beside": None if is_framed(request) else _other(request, handoff)}


def _other(request: HttpRequest, handoff: Handoff) -> Handoff | None:
    agent = agent_of(request)
    try:
        other = permissions.handoff(agent, request.GET.get("beside", ""))
    except permissions.NotFound:
        return None
    return other if other.pk != handoff.pk and (other.agent_id, other.state) == (agent.pk, State.CLAIMED) else None
