"""The chaos proxy does to a line what it says."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.faults.proxy import How, Proxy


@pytest.fixture
async def line() -> AsyncIterator[tuple[Proxy, asyncio.StreamReader, asyncio.StreamWriter]]:
    """A proxy before a server that answers with what it is sent, and a connection through it."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    proxy = await Proxy(server.sockets[0].getsockname()[1]).start()
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    yield proxy, reader, writer
    writer.transport.abort()
    await proxy.stop()
    server.close()


Line = tuple[Proxy, asyncio.StreamReader, asyncio.StreamWriter]


async def answered(reader: asyncio.StreamReader, seconds: float = 5) -> bytes:
    return await asyncio.wait_for(reader.read(100), seconds)


async def test_it_carries_both_ways(line: Line) -> None:
    _, reader, writer = line
    writer.write(b"hello")
    assert await answered(reader) == b"hello"


async def test_what_was_sent_while_it_stood_still_comes_later(line: Line) -> None:
    proxy, reader, writer = line
    proxy.be(How.FREEZE)
    writer.write(b"hello")
    with pytest.raises(TimeoutError):
        await answered(reader, 0.2)
    proxy.heal()
    assert await answered(reader) == b"hello"


async def test_what_it_drops_never_comes_and_nobody_is_told(line: Line) -> None:
    proxy, reader, writer = line
    proxy.be(How.DROP)
    writer.write(b"hello")
    with pytest.raises(TimeoutError):
        await answered(reader, 0.2)
    assert not reader.at_eof()


async def test_a_reset_breaks_every_connection(line: Line) -> None:
    proxy, reader, writer = line
    writer.write(b"hello")
    await answered(reader)
    assert proxy.reset() == 1
    with pytest.raises(ConnectionResetError):
        await answered(reader)


async def test_a_line_is_cut_at_certain_words(line: Line) -> None:
    proxy, reader, writer = line
    proxy.cut_at(b"COMMIT", after=False)
    writer.write(b"SELECT")
    assert await answered(reader) == b"SELECT"
    writer.write(b"COMMIT")
    assert await answered(reader) == b""
    assert proxy.cuts_left == 0


async def test_a_line_goes_dead_at_certain_words_and_a_new_one_works(line: Line) -> None:
    proxy, reader, writer = line
    proxy.forget(at=b"Upgrade")
    writer.write(b"GET")
    assert await answered(reader) == b"GET"
    writer.write(b"Upgrade")
    with pytest.raises(TimeoutError):
        await answered(reader, 0.2)
    assert not reader.at_eof()
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(b"Upgrade")
    assert await answered(reader) == b"Upgrade"
    writer.close()
