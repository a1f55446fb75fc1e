"""The script that other sites embed: a help button, which opens the customer's page in a frame."""

import json
from functools import cache
from hashlib import blake2b

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import etag, require_safe

# What the script calls its words, in the order of the template's lines.
NAMES = ("title", "open", "close", "unread")


@cache
def _mark() -> str:
    return f'"{blake2b(_source().encode(), digest_size=12).hexdigest()}"'


@require_safe
@gzip_page
@cache_control(public=True, max_age=3600)
@etag(lambda request: _mark())
def script(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_source(), content_type="text/javascript; charset=utf-8", headers={"Cross-Origin-Resource-Policy": "cross-origin"})


@cache
def _source() -> str:
    """static/widget.js, a function of the words, called with them."""
    function = (settings.BASE_DIR / "static" / "widget.js").read_text(encoding="utf-8")
    return f"({function.strip()})({json.dumps({code: _words(code) for code, _ in settings.LANGUAGES}, ensure_ascii=False)});\n"


def _words(language: str) -> dict[str, str]:
    with translation.override(language):
        lines = render_to_string("customer/widget.txt", {"brand": settings.BRAND}, using="text").splitlines()
    return dict(zip(NAMES, filter(None, lines), strict=True))
