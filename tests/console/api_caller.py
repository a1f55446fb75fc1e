"""Calls the API in tests the way assistants and agents do."""

import json
from typing import Any

from django.test import Client


class Caller:
    """Calls the API with one key. Answers are (status, body)."""

    def __init__(self, secret: str = "") -> None:
        self._client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def get(self, path: str, **headers: str) -> tuple[int, Any]:
        return read(self._client.get(f"/api/v1{path}", headers={**self.headers, **headers}))

    def post(self, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        return read(self.send(path, b"" if body is None else json.dumps(body).encode(), **headers))

    def send(self, path: str, body: bytes, kind: str = "application/json", **headers: str) -> Any:
        """The same with any bytes for a body; the answer is Django's."""
        return self._client.generic("POST", f"/api/v1{path}", body, content_type=kind, headers={**self.headers, **headers})


def read(response: Any) -> tuple[int, Any]:
    return response.status_code, json.loads(response.content)


def said(text: str = "Hello", number: int = 1, author: str = "customer", **fields: Any) -> dict[str, Any]:
    return {"author": author, "text": text, "client_id": f"m-{number}", **fields}
