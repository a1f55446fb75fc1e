"""Files over the API: read as a form before anything else looks at the body, checked as those from the customer's page, kept as one turn."""

import hashlib
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from ninja import Router, Status

from console import permissions
from console.api import keys, outputs, parsing
from console.api.problems import Problem
from console.attached import REASONS, STATUS
from handoffs import files, waiting_room
from handoffs.models import Agent, Conversation, Turn
from handoffs.transitions import Stale

ADDRESS = "send_files"
FORM: dict[str, Any] = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": {
    "type": "object", "required": ["file"], "properties": {
        "file": {"type": "array", "items": {"type": "string", "format": "binary"}, "maxItems": files.MOST_AT_ONCE},
        "client_id": {"type": "string", "maxLength": 100, "description": "A repeat of it is answered with the first turn."},
    },
}}}}}
router = Router(tags=["Conversations"])


def are_meant(request: HttpRequest) -> bool:
    return request.resolver_match is not None and request.resolver_match.url_name == ADDRESS


def body_of(request: HttpRequest) -> bytes:
    """What tells this request from others, for its Idempotency-Key. Raises Problem for what is no form, or too much of one."""
    if request.content_type != "multipart/form-data":
        raise Problem(415, "media-type", "Send a form, with Content-Type: multipart/form-data.", headers={"Accept": "multipart/form-data"})
    try:
        files.check_sizes([each.size or 0 for each in given(request)])
    except (MultiPartParserError, UnreadablePostError):
        raise Problem(400, "unreadable", "The form cannot be read, or ended early.") from None
    except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
        raise _refused("too_many") from None
    except files.Refused as no:
        raise _refused(no.why) from None
    return b"\n".join([request.POST.get("client_id", "").encode("utf-8", "replace"), *map(_told_apart, given(request))])


def given(request: HttpRequest) -> "list[UploadedFile[bytes]]":
    return request.FILES.getlist("file")


@router.post("/{conversation_id}/files", response={201: outputs.TurnShown}, url_name=ADDRESS, openapi_extra=FORM, summary="Send files")
def send(request: HttpRequest, conversation_id: str) -> Status[outputs.TurnShown]:
    """Up to five at once, together one turn; what they are is read from their first bytes. All are kept, or none. With an assistant's key they are the
    customer's, with an agent's they are for the customer, while the conversation is with that agent (409)."""
    conversation = permissions.conversation(keys.caller(request), conversation_id)
    client_id = parsing.clean(request.POST.get("client_id", ""))[:100]
    uploads = [(each.name or "", each.read()) for each in given(request)]
    try:
        turn = _sent(keys.caller(request).agent, conversation, uploads, client_id)
    except files.Refused as no:
        raise _refused(no.why) from None
    return Status(201, outputs.turn(turn, turn.files.all()))


def _sent(agent: Agent | None, conversation: Conversation, uploads: list[files.Upload], client_id: str) -> Turn:
    if agent is None:
        return files.send(conversation, uploads, client_id=client_id)
    handoff = waiting_room.open_handoff(conversation)
    if handoff is None:
        raise Stale(conversation, "this conversation is not with you")
    return files.give(handoff, agent, uploads, client_id=client_id)


def _told_apart(file: "UploadedFile[bytes]") -> bytes:
    digest = hashlib.sha256()
    for part in file.chunks():
        digest.update(part)
    file.seek(0)
    return f"{file.name} {digest.hexdigest()}".encode("utf-8", "replace")


def _refused(why: str) -> Problem:
    return Problem(STATUS[why], f"file-{why.replace('_', '-')}", REASONS[why])
