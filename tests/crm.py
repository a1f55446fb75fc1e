"""A customers' system on a real port: each path behaves in its own way, and every request is remembered."""

import gzip
import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.elsewhere import Elsewhere, up

AMARA = {
    "subscription": {"plan": "Family", "since": 2021}, "phones": [{"number": "+44 20 7946 0018"}],
    "orders": [{"number": "A-20817", "amount": {"gross": "49.00"}, "state": "paid"}, {"number": "A-20911"}],
    "cases": [{"subject": "Camera offline", "number": "77"}],
}


class Crm(Elsewhere):
    """`seen` holds (path, headers) of each request; `ending` ends what drips and hangs."""

    def __init__(self) -> None:
        super().__init__(Handler)
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.answers: dict[str, Any] = {"amara": AMARA}


class Handler(BaseHTTPRequestHandler):
    server: Crm
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.seen.append((self.path, dict(self.headers)))
        behaviours: dict[str, Callable[[], None]] = {
            "c": self._customer, "hang": self._hang, "drip": self._drip, "drip-head": self._drip_head, "huge": self._huge, "packed": self._packed,
            "elsewhere": lambda: self._send(302, b"", Location="http://127.0.0.1:1/"), "broken": lambda: self._send(500, b"oops"),
            "late": self._late, "last": self._last,
            "closed": lambda: self._send(401, b""), "html": lambda: self._send(200, b"<h1>Sign in</h1>"), "nan": lambda: self._send(200, b'{"plan": NaN}'),
            "deep": lambda: self._send(200, b"[" * 100_000), "half": lambda: self._send(200, b'{"plan": "Fam', promised=100),
        }
        behaviours[self.path.split("/")[1]]()

    def _customer(self) -> None:
        known = self.server.answers.get(self.path.split("/")[-1])
        self._send(404, b"{}") if known is None else self._send(200, json.dumps(known).encode())

    def _late(self) -> None:
        self.server.ending.wait(4)
        self._customer()

    def _last(self) -> None:
        """Once eight customers were asked for elsewhere."""
        while sum(path.startswith("/c/") for path, _ in self.server.seen) < 8 and not self.server.ending.wait(0.01):
            pass
        self._customer()

    def _send(self, status: int, body: bytes, promised: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(promised or len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = promised is not None

    def _hang(self) -> None:
        self.server.ending.wait(30)
        self.close_connection = True

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self._slowly(b"{" + b" " * 10_000)

    def _drip_head(self) -> None:
        self._slowly(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 10_000)

    def _slowly(self, body: bytes) -> None:
        self.close_connection = True
        for byte in body:
            if self.server.ending.wait(0.02):
                return
            try:
                self.wfile.write(bytes([byte]))
            except OSError:
                return

    def _huge(self) -> None:
        try:
            self._send(200, b'"' + b"x" * 3_000_000 + b'"')
        except OSError:
            self.close_connection = True

    def _packed(self) -> None:
        self._send(200, gzip.compress(json.dumps(AMARA).encode()), Content_Encoding="gzip")

    def log_message(self, format: str, *args: Any) -> None:
        return None


def serving() -> AbstractContextManager[Crm]:
    return up(Crm())


def waited(act: Callable[[], object]) -> float:
    """Seconds it took."""
    begun = time.monotonic()
    act()
    return time.monotonic() - begun
