"""Plain HTTP: a request is answered whole by one of a few threads, middleware and view together.

Django's own handler starts a thread for each request and goes back and forth between it and the event loop for each middleware, for its signals and
for the end of the answer. Under load the many switches cost more than the work, and many threads at once hold each other up.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, cast

from asgiref.sync import SyncToAsync
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.signals import request_started
from django.db import close_old_connections
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve, set_script_prefix

THREADS = 4
# What waits without work, as a request for the next turn does, has a thread of its own meanwhile.
WAITING = "turns"
# Whoever asks how a process is must hear it however busy the other threads are; whether it lives, even while the database answers nobody.
APART = {WAITING: 1000, "healthz": 1, "readyz": 2}


class Handler(ASGIHandler):
    """Django's handler, with all middleware on the side of the threads."""

    def __init__(self) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(THREADS, "web")
        self._apart = {name: self._by(threads, name) for name, threads in APART.items()}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # Without Django's context, which would start a thread to close the response in.
        await self.handle(scope, receive, send)

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        """Django's own way for what waits and can be given up meanwhile, all in one thread for the rest."""
        if self._place(scope["method"], scope["path"].removeprefix(get_script_prefix(scope))):
            await super().handle(scope, receive, send)
            return
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        in_thread, context = asyncio.get_running_loop().run_in_executor, copy_context()
        response = await in_thread(self._threads, context.run, self._whole, scope, body)
        try:
            await self.send_response(response, send)
        finally:
            if response.streaming:
                await in_thread(self._threads, context.run, response.close)

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        place = self._place(request.method or "", request.path_info)
        return await (place or self._apart[WAITING])(request)

    def _whole(self, scope: Any, body: Any) -> HttpResponseBase:
        """The answer, done with but for sending it; what is read while it is sent is closed afterwards."""
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=type(self), scope=scope)
        request, refusal = self.create_request(scope, body)
        response = self.get_response(request) if request else cast(HttpResponseBase, refusal)
        response._handler_class = type(self)  # type: ignore[attr-defined]
        # A request closes its body with the answer, but one that cannot even be read is none.
        response._resource_closers.append(body.close)  # type: ignore[attr-defined]
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        if not response.streaming:
            response.close()
        return response

    def _by(self, threads: int, name: str) -> SyncToAsync[[HttpRequest], HttpResponseBase]:
        return SyncToAsync(self._answered, thread_sensitive=False, executor=ThreadPoolExecutor(threads, name))

    def _place(self, method: str, path: str) -> SyncToAsync[[HttpRequest], HttpResponseBase] | None:
        """The threads of what has some of its own; None for all else."""
        try:
            return self._apart.get(resolve(path).url_name or "") if method in ("GET", "HEAD") else None
        except Resolver404:
            return None

    def _answered(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, with a database connection that is fresh and given back."""
        close_old_connections()
        try:
            return self.get_response(request)
        finally:
            close_old_connections()
