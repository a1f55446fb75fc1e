"""A page somebody has open, without a browser: it behaves like static/live.js, so that hundreds of them can be watched at once.

It has a number, drops what it has, asks for what it lacks, answers pings, comes back when it is cut, and pulls while it cannot.
"""

import asyncio
import contextlib
import json
import random
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from console.edits import order_of
from tests.faults import dom
from tests.faults.picture import KEEP, Picture, taken

PULL_EVERY, SILENT_AFTER = 18.0, 25.0
SIGN_IN, FORBIDDEN = 4401, 4403


class Page:
    """The page at `path`, read with `client` (whose cookies it has)."""

    def __init__(self, client: httpx.AsyncClient, path: str, chance: random.Random) -> None:
        self.client, self.path, self.chance = client, path, chance
        self.document = dom.Node()
        self.known = self.held = self.coming = self.tries = self.pulls = 0
        self.over = self.is_dead = False
        self.unknown: list[str] = []
        self.stands, self.is_mixed, self.asked = "", False, ""
        self._socket: ClientConnection | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> "Page":
        answer = await self.client.get(self.path, follow_redirects=True)
        answer.raise_for_status()
        self.document = dom.read(answer.text)
        self.document.had("log")  # from here on its ids are kept
        (wired,) = self.document.having("ws-connect")
        self.address = wired.attributes["ws-connect"]
        self.known = int(parse_qs(urlsplit(self.address).query).get("after", ["0"])[0])
        self._tasks = [asyncio.create_task(self._stay_live()), asyncio.create_task(self._pull_while_cut())]
        return self

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def is_live(self) -> bool:
        return self._socket is not None

    @property
    def streams(self) -> list[str]:
        """The names of the agents' streams it watches; a customer's page has none."""
        return [name for name in unquote(parse_qs(urlsplit(self.address).query).get("streams", [""])[0]).split(",") if name]

    @property
    def token(self) -> str:
        """Of a customer's page."""
        return self.path.split("/")[2] if self.path.startswith("/c/") else ""

    def picture(self, keys: Mapping[str, str]) -> Picture:
        """What it shows now of the parts with these ids."""
        return taken(self.path, self.document, keys)

    @property
    def numbers(self) -> list[int]:
        """The turns it shows, in their order on the page."""
        return self.picture({}).numbers

    def differs(self, parts: Mapping[str, str], numbers: list[int] | None) -> str:
        """What is not as the server has it; an empty string when all of it is."""
        return self.picture(parts).differs((parts, numbers))

    async def _stay_live(self) -> None:
        while not (self.over or self.is_dead):
            self.tries += 1
            with contextlib.suppress(OSError, WebSocketException, TimeoutError, EOFError):
                await self._listen()
            self._socket = None
            await asyncio.sleep(min(8.0, 0.5 * 2 ** min(self.tries, 6)) * (0.5 + self.chance.random() / 2))

    async def _listen(self) -> None:
        base = str(self.client.base_url).rstrip("/")
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.client.cookies.jar)
        address = f"{base.replace('http', 'ws', 1)}{self._since(self.address)}&stands={self.stands}"
        async with connect(address, additional_headers={"Cookie": cookies}, origin=base,  # type: ignore[arg-type]
                           open_timeout=15, ping_interval=None, close_timeout=1, max_size=2**22) as socket:
            self._socket, self.tries = socket, 0
            self.held = self.coming = 0
            self.is_mixed = False
            try:
                while True:
                    async with asyncio.timeout(SILENT_AFTER):
                        frame = await socket.recv()
                    if not self.is_dead:
                        await self._hear(str(frame))
            except ConnectionClosed as closed:
                self.over = bool(closed.rcvd and closed.rcvd.code in (SIGN_IN, FORBIDDEN))
                raise

    async def _hear(self, frame: str) -> None:
        if not frame.startswith("{"):
            if frame.startswith("<!--{"):
                await self._announced(json.loads(frame[4 : frame.index("-->")]))
            await self._show(frame)
            if self.held <= self.known:
                self.known = max(self.known, self.coming)
            self.coming, self.stands = 0, ""
            return
        said: dict[str, Any] = json.loads(frame)
        match said.get("t"):
            case "ping":
                await self._send({"t": "pong"})
            case "pull":
                await self._pull()
            case "stands":
                self.stands = "" if self.is_mixed or self.held > self.known else said["as"]
            case "typing" | "looking" | "goodbye":
                pass  # of others who are here, and of a server that leaves: nothing to be shown of a page
            case other:
                self.unknown.append(str(other))

    async def _announced(self, said: dict[str, Any]) -> None:
        self.held = said["after"] if said["after"] > self.known else 0
        self.coming = said["head"]
        if self.held:
            await self._ask_for_missing()

    async def _show(self, frame: str) -> None:
        nowhere = dom.swap(self.document, frame, self._may_swap)
        # Of a list it has otherwise than the server, it asks for the whole: once for each state.
        count, order = self.document.find("queue-count"), self._order()
        said = count.attributes.get("data-order", "") if count and order else ""
        if any(key.startswith("card-") for key in nowhere) or said not in (order, self.asked):
            self.asked = said
            await self._ask_for_missing()

    def _order(self) -> str:
        """The sign of the cards in their order, as the server has it beside the count; empty without a list."""
        cards = self.document.find("queue-list")
        return str(order_of(card.attributes["id"] for card in cards.having("id") if card.tag == "li")) if cards else ""

    def _may_swap(self, node: dom.Node) -> bool:
        """Turns after a gap are held back, and those shown already are dropped. What somebody may be typing in is kept."""
        here = self.document.find(node.attributes.get("id", ""))
        if here and here.attributes.get(KEEP) is not None and here.attributes.get(KEEP) == node.attributes.get(KEEP):
            return False
        turns = node.having("data-number")
        if turns and self.held > self.known:
            return False
        for turn in turns:
            if self.document.find(turn.attributes.get("id", "")):
                turn.leave()
        for came in node.elements() if node.attributes.get("data-edit") == "came" else ():
            # It may be here already, by way of a pull.
            if here := self.document.find(came.attributes.get("id", "")):
                here.leave()
        return True

    async def _ask_for_missing(self) -> None:
        if self._socket:
            await self._send({"t": "missing", "after": self.known})
        else:
            await self._pull()

    async def _send(self, frame: dict[str, Any]) -> None:
        if self._socket:
            with contextlib.suppress(ConnectionClosed):
                await self._socket.send(json.dumps(frame))

    def _since(self, address: str) -> str:
        """The address with the last number this page has."""
        return re.sub(r"([?&]after=)\d*", rf"\g<1>{self.known}", address)

    async def _pull_while_cut(self) -> None:
        while not self.over:
            await asyncio.sleep(PULL_EVERY)
            if self._socket is None and not self.is_dead:
                await self._pull()

    async def _pull(self) -> None:
        path, was_cut = re.sub(r"^/live/", "/live/pull/", self._since(self.address)), self._socket is None
        with contextlib.suppress(httpx.HTTPError):
            answer = await self.client.get(path)
            # The line that is back meanwhile has shown everything: this may be older.
            if answer.status_code == 200 and not (was_cut and self._socket):
                self.is_mixed = self._socket is not None
                self.stands = "" if self.is_mixed else answer.headers["Baton-Stands"]
                still, self.held, self.pulls = self.held, 0, self.pulls + 1
                await self._show(answer.text)
                self.known, self.held = max(self.known, int(answer.headers["Baton-Head"])), still
