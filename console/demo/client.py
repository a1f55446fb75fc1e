"""A small client of the HTTP API, as an assistant's makers would write it: it repeats what failed, with the same Idempotency-Key."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from uuid import uuid4

TRIES = 8
LONGEST_PAUSE = 10.0


class Refused(Exception):
    """The API said no: `status`, and the problem it named."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        self.status, self.problem = status, problem
        super().__init__(f"{status}: {problem.get('detail', 'no detail')}")


class Client:
    """Talks to one Baton with one key."""

    def __init__(self, base_url: str, key: str, pause: Callable[[float], object] = time.sleep) -> None:
        self.base_url, self.key, self.pause = base_url.rstrip("/"), key, pause

    def get(self, path: str) -> dict[str, Any]:
        return self._ask("GET", path, None)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        """Raises Refused for a no that will stay one; anything else is tried again for about a minute."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", "Idempotency-Key": uuid4().hex}
        data = json.dumps(body).encode() if body is not None else None
        for tries in range(TRIES):
            wait = min(LONGEST_PAUSE, 0.5 * 2**tries)
            try:
                request = urllib.request.Request(f"{self.base_url}/api/v1{path}", data, headers, method=method)  # noqa: S310
                with urllib.request.urlopen(request, timeout=40) as answer:  # noqa: S310
                    return dict(json.load(answer))
            except urllib.error.HTTPError as error:
                try_again = error.code == 429 or error.code >= 500 or "Retry-After" in error.headers
                if not try_again:
                    raise Refused(error.code, _problem(error)) from None
                wait = max(wait, _retry_after(error))
            except (OSError, ValueError):
                # Nothing, or half an answer: the same request again is harmless.
                pass
            self.pause(wait)
        raise ConnectionError(f"{self.base_url} does not answer")


def _problem(error: urllib.error.HTTPError) -> dict[str, Any]:
    try:
        return dict(json.load(error))
    except (OSError, ValueError):
        return {"detail": error.reason}


def _retry_after(error: urllib.error.HTTPError) -> float:
    try:
        return float(error.headers.get("Retry-After") or 0)
    except ValueError:
        return 0.0
