"""Plain HTTP through our own handler: one thread from the beginning to the end, and nothing left open."""

import threading
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import iscoroutinefunction
from asgiref.testing import ApplicationCommunicator
from django.core.signals import request_finished, request_started
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import URLResolver, get_resolver, path
from django.views.decorators.csrf import csrf_exempt

from console.handler import Handler

closed: list[bool] = []
FORM = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nHello\r\n--x--\r\n'


class Numbers:
    """What is read while it is sent."""

    def __iter__(self) -> Iterator[bytes]:
        return iter([b"1", b"2"])

    def close(self) -> None:
        closed.append(True)


def numbers(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(Numbers())


def saved(request: HttpRequest) -> FileResponse:
    return FileResponse(BytesIO(bytes(200_000)))


def named(request: HttpRequest) -> HttpResponse:
    return HttpResponse(",".join(request.FILES))


def unread(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [path("numbers", csrf_exempt(numbers)), path("saved", saved), path("named", csrf_exempt(named)), path("unread", csrf_exempt(unread))]


class Keeping(Handler):
    """Keeps the bodies it has read, as open or closed as they were left."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[Any] = []

    async def read_body(self, receive: Any) -> Any:
        self.bodies.append(await super().read_body(receive))
        return self.bodies[-1]


async def test_a_request_begins_and_ends_in_one_thread() -> None:
    threads: list[str] = []

    def noted(**_: Any) -> None:
        threads.append(threading.current_thread().name)

    request_started.connect(noted)
    request_finished.connect(noted)
    sent = await answered("/api/v1/nowhere")
    request_started.disconnect(noted)
    request_finished.disconnect(noted)
    assert sent[0]["status"] == 401
    assert len(threads) == 2
    assert threads[0] == threads[1]
    assert threads[0].startswith("web")


@pytest.mark.urls(__name__)
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
async def test_what_is_read_while_it_is_sent_is_closed_afterwards() -> None:
    closed.clear()
    sent = await answered("/numbers")
    assert (b"".join(each.get("body", b"") for each in sent), closed) == (b"12", [True])


@pytest.mark.urls(__name__)
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
async def test_a_file_goes_in_large_pieces() -> None:
    sent = await answered("/saved")
    assert [len(each.get("body", b"")) for each in sent] == [0, 65536, 65536, 65536, 3392, 0]


@pytest.mark.urls(__name__)
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
@pytest.mark.parametrize(("where", "query", "status"), [("/named", b"", 200), ("/unread", b"", 200), ("/numbers", b"", 200), ("/unread", b"\xff", 400)],
                         ids=["read as a form", "not read", "read while it is sent", "refused"])
async def test_a_body_is_closed_with_its_request(where: str, query: bytes, status: int) -> None:
    keeping = Keeping()
    sent = await answered(where, FORM, by=keeping, method="POST", query_string=query, headers=[(b"content-type", b"multipart/form-data; boundary=x")])
    assert (sent[0]["status"], [body.closed for body in keeping.bodies]) == (status, [True])


async def test_saying_something_starts_no_thread_but_the_one_that_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []

    class Noted(threading.Thread):
        def start(self) -> None:
            started.append(self.name)
            super().start()

    monkeypatch.setattr(threading, "Thread", Noted)
    sent = await answered(f"/api/v1/conversations/{uuid4()}/turns", method="POST")
    assert (sent[0]["status"], started) == (401, ["web_0"])


def test_no_view_needs_a_loop() -> None:
    """In a thread of the handler's a view that is a coroutine function needs a thread and a loop more."""
    assert [view.__name__ for view in views(get_resolver()) if iscoroutinefunction(view)] == []


async def test_who_hangs_up_before_the_request_is_whole_is_not_answered() -> None:
    asked = ApplicationCommunicator(Handler(), scope("/api/v1/nowhere"))
    await asked.send_input({"type": "http.disconnect"})
    await asked.wait(20)
    assert await asked.receive_nothing()


def views(resolver: URLResolver) -> Iterator[Any]:
    for each in resolver.url_patterns:
        yield from views(each) if isinstance(each, URLResolver) else [each.callback]


def scope(path: str, **more: Any) -> dict[str, Any]:
    headers = [(b"host", b"localhost"), *more.pop("headers", [])]
    return {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers, **more}


async def answered(path: str, body: bytes = b"", by: Handler | None = None, **more: Any) -> list[dict[str, Any]]:
    length = (b"content-length", str(len(body)).encode())
    asked = ApplicationCommunicator(by or Handler(), scope(path, **{**more, "headers": [length, *more.get("headers", [])]}))
    await asked.send_input({"type": "http.request", "body": body})
    sent = [await asked.receive_output(20)]
    while sent[-1]["type"] == "http.response.start" or sent[-1].get("more_body"):
        sent.append(await asked.receive_output(20))
    await asked.wait(20)
    return sent
