"""Pages for what went wrong, each with a way on: customers are led back to their conversation, agents to the queue."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation

from console.views.framing import framed
from console.views.lonely import went_wrong

OF_CUSTOMERS = ("/c/", "/chat/")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "errors/csrf.html", status=403)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/403.html", {"words": str(exception or "")}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    return _to_customer(request, "nothing", 404) if _is_of_customer(request) else render(request, "errors/404.html", status=404)


def failed(request: HttpRequest) -> HttpResponseBase:
    """Without context processors, as the database may be what failed."""
    return _to_customer(request, "failed", 500) if _is_of_customer(request) else HttpResponse(render_to_string("errors/500.html"), status=500)


def _is_of_customer(request: HttpRequest) -> bool:
    return request.path_info.startswith(OF_CUSTOMERS)


@framed
def _to_customer(request: HttpRequest, what: str, status: int) -> HttpResponse:
    """In the language of the browser: what else the request holds may be what could not be read."""
    with translation.override(translation.get_language_from_request(request)):
        return went_wrong(request, what, status)
