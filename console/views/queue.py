"""The queue page, and claiming whatever is most urgent."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from console.views.common import act, agent_of, page, panels, see_other
from handoffs import claiming


@page
def show(request: HttpRequest) -> HttpResponse:
    context = {"section": "queue", "panels": panels(request), "nobody": "nobody" in request.GET}
    return render(request, "console/queue.html", context)


@act
def claim_next(request: HttpRequest) -> HttpResponse:
    """Claim the most urgent handoff; without one, back to the queue, which says so."""
    handoff = claiming.claim_next(agent_of(request))
    if handoff:
        return see_other("desk", handoff.pk)
    response = see_other("queue")
    response["Location"] += "?nobody"
    return response
