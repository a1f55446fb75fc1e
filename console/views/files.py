"""Files of customers: sent from their page, and read by whoever may read the conversation; a browser only ever saves them."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from console import permissions
from console.attached import STATUS, saved
from console.views import fields
from console.views.addressed import addressed, done, refused
from console.views.common import agent_of, page
from handoffs import files
from handoffs.models import Conversation


@require_POST
@addressed
def send(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """The customer's page sends `file`, once or several times, with a `client_id`."""
    given = request.FILES.getlist("file")
    try:
        files.check_sizes([each.size or 0 for each in given])
        files.send(conversation, [(each.name or "", each.read()) for each in given], client_id=fields.words(request, "client_id")[:100])
    except files.Refused as no:
        return refused(request, conversation, f"file_{no.why}", STATUS[no.why])
    return done(request, conversation)


@require_safe
@addressed
def read_own(request: HttpRequest, conversation: Conversation) -> HttpResponseBase:
    return saved(conversation, request.GET.get("file", ""))


@page
def read(request: HttpRequest, key: UUID, file: UUID) -> HttpResponseBase:
    return saved(permissions.conversation(agent_of(request), key), file)
