"""The web server: Daphne with our limits, and a way out that drops nobody. `python -m console.web -b HOST -p PORT console.asgi:application`.

SIGTERM: /readyz turns red and new sockets are refused with 503, so that a proxy uses the other processes; pages are told and their sockets
closed with 1012 over DRAIN_SECONDS; then no connection is taken any more, requests in flight are finished, and the process ends with 0.
SIGINT does it without the spread. A second signal ends it at once.
"""

import asyncio
import json
import random
import signal
import sys
from typing import Any

from autobahn.websocket.types import ConnectionDeny
from daphne import http_protocol
from daphne.cli import CommandLineInterface
from daphne.server import Server
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from django.conf import settings
from twisted.internet import reactor
from twisted.internet.task import LoopingCall

import console.asgi  # noqa: F401  (loads Django's apps, which the next needs)
from console import draining, live, notify
from console.bodies import LimitedRequest
from console.protocol import LiveProtocol

LIMITS = {
    "verbosity": 0, "server_name": "", "ping_interval": 10, "ping_timeout": 10, "websocket_timeout": 12 * 3600, "application_close_timeout": 10,
    "http_timeout": 60, "websocket_max_message_size": 2**20, "websocket_max_frame_size": 2**20,
}
SERVICE_RESTART = 1012
# Longer than a request for turns is held back (25 s).
FINISHED_WITHIN = 28.0
# Pages of other processes find out by themselves later.
TOLD_WITHIN = 3.0
LOOK_EVERY = 0.05
# Connections that may wait to be taken; the system may hold fewer (net.core.somaxconn).
BACKLOG = 2048


class DrainingServer(Server):
    """Daphne's server, which leaves in order."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, signal_handlers=False, **options)
        # Twisted's own 50 are too few when a server's pages come back at once: the rest would wait for the system to ask again.
        self.endpoints: list[str] = [f"{each}:backlog={BACKLOG}" if each.startswith("tcp:") else each for each in self.endpoints]

    def run(self) -> None:
        WebSocketFactory.protocol, http_protocol.WebRequest = LiveProtocol, LimitedRequest
        reactor.callWhenRunning(self._begin)
        super().run()

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> "asyncio.Queue[Any] | None":
        """Daphne's; on the way out a socket is refused, and a connection is not kept for another request."""
        if scope["type"] == "websocket":
            scope["extensions"] = {"baton.write": protocol.write_frame}
        if draining.begun():
            if scope["type"] == "websocket":
                # Only after this returns can the handshake be answered.
                reactor.callLater(0, _refuse, protocol)  # type: ignore[arg-type]
                return asyncio.Queue()
            protocol.setHeader(b"connection", b"close")
            protocol.channel.persistent = False
        queue: asyncio.Queue[Any] | None = super().create_application(protocol, scope)
        return queue

    def _begin(self) -> None:
        loop = asyncio.get_event_loop()
        loop.add_signal_handler(signal.SIGTERM, self._leave, settings.DRAIN_SECONDS)
        loop.add_signal_handler(signal.SIGINT, self._leave, 0.0)
        notify.tell("READY=1")
        if seconds := notify.watched_every():
            LoopingCall(notify.tell, "WATCHDOG=1").start(seconds)

    def _leave(self, seconds: float) -> None:
        loop = asyncio.get_event_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        draining.begin()
        notify.tell("STOPPING=1")
        self.leaving = loop.create_task(self._drain(seconds))

    async def _drain(self, seconds: float) -> None:
        try:
            await self._say_goodbye(seconds)
            for listener in self.listeners:
                listener.addCallback(lambda port: port.stopListening())
            await self._finish()
            await asyncio.to_thread(live.publisher().wait, TOLD_WITHIN)
        finally:
            self.stop()

    async def _say_goodbye(self, seconds: float) -> None:
        """Tell every page, then close their sockets evenly over `seconds`, which a proxy also needs to notice."""
        until = asyncio.get_running_loop().time() + seconds
        sockets = [protocol for protocol in self.connections if isinstance(protocol, WebSocketProtocol) and protocol.state == protocol.STATE_OPEN]
        random.shuffle(sockets)
        for protocol in sockets:
            protocol.serverSend(json.dumps({"t": "goodbye", "within": seconds}))
        for left, protocol in zip(range(len(sockets), 0, -1), sockets, strict=True):
            await _sleep_until(until - seconds * (left - 1) / len(sockets))
            protocol.sendCloseFrame(code=SERVICE_RESTART, isReply=False)
        await _sleep_until(until)

    async def _finish(self) -> None:
        """Wait until nothing is in flight, for 28 s at most."""
        loop = asyncio.get_running_loop()
        until = loop.time() + FINISHED_WITHIN
        while any(_works(details) for details in self.connections.values()) and loop.time() < until:
            await asyncio.sleep(LOOK_EVERY)


class CommandLine(CommandLineInterface):
    """Daphne's command line with our limits as its defaults."""

    server_class = DrainingServer

    def __init__(self) -> None:
        super().__init__()
        self.parser.set_defaults(**LIMITS)


def _refuse(protocol: Any) -> None:
    protocol.handshake_deferred.errback(ConnectionDeny(503, "Going away"))  # type: ignore[no-untyped-call]
    del protocol.handshake_deferred


def _works(details: dict[str, Any]) -> bool:
    instance = details.get("application_instance")
    return instance is not None and not instance.done()


async def _sleep_until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - asyncio.get_running_loop().time()))


if __name__ == "__main__":
    CommandLine().run(sys.argv[1:])
