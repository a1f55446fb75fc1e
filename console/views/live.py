"""The same news without a socket: what a page asks for when its socket is cut."""

from collections.abc import Iterable

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from console.frames import out_of_band, sign, state
from console.streams.base import Stream
from console.streams.customer import CustomerPage
from console.streams.registry import listed
from console.views import fields
from console.views.addressed import addressed
from console.views.common import agent_of, page
from handoffs import waiting_room
from handoffs.models import Conversation


@page
def pull(request: HttpRequest) -> HttpResponse:
    """The state of the agent's streams and the turns after a number, as one frame."""
    try:
        streams = [stream for stream in listed(request.GET.get("streams", "")) if stream.may_watch(agent_of(request))]
    except LookupError:
        raise Http404 from None
    return _answer(streams, fields.number(request.GET, "after") or 0)


@require_safe
@addressed
def pull_customer(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """The same for the customer's page."""
    waiting_room.page_is_open(conversation)
    return _answer([CustomerPage(conversation.pk.hex)], fields.number(request.GET, "after") or 0)


def _answer(streams: Iterable[Stream], after: int) -> HttpResponse:
    body, head, named = "", after, ""
    for stream in streams:
        now = state(stream, [after])
        words, last = now.news[after]
        body += out_of_band(now.parts) + words
        head, named = max(head, last), sign(stream, now.head, last)
    return HttpResponse(body, headers={"Baton-Head": str(head), "Baton-Stands": named})
