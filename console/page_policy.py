"""What pages may load is said with pages: a browser asks nothing of the JSON that programs are answered, and the header takes longer than their checks."""

from csp.middleware import CSPMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class PagePolicyMiddleware(CSPMiddleware):
    """The Content-Security-Policy of everything but JSON."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        return response if kind in ("application/json", "application/problem+json") else super().process_response(request, response)
