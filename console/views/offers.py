"""Answering an offer: taking it, or passing it on."""

from django.http import HttpRequest, HttpResponse

from console import permissions
from console.views.common import act, agent_of, asked_by_script, back_to, see_other
from handoffs import offers, receiving
from handoffs.models import Offer


@act
def accept(request: HttpRequest, number: int) -> HttpResponse:
    """Claim what is offered, and go to its desk."""
    offer = _own(request, number)
    receiving.accept(offer, agent_of(request))
    return see_other("desk", offer.handoff_id)


@act
def decline(request: HttpRequest, number: int) -> HttpResponse:
    """Let it go to the next one, and stay on the page."""
    offers.decline(_own(request, number))
    if asked_by_script(request):
        return HttpResponse(status=204)
    return back_to(request, request.headers.get("Referer", ""))


def _own(request: HttpRequest, number: int) -> Offer:
    return permissions.offer(agent_of(request), number)
