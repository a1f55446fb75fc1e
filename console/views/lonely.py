"""Customers' pages beside their conversation: what each is given, what keeps it private, and the page for what went wrong."""

from typing import TypeVar

from django.conf import settings
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse

from handoffs import addresses

# The address is the key to the conversation. "same-origin" keeps it from other sites; with "no-referrer" browsers would also hide
# the origin of the page's own forms ("Origin: null"), and those would be refused as forged.
PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex, nofollow"}

LONELY = {"brand": settings.BRAND, "origins": " ".join(settings.WIDGET_ORIGINS)}
Answer = TypeVar("Answer", bound=HttpResponseBase)


def private(response: Answer) -> Answer:
    for name, value in PRIVATE.items():
        response[name] = value
    return response


def by_script(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def went_wrong(request: HttpRequest, what: str, status: int) -> HttpResponse:
    """A page that says what happened ("refused", "nothing" or "failed") and leads back; scripts get the sentence alone.

    It needs neither the database nor a context processor: either may be what failed.
    """
    name, kind = ("_partials/wrong.txt", "plain") if by_script(request) else ("wrong.html", "html")
    view = {**LONELY, "what": what, "chat": _chat(request, anew=what == "refused")}
    return private(HttpResponse(render_to_string(f"customer/{name}", view).strip(), content_type=f"text/{kind}; charset=utf-8", status=status))


def _chat(request: HttpRequest, anew: bool) -> str:
    """Where the conversation of an address is, else empty; `anew` under the name we are known by, as another one would be refused again."""
    try:
        key = addresses.read(request.path_info.removeprefix("/c/").partition("/")[0])
    except BadSignature:
        return ""
    return addresses.url(key) if anew else reverse("customer", args=[addresses.token(key)])
