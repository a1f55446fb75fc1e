"""Files: sent from the customer's page and from the desk, and read by whoever may read the conversation; a browser only ever saves them."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_POST, require_safe

from console import permissions
from console.attached import REASONS, STATUS, saved
from console.views import fields
from console.views.addressed import addressed, done, refused
from console.views.common import act, agent_of, asked_by_script, find, page, see_other
from console.views.common import refused as refused_to_agent
from handoffs import files
from handoffs.models import Conversation


@require_POST
@addressed
def send(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """The customer's page sends `file`, once or several times, with a `client_id`."""
    try:
        files.send(conversation, _uploads(request), client_id=fields.words(request, "client_id")[:100])
    except files.Refused as no:
        return refused(request, conversation, f"file_{no.why}", STATUS[no.why])
    return done(request, conversation)


@act
def give(request: HttpRequest, key: UUID) -> HttpResponse:
    """The desk sends the customer `file`, once or several times, with a `client_id`."""
    handoff = find(request, key)
    try:
        turn = files.give(handoff, agent_of(request), _uploads(request), client_id=fields.words(request, "client_id")[:100])
    except files.Refused as no:
        return refused_to_agent(request, REASONS[no.why].rstrip("."), STATUS[no.why])
    return JsonResponse({"number": turn.number}, status=201) if asked_by_script(request) else see_other("desk", key)


def _uploads(request: HttpRequest) -> list[files.Upload]:
    """Raises Refused, before any of it is read, when there are too many or one is too large."""
    given = request.FILES.getlist("file")
    files.check_sizes([each.size or 0 for each in given])
    return [(each.name or "", each.read()) for each in given]


@require_safe
@addressed
def read_own(request: HttpRequest, conversation: Conversation) -> HttpResponseBase:
    return saved(conversation, request.GET.get("file", ""))


@page
def read(request: HttpRequest, key: UUID, file: UUID) -> HttpResponseBase:
    return saved(permissions.conversation(agent_of(request), key), file)
