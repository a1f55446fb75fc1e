"""An OpenAI-compatible endpoint: one question, and its answer within a budget that holds for everything together."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import httpx
from django.conf import settings

LONGEST_REPLY = 128 * 1024  # bytes
CONNECT_SHARE, PAUSE_SHARE = 0.3, 0.03  # of the budget: what a connection may take, and what is waited before the second try
# Servers that know neither JSON schemas nor a temperature say so with these; they are asked in plain words from then on.
TOO_MUCH_ASKED = frozenset([400, 404, 415, 422])
WORTH_ANOTHER_TRY = frozenset([408, 409, 425, 429, 500, 502, 503, 504, 529])
_plain_ones: set[str] = set()


class Failed(Exception):
    """No answer that can be read; the words are for supervisors and name neither the key nor what was said."""


class _Again(Failed):
    """Another try may help."""


@dataclass(frozen=True)
class Endpoint:
    """Where a language model answers. `budget` is in seconds, for all tries together."""

    url: str
    model: str
    key: str = ""
    budget: float = 10.0

    def __repr__(self) -> str:
        return f"Endpoint({self.url}, {self.model})"


def configured() -> Endpoint | None:
    """The endpoint of the settings; None when there is none, and then nothing is ever sent."""
    base = settings.LLM_BASE_URL.rstrip("/")
    return Endpoint(f"{base}/chat/completions", settings.LLM_MODEL, settings.LLM_API_KEY, settings.LLM_BUDGET) if base else None


def ask(endpoint: Endpoint, messages: list[dict[str, str]], schema: dict[str, Any]) -> str:
    """What the model says. Raises Failed: no answer in time, or none that can be read."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(asyncio.wait_for(_two_tries(endpoint, messages, schema), endpoint.budget))
    except TimeoutError:
        raise Failed(f"no answer within {endpoint.budget:g} s") from None
    finally:
        # Not asyncio.run: it would wait for a name server that does not answer.
        loop.close()


async def _two_tries(endpoint: Endpoint, messages: list[dict[str, str]], schema: dict[str, Any]) -> str:
    headers = {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {})
    timeout = httpx.Timeout(endpoint.budget, connect=endpoint.budget * CONNECT_SHARE)
    async with httpx.AsyncClient(headers=headers, timeout=timeout, follow_redirects=False) as client:
        try:
            return await _one_try(client, endpoint, _body(endpoint, messages, schema))
        except _Again:
            await asyncio.sleep(endpoint.budget * PAUSE_SHARE)
            return await _one_try(client, endpoint, _body(endpoint, messages, schema))


def _body(endpoint: Endpoint, messages: list[dict[str, str]], schema: dict[str, Any]) -> dict[str, Any]:
    plain = {"model": endpoint.model, "messages": messages}
    if endpoint.url in _plain_ones:
        return plain
    return {**plain, "temperature": 0, "response_format": {"type": "json_schema", "json_schema": {"name": "wording", "strict": True, "schema": schema}}}


async def _one_try(client: httpx.AsyncClient, endpoint: Endpoint, body: dict[str, Any]) -> str:
    try:
        async with client.stream("POST", endpoint.url, json=body) as response:
            _check(response, endpoint, body)
            return _content(await _read(response))
    except (httpx.TransportError, httpx.StreamError) as error:
        raise _Again(f"the connection failed ({type(error).__name__})") from None
    except httpx.InvalidURL:
        raise Failed("LLM_BASE_URL is no address") from None


def _check(response: httpx.Response, endpoint: Endpoint, body: dict[str, Any]) -> None:
    status = response.status_code
    if status in TOO_MUCH_ASKED and "response_format" in body:
        _plain_ones.add(endpoint.url)
        raise _Again(f"it answered with status {status}")
    if status in WORTH_ANOTHER_TRY:
        raise _Again(f"it answered with status {status}")
    if status != 200:
        raise Failed(f"it answered with status {status}" + (", and redirections are not followed" if 300 <= status < 400 else ""))
    if "json" not in response.headers.get("content-type", "") or response.headers.get("content-encoding", "identity") != "identity":
        raise Failed("its answer is no JSON")


async def _read(response: httpx.Response) -> bytes:
    whole = bytearray()
    async for piece in response.aiter_raw():
        whole += piece
        if len(whole) > LONGEST_REPLY:
            raise Failed(f"its answer is longer than {LONGEST_REPLY // 1024} KB")
    return bytes(whole)


def _content(raw: bytes) -> str:
    """The words of the first choice. Raises Failed when the answer has another form."""
    try:
        content = json.loads(raw)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise Failed("its answer has another form than the protocol's") from None
    if not isinstance(content, str):
        raise Failed("it refused to answer")
    return content
