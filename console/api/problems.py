"""Every error as `application/problem+json`: what went wrong, in which field, and who owns the conversation now."""

import logging
import re
from http import HTTPStatus
from typing import Any, cast

from django.db import OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from console.api.outputs import owner_of
from console.permissions import NotFound
from handoffs.models import ApiKey, Conversation
from handoffs.transitions import Forbidden, Full, Stale

logger = logging.getLogger(__name__)

MOST_ERRORS = 50
REASONS = {
    "extra_forbidden": "unknown field",
    "missing": "required",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
    "list_type": "must be an array",
    "string_type": "must be a string",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
}


class Problem(Exception):
    """An answer that is an error. `code` names its type for good; `more` are further members of the body."""

    def __init__(self, status: int, code: str, detail: str, *, errors: tuple[tuple[str, str], ...] = (),
                 headers: dict[str, str] | None = None, **more: Any) -> None:
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.headers, self.more = errors, headers or {}, more
        super().__init__(detail)


def invalid(field: str, reason: str) -> Problem:
    return Problem(422, "invalid", f"{field}: {reason}", errors=((field, reason),))


def conflict(code: str, detail: str, conversation: Conversation, who: ApiKey | None) -> Problem:
    """409 with who owns the conversation now, and its epoch."""
    owner = owner_of(conversation, who.agent if who else None)
    return Problem(409, code, detail, owner=owner.model_dump(), epoch=conversation.epoch)


def nothing_here() -> Problem:
    """Unknown and foreign look the same, to the letter."""
    return Problem(404, "not-found", "There is nothing here for this key.")


def respond(problem: Problem) -> JsonResponse:
    body = {
        "type": f"/problems/{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "errors": [{"field": field, "reason": reason} for field, reason in problem.errors],
        **problem.more,
    }
    return JsonResponse(body, status=problem.status, content_type="application/problem+json", headers=problem.headers)


def of(request: HttpRequest, error: Exception) -> Problem:
    """The problem an exception stands for; whatever nobody expected is logged and answered without details."""
    match error:
        case Problem():
            return error
        case NotFound() | Http404():
            return nothing_here()
        case Stale():
            return conflict("stale", _sentence(error), error.conversation, getattr(request, "api_key", None))
        case Full():
            return Problem(409, "full", _sentence(error))
        case Forbidden():
            return Problem(403, "forbidden", _sentence(error))
        case ValidationError():
            return _validation(error)
        case HttpError():
            return error.__cause__ if isinstance(error.__cause__, Problem) else Problem(error.status_code, "invalid", str(error))
        case OperationalError():
            logger.exception("%s %s: the database did not answer", request.method, request.path)
            return Problem(503, "busy", "The database did not answer in time; nothing is known to be lost. Try again.", headers={"Retry-After": "2"})
    logger.error("%s %s failed", request.method, request.path, exc_info=error)
    return Problem(500, "unexpected", "Something went wrong on our side. It was logged.")


def _sentence(error: Exception) -> str:
    """Its words with a capital and a full stop; names in them stay as they are."""
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."


def handle(api: NinjaAPI) -> None:
    """Let every exception of an operation become a problem."""
    for kind in (Exception, Http404, HttpError, ValidationError):
        api.add_exception_handler(kind, lambda request, error: respond(of(request, cast(Exception, error))))


def _validation(error: ValidationError) -> Problem:
    errors = tuple((path_of(each["loc"]), _reason(each)) for each in error.errors[:MOST_ERRORS])
    field, reason = errors[0]
    return Problem(422, "invalid", f"{field}: {reason}", errors=errors)


def path_of(location: tuple[Any, ...]) -> str:
    """A field's path as people write it: customer.orders[2].name."""
    source, *rest = location
    names = rest[1:] if source == "body" else rest
    path = "".join(f"[{name}]" if isinstance(name, int) else f".{name}" for name in names)
    return path.removeprefix(".")[:300] or str(source)


def _reason(error: dict[str, Any]) -> str:
    plain = REASONS.get(error["type"]) or re.sub(r"^Value error, ", "", error["msg"])
    return plain.replace("Input should", "must").replace("String should", "must").replace("List should", "must").replace("Dictionary should", "must")

