"""Customers' pages need no cookie: their address is the key, and in another site's frame browsers keep no cookies of ours."""

from collections.abc import Callable
from functools import wraps

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page

from console.views.lonely import went_wrong
from handoffs import tongue

View = Callable[..., HttpResponseBase]
# Whose pages may show a customer's page in a frame; the frame in it is for browsers without scripts.
POLICY = {"frame-ancestors": ["'self'", *settings.WIDGET_ORIGINS], "frame-src": ["'self'"]}


def for_customers(view: View) -> View:
    """A page or an act of customers: in their browser's language, compressed, allowed in the frames of WIDGET_ORIGINS, and closed to the forms of other sites.

    There is no cookie another site could make a browser send along; that forms come from a page of ours is seen by their Origin.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        with translation.override(_language(request)):
            return went_wrong(request, "refused", 403) if request.method == "POST" and not _is_of_ours(request) else view(request, *args, **kwargs)

    return csrf_exempt(framed(guarded))


def framed(view: View) -> View:
    """Compressed, and allowed in the frames of WIDGET_ORIGINS."""
    shown: View = csp_replace(POLICY)(xframe_options_exempt(gzip_page(view)))
    return shown


def _language(request: HttpRequest) -> str:
    """The language of ours that the page around the frame is in, or else that the browser asks for."""
    return tongue.offered(request.POST.get("lang", "") or request.GET.get("lang", "")) or translation.get_language_from_request(request)


def _is_of_ours(request: HttpRequest) -> bool:
    """Every browser names the origin of a page that sends a form; what is no browser has no customer to deceive."""
    origin = request.headers.get("Origin")
    return origin in (None, f"{request.scheme}://{request.get_host()}", *settings.TRUSTED_ORIGINS)
