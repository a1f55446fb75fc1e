"""The queue page, and claiming whatever is most urgent."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from console.views.common import act, agent_of, page, panels, see_other
from handoffs import receiving
from handoffs.models import Handoff
from handoffs.states import State


@page
def show(request: HttpRequest) -> HttpResponse:
    context = {"section": "queue", "panels": panels(request), "undoable": _undoable(request), "nobody": "nobody" in request.GET}
    return render(request, "console/queue.html", context)


@act
def claim_next(request: HttpRequest) -> HttpResponse:
    """Claim the most urgent handoff; without one, back to the queue, which says so."""
    handoff = receiving.claim_next(agent_of(request))
    if handoff:
        return see_other("desk", handoff.pk)
    response = see_other("queue")
    response["Location"] += "?nobody"
    return response


def _undoable(request: HttpRequest) -> Handoff | None:
    """What this agent resolved a moment ago and can still take back."""
    resolved = Handoff.objects.filter(agent=agent_of(request), state=State.RESOLVED).select_related("conversation__answered_by")
    return resolved.order_by("-resolved_at").first()
