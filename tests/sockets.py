"""Real websockets of the tests, as a browser opens them."""

import asyncio
from contextlib import asynccontextmanager
from typing import Any

from django.test import Client
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.servers import Site


def cookie(client: Client) -> dict[str, str]:
    return {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}


@asynccontextmanager
async def socket(site: Site, path: str, headers: dict[str, str] | None = None, origin: str | None = None, **options: Any) -> Any:
    address = site.url.replace("http", "ws") + path
    async with connect(address, additional_headers=headers or {}, origin=origin or site.url, open_timeout=60, **options) as opened:
        yield opened


async def heard(opened: ClientConnection, words: str, seconds: float = 10) -> str:
    """The first frame with these words; pings are answered meanwhile."""
    async with asyncio.timeout(seconds):
        while True:
            frame = str(await opened.recv())
            if frame == '{"t":"ping"}':
                await opened.send('{"t":"pong"}')
            if words in frame:
                return frame


async def closed_with(opened: ClientConnection, seconds: float = 25) -> int:
    async with asyncio.timeout(seconds):
        try:
            while True:
                await opened.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006
