"""Customers' records from any HTTP address that answers JSON."""

import asyncio
import json
import os
import re
import ssl
from functools import cache
from typing import Any, ClassVar
from urllib.parse import quote

import httpx

from handoffs.records import Failed, Found, Who
from handoffs.records.http_settings import NAMES, PLACES, VARIABLE, HttpSettings, Rows, can_be_sent
from handoffs.records.paths import at

LARGEST = 1_000_000  # bytes of an answer
NOTHING_HERE = (204, 404, 410)
REFUSED = (401, 403, 407)


class Http:
    """Asks an address for JSON, as `{"url": "https://crm.example/customers/{external_id}", "headers": {"Authorization": "Bearer ${CRM_TOKEN}"},
    "account": {"plan": "subscription.plan"}, "orders": {"at": "orders", "fields": {"id": "number", "total": "amount.gross"}}}`. What stands in
    braces is filled from the customer; a `${CRM_…}` variable is read where the worker runs and is never stored."""

    code = "http"
    label = "HTTP look-up"
    Settings = HttpSettings
    examples: ClassVar[tuple[tuple[dict[str, Any], bool], ...]] = (
        ({"url": "https://crm.example/c/{external_id}", "account": {"plan": "subscription.plan"}}, True),
        ({"url": "http://10.0.0.7:8080/find?mail={email}", "headers": {"X-Api-Key": "${CRM_KEY}"}, "orders": {"at": "[0].orders"}, "fresh_for": 60}, True),
        ({"url": "https://crm.example/c/{external_id}"}, False),
        ({"url": "https://crm.example/c/17", "account": {"plan": "plan"}}, False),
        ({"url": "https://{name}.example/{external_id}", "account": {"plan": "plan"}}, False),
        ({"url": "https://me:secret@crm.example/{external_id}", "account": {"plan": "plan"}}, False),
        ({"url": "https://crm.example/{external_id}?api_key=123", "account": {"plan": "plan"}}, False),
        ({"url": "file:///etc/{external_id}", "account": {"plan": "plan"}}, False),
        ({"url": "https://crm.example/{external_id}", "headers": {"Authorization": "Bearer 123"}, "account": {"plan": "plan"}}, False),
        ({"url": "https://crm.example/{external_id}", "headers": {"X-Trace": "${SECRET_KEY}"}, "account": {"plan": "plan"}}, False),
        ({"url": "https://crm.example/{external_id}", "headers": {"X-A": "1\r\nX-B: 2"}, "account": {"plan": "plan"}}, False),
        ({"url": "https://crm.example/{external_id}", "account": {"plan": "..plan"}}, False),
        ({"url": "https://crm.example/{external_id}", "account": {"plan": "plan"}, "timeout": 60}, False),
    )

    def look_up(self, settings: HttpSettings, who: Who) -> Found | None:
        url = address(settings.url, who)
        if url is None:
            return None
        try:
            body = asyncio.run(_fetch(settings, url, _headers(settings.headers)))
        except TimeoutError:
            raise Failed(f"took longer than {settings.timeout:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            raise Failed("broke off" if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError) else "cannot be reached") from None
        return (_mapped(settings, _parsed(body)) or None) if body is not None else None


def address(template: str, who: Who) -> str | None:
    """The address for one customer; None when what it asks for is not known, or can be nobody's id: a way up in a path."""
    values = {name: str(getattr(who, name)) for name in NAMES}
    needed = [values[name] for name in PLACES.findall(template)]
    if not all(needed) or any(part in (".", "..") for value in needed for part in re.split(r"[/\\]", value)):
        return None
    return PLACES.sub(lambda place: quote(values[place[1]], safe="", errors="replace"), template)


async def _fetch(settings: HttpSettings, url: str, headers: dict[str, str]) -> bytes | None:
    """The body of the answer; None when there is no such customer. Raises Failed, TimeoutError and what httpx raises."""
    # One limit around everything: httpx's own are for each read, and a server that drips never exceeds them.
    async with asyncio.timeout(settings.timeout), _client(settings.timeout) as client, client.stream("GET", url, headers=headers) as answer:
        if answer.status_code in NOTHING_HERE:
            return None
        _check(answer)
        body = bytearray()
        async for part in answer.aiter_raw():
            body += part
            if len(body) > LARGEST:
                raise Failed(f"answered more than {LARGEST // 1_000_000} MB")
        return bytes(body)


def _client(timeout: float) -> httpx.AsyncClient:
    # Redirects are not followed: they could lead to another host, with the key.
    return httpx.AsyncClient(verify=_trusted(), trust_env=False, follow_redirects=False, timeout=timeout)


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates this machine trusts; SSL_CERT_FILE adds a firm's own."""
    return ssl.create_default_context()


def _check(answer: httpx.Response) -> None:
    if answer.status_code in REFUSED:
        raise Failed(f"refused us ({answer.status_code}): its key may be wrong")
    if answer.has_redirect_location:
        raise Failed(f"sends us elsewhere ({answer.status_code})")
    if answer.status_code != httpx.codes.OK:
        raise Failed(f"answered {answer.status_code}")
    # Unpacking could make a gigabyte of a kilobyte, and nobody asked for it packed.
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise Failed("answered packed, which was not asked for")


def _headers(given: dict[str, str]) -> dict[str, str]:
    filled = {name: VARIABLE.sub(lambda variable: _variable(variable[1]), value) for name, value in given.items()}
    return {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Baton", **filled}


def _variable(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value or not can_be_sent(value):
        raise Failed(f"needs {name}, which {'cannot be sent in a header' if value else 'is not set where the worker runs'}")
    return value


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Failed("answered something that is not JSON") from None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _mapped(settings: HttpSettings, answer: Any) -> Found:
    return Found(_fields(settings.account, answer), _rows(settings.orders, answer), _rows(settings.tickets, answer))


def _fields(fields: dict[str, str], value: Any) -> dict[str, Any]:
    return {name: found for name, path in fields.items() if (found := at(value, path)) not in (None, "")}


def _rows(rows: Rows | None, answer: Any) -> tuple[Any, ...]:
    found = at(answer, rows.at) if rows else None
    each = found if isinstance(found, list) else []
    return tuple(_fields(rows.fields, row) if rows and rows.fields else row for row in each)

