"""Plain HTTP: a request is answered whole by one of a few threads, middleware and view together.

Django's own handler starts a thread for each request and goes back and forth between it and the event loop for each middleware. Under load the many
switches cost more than the work, and many threads at once hold each other up.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import SyncToAsync, iscoroutinefunction
from django.core.handlers.asgi import ASGIHandler
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve

THREADS = 8
# For what waits without work, as a request for the next turn does: each has a thread of its own meanwhile.
MOST_WAITING = 1000
# Whoever asks how a process is must hear it however busy the other threads are, and however many wait.
HEALTH, FOR_HEALTH = frozenset({"healthz", "readyz"}), 2


class Handler(ASGIHandler):
    """Django's handler, with all middleware on the side of the threads."""

    def __init__(self) -> None:
        super().__init__()
        self._answer, self._wait, self._check = self._by(THREADS, "web"), self._by(MOST_WAITING, "waiting"), self._by(FOR_HEALTH, "health")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # Without Django's context, which would start a thread to close the response in.
        await self.handle(scope, receive, send)

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await self._place(request)(request)

    def _by(self, threads: int, name: str) -> SyncToAsync[[HttpRequest], HttpResponseBase]:
        return SyncToAsync(self._answered, thread_sensitive=False, executor=ThreadPoolExecutor(threads, name))

    def _place(self, request: HttpRequest) -> SyncToAsync[[HttpRequest], HttpResponseBase]:
        """The threads it belongs to."""
        try:
            found = resolve(request.path_info) if request.method == "GET" else None
        except Resolver404:
            return self._answer
        if found and found.url_name in HEALTH:
            return self._check
        return self._wait if found and iscoroutinefunction(found.func) else self._answer

    def _answered(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, with a database connection that is fresh and given back."""
        close_old_connections()
        try:
            return self.get_response(request)
        finally:
            close_old_connections()
