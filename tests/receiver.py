"""Somebody else's webhook receiver on a real port: each path behaves in its own way, and every request is remembered."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs

from tests.elsewhere import Elsewhere, up


class Receiver(Elsewhere):
    """`seen` holds (path, headers, body) of each request; `ending` ends what hangs; `answers` are the statuses of /next, one after the other."""

    def __init__(self) -> None:
        super().__init__(Handler)
        self.seen: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[int] = []


def _by_number(body: bytes) -> str:
    """How a provider of short messages answers: numbers that begin with +000 are none, and none is ours to send from to those with +001."""
    to = parse_qs(body.decode(errors="replace"))["To"][0].rpartition(":")[2]
    return {"+000": "/no-such-number", "+001": "/not-from-there"}.get(to[:4], "/sms")


class Handler(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        behaviours: dict[str, Callable[[], None]] = {
            "/ok": lambda: self._answer(204), "/broken": lambda: self._answer(500), "/gone": lambda: self._answer(410),
            "/elsewhere": lambda: self._answer(302, Location=f"{self.server.url}/ok"), "/hang": self._hang, "/huge": self._huge, "/hang-up": self._hang_up,
            "/next": lambda: self._answer(self.server.answers.pop(0) if self.server.answers else 204),
            "/sms": lambda: self._answer(201, b'{"sid": "SM1"}'), "/no-such-number": lambda: self._answer(400, b'{"code": 21211, "message": "Invalid To"}'),
            "/not-from-there": lambda: self._answer(400, b'{"code": 21606, "message": "Invalid From"}'),
        }
        behaviours[_by_number(body) if self.path.endswith("/Messages.json") else self.path]()

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _hang(self) -> None:
        self.server.ending.wait(30)
        self.close_connection = True

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _huge(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(10**12))
        self.end_headers()
        while not self.server.ending.is_set():
            self.wfile.write(b"x" * 65536)

    def log_message(self, format: str, *args: Any) -> None:
        return None


def receiving() -> AbstractContextManager[Receiver]:
    return up(Receiver())
