"""Reads a request's body: small enough, JSON, UTF-8, not too deep, and without characters no database keeps."""

import json
import math
import re
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import UnreadablePostError
from ninja.parser import Parser

from console.api.problems import Problem

DEEPEST = 20
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean(value: Any) -> Any:
    """The same value with U+FFFD for NUL and lone surrogates in every text, keys included."""
    if isinstance(value, str):
        return UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, list):
        return [clean(each) for each in value]
    if isinstance(value, dict):
        return {clean(name): clean(each) for name, each in value.items()}
    return value


def body_of(request: HttpRequest) -> bytes:
    """Raises Problem 413 for a body above the limit, whether announced or not."""
    try:
        body = request.body
    except (RequestDataTooBig, ValueError):
        raise _too_large() from None
    except UnreadablePostError:
        raise Problem(400, "unreadable", "The body ended early.") from None
    if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise _too_large()
    return body


def read(request: HttpRequest, body: bytes) -> Any:
    """The body's JSON, cleaned; an empty body counts as {}. Raises Problem."""
    if not body:
        return {}
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    if request.content_type != "application/json" or charset not in ("utf-8", "utf8"):
        raise Problem(415, "media-type", "Send JSON in UTF-8, with Content-Type: application/json.", headers={"Accept": "application/json"})
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_refuse, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise Problem(400, "unreadable", f"The body is not UTF-8 at byte {error.start}.") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise Problem(400, "unreadable", f"The body is not JSON: {str(error)[:200]}") from None
    if depth_of(value) > DEEPEST:
        raise _too_deep()
    return clean(value)


def depth_of(value: Any) -> int:
    """How deep arrays and objects are nested: 0 for a plain value."""
    depth, level = 0, [value]
    while level := [each for each in level if isinstance(each, dict | list)]:
        depth += 1
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each)]
    return depth


class ReadAlready(Parser):
    """Hands the operation the body as the middleware has read it, and cleans what stands in the address."""

    def parse_body(self, request: HttpRequest) -> Any:
        return request.json  # type: ignore[attr-defined]

    def parse_querydict(self, data: Any, list_fields: list[str], request: HttpRequest) -> dict[str, Any]:
        return clean(super().parse_querydict(data, list_fields, request))  # type: ignore[no-any-return]


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is too large a number")
    return number


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _too_large() -> Problem:
    return Problem(413, "too-large", f"A body may have {settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024} kB.")


def _too_deep() -> Problem:
    return Problem(400, "unreadable", f"The body is nested deeper than {DEEPEST} levels.")
