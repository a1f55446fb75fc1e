"""A real HTTP server that speaks the protocol of language models, well or badly: each request is answered by what it is told to."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def said(content: Any) -> bytes:
    """The protocol's body around an answer; what is no text becomes JSON."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return json.dumps({"id": "1", "object": "chat.completion", "choices": [{"index": 0, "message": {"role": "assistant", "content": text}}]}).encode()


@dataclass
class Request:
    """What came in: its headers, its body as sent, and the handler to answer by."""

    handler: BaseHTTPRequestHandler
    raw: str

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def data(self) -> Any:
        """The data block, as the model reads it."""
        return json.loads(self.body["messages"][1]["content"])["data"]

    def answer(self, body: bytes, status: int = 200, kind: str = "application/json", **headers: str) -> None:
        self.handler.send_response(status)
        for name, value in {"Content_Type": kind, "Content_Length": str(len(body)), **headers}.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()
        self.handler.wfile.write(body)


Answer = Callable[[Request], None]


@dataclass
class ModelServer:
    """`answers` are used one after the other, the last one again and again; `requests` is what came in."""

    answers: list[Answer] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def then(self, *answers: Answer) -> None:
        self.answers[:] = answers

    def says(self, content: Any) -> None:
        self.then(lambda request: request.answer(said(content)))

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        request = Request(handler, handler.rfile.read(int(handler.headers["Content-Length"])).decode())
        self.requests.append(request)
        self.answers[min(len(self.requests), len(self.answers)) - 1](request)


@contextmanager
def serving() -> Iterator[ModelServer]:
    model = ModelServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            model.handle(self)

        def log_message(self, *_: Any) -> None:
            return

    server = _Server(("127.0.0.1", 0), Handler)
    server.stopping = model.stopping
    model.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield model
    finally:
        model.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    stopping: threading.Event

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are what is tested."""
