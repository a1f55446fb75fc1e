"""Bodies that are too large are refused while they come in, announced or not."""

from typing import Any

import pytest
from daphne import http_protocol
from daphne.http_protocol import HTTPFactory
from daphne.server import Server
from twisted.internet.testing import StringTransport

from console import bodies

HEAD = b"POST /c/x/files/ HTTP/1.1\r\nHost: help.example\r\nExpect: 100-continue\r\n"


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, StringTransport]:
    """A connection whose requests may have 1,000 bytes, and what is answered on it."""
    monkeypatch.setattr(http_protocol, "WebRequest", bodies.LimitedRequest)
    monkeypatch.setattr(bodies, "largest", lambda: 1000)
    server = Server(None, endpoints=["tcp:0"])
    server.connections = {}
    protocol, transport = HTTPFactory(server).buildProtocol(None), StringTransport()
    protocol.makeConnection(transport)
    return protocol, transport


def test_what_says_it_is_too_large_is_refused_before_any_of_it_came(line: tuple[Any, StringTransport]) -> None:
    protocol, transport = line
    protocol.dataReceived(HEAD + b"Content-Length: 100000000000\r\n\r\n")
    assert (transport.value(), transport.disconnecting) == (bodies.REFUSAL, True)


def test_what_does_not_say_so_is_refused_once_it_is(line: tuple[Any, StringTransport]) -> None:
    protocol, transport = line
    protocol.dataReceived(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    for _ in range(4):
        protocol.dataReceived(b"fa\r\n" + b"x" * 250 + b"\r\n")
    assert (transport.value().split()[1], transport.disconnecting) == (b"100", False)
    protocol.dataReceived(b"1\r\nx\r\n")
    assert (transport.value().endswith(bodies.REFUSAL), transport.disconnecting) == (True, True)


@pytest.mark.parametrize(("size", "done"), [(900, 1), (2000, 0)])
def test_what_was_refused_is_not_done_although_its_end_has_come(line: tuple[Any, StringTransport], monkeypatch: pytest.MonkeyPatch,
                                                                size: int, done: int) -> None:
    begun: list[object] = []
    monkeypatch.setattr(bodies.WebRequest, "process", lambda request: begun.append(request))
    line[0].dataReceived(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + f"{size:x}\r\n".encode() + b"x" * size + b"\r\n0\r\n\r\n")
    assert (line[1].value().endswith(bodies.REFUSAL), len(begun)) == (not done, done)


def test_five_of_the_largest_files_fit_where_files_are_on(settings: Any) -> None:
    settings.FILES, settings.FILES_LARGEST = False, 10 * bodies.MEGABYTE
    assert bodies.largest() == bodies.LEAST
    settings.FILES = True
    assert bodies.largest() == 51 * bodies.MEGABYTE
