"""HTTP callers who insist: what fails is tried again with the same words and the same ids, as a good client does."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from tests.faults.ledger import Act, Ledger

INSIST_FOR = 90.0
STILL_RUNNING = "still-running"
Request = Callable[[], Awaitable[httpx.Response]]


def client(base: str, *, key: str = "", session: str = "", seconds: float = 20) -> httpx.AsyncClient:
    """An HTTP client of an assistant or an agent by key, or of a browser by its session's cookie."""
    headers = {"Authorization": f"Bearer {key}"} if key else {"Origin": base, "Accept": "application/json", "X-Requested-With": "fetch"}
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=20)
    return httpx.AsyncClient(base_url=base, headers=headers, cookies={"sessionid": session} if session else None, timeout=seconds, limits=limits,
                             verify=False)  # plain HTTP: reading the certificates would take longer than the calls


class Caller:
    """Sends acts until they are answered, and notes every answer in the ledger."""

    def __init__(self, http: httpx.AsyncClient, ledger: Ledger) -> None:
        self.http, self.ledger = http, ledger

    async def api(self, act: Act, path: str, body: dict[str, Any], *, key: str = "") -> dict[str, Any]:
        """The answer to a POST to the API; an empty one when it was refused or never answered."""
        headers = {"Idempotency-Key": key} if key else {}
        answer = await self.insist(act, lambda: self.http.post(f"/api/v1{path}", json=body, headers=headers))
        return dict(answer.json()) if answer is not None and answer.status_code < 300 else {}

    async def begin(self, name: str, customer: dict[str, str], *, key: str = "", **more: str) -> dict[str, Any]:
        """The answer to a new conversation, which keeps this name outside; an empty one as above."""
        act = Act("begin", "", client_id=name)
        made = await self.api(act, "/conversations", {"external_id": name, "customer": {"external_id": name, **customer}, **more}, key=key)
        act.conversation = str(made.get("id", ""))
        return made

    async def form(self, act: Act, path: str, fields: dict[str, str]) -> httpx.Response | None:
        """The answer to a page's form. The page that carried it gave the CSRF cookie."""
        token = self.http.cookies.get("csrftoken") or ""
        return await self.insist(act, lambda: self.http.post(path, data={**fields, "csrfmiddlewaretoken": token}))

    async def insist(self, act: Act, request: Request) -> httpx.Response | None:
        began, answer = time.monotonic(), None
        while time.monotonic() - began < INSIST_FOR:
            act.tries += 1
            try:
                answer = await request()
            except httpx.HTTPError as error:
                self.ledger.failed(type(error).__name__)
            else:
                if not _wants_repeating(answer):
                    break
                self.ledger.failed(str(answer.status_code))
            await asyncio.sleep(min(2.0, 0.1 * 2**act.tries))
        else:
            act.is_given_up = True
        act.status = answer.status_code if answer is not None else 0
        act.took, act.at = time.monotonic() - began, time.monotonic()
        self.ledger.note(act)
        return answer

    async def get(self, path: str, **query: Any) -> httpx.Response | None:
        """The answer to a GET; None when there is none."""
        try:
            answer = await self.http.get(path, params=query, follow_redirects=True)
        except httpx.HTTPError:
            return None
        return answer if answer.status_code == 200 else None


def _wants_repeating(answer: httpx.Response) -> bool:
    return answer.status_code >= 500 or (answer.status_code == 409 and STILL_RUNNING in answer.text)
