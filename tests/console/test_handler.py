"""Plain HTTP through our own handler: one thread from the beginning to the end, and nothing left open."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.signals import request_finished, request_started
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import path

from console.handler import Handler

closed: list[bool] = []


class Numbers:
    """What is read while it is sent."""

    def __iter__(self) -> Iterator[bytes]:
        return iter([b"1", b"2"])

    def close(self) -> None:
        closed.append(True)


def numbers(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(Numbers())


urlpatterns = [path("numbers", numbers)]


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


async def test_who_hangs_up_before_the_request_is_whole_is_not_answered() -> None:
    asked = ApplicationCommunicator(Handler(), scope("/api/v1/nowhere"))
    await asked.send_input({"type": "http.disconnect"})
    await asked.wait(20)
    assert await asked.receive_nothing()


def scope(path: str) -> dict[str, Any]:
    return {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [(b"host", b"localhost")]}


async def answered(path: str) -> list[dict[str, Any]]:
    asked = ApplicationCommunicator(Handler(), scope(path))
    await asked.send_input({"type": "http.request"})
    sent = [await asked.receive_output(20)]
    while sent[-1]["type"] == "http.response.start" or sent[-1].get("more_body"):
        sent.append(await asked.receive_output(20))
    await asked.wait(20)
    return sent
