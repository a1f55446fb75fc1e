"""What every call passes on its way in and out: the key, the body, the first answer, and errors as problems."""

import functools
import logging
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from console.api import idempotency, keys, parsing, problems, uploads
from console.api.problems import Problem

logger = logging.getLogger(__name__)

View = Callable[..., Any]


def guarded(view: View) -> View:
    """The view with its middleware; CSRF does not apply, because a key is no cookie."""

    @functools.wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _enter(request) or _leave(request, view(request, *args, **kwargs))

    wrapper.csrf_exempt = True  # type: ignore[attr-defined]
    return wrapper


def _enter(request: HttpRequest) -> HttpResponse | None:
    """Prepare the request for its operation; an answer when it ends here."""
    request.first = None  # type: ignore[attr-defined]
    try:
        request.api_key = keys.recognise(request)  # type: ignore[attr-defined]
        if request.method != "POST":
            return None
        of_files = uploads.are_meant(request)
        body = uploads.body_of(request) if of_files else parsing.body_of(request)
        request.json = {} if of_files else parsing.read(request, body)  # type: ignore[attr-defined]
        begun = idempotency.begin(request, request.api_key, body)  # type: ignore[attr-defined]
    except Exception as error:
        return _plain(problems.respond(problems.of(request, error)))
    if isinstance(begun, HttpResponse):
        return _plain(begun)
    request.first = begun  # type: ignore[attr-defined]
    # The operation's parser is only asked about a body that is there.
    request._body = body or b"{}"
    return None


def _leave(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if response.status_code == 405:
        allowed = response.headers.get("Allow", "")
        response = problems.respond(Problem(405, "method", f"Only {allowed} works here.", headers={"Allow": allowed}))
    if request.first:  # type: ignore[attr-defined]
        _settle(request.first, response)  # type: ignore[attr-defined]
    return _plain(response)


def _settle(first: idempotency.FirstRequest, response: HttpResponse) -> None:
    """What was done is done: failing to note the answer must not turn it into an error."""
    try:
        first.settle(response)
    except Exception:
        logger.exception("the first answer could not be kept")


def _plain(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    return response


@guarded
def nowhere(request: HttpRequest, **_: Any) -> HttpResponse:
    """An address the API does not have."""
    return problems.respond(problems.nothing_here())
