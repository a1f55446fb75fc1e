"""What one socket is sent: in order, never waiting for its reader, never more than a bounded part unread."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from console.hub.outbox import ASK_AT, MOST_UNREAD, PING, PULL, Frames, Outbox, encoded

Message = dict[str, Any]


class Server:
    """A server's side of a socket: takes messages while its gate is open, makes the sender wait while it is not."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.got: list[str] = []
        self.overflows = 0

    async def send(self, message: Message) -> None:
        await self.gate.wait()
        self.got.append(message["text"])

    def overflow(self) -> None:
        self.overflows += 1


@pytest.fixture
async def server() -> Server:
    return Server()


@pytest.fixture
async def outbox(server: Server) -> Outbox:
    return Outbox({}, server.send, server.overflow)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0)


async def test_a_server_that_takes_it_has_it_at_once(server: Server, outbox: Outbox) -> None:
    outbox.put(Frames("a", "b"))
    assert server.got == ["a", "b"]


async def test_nobody_waits_for_a_server_that_makes_us_wait_and_the_order_is_kept(server: Server, outbox: Outbox) -> None:
    server.gate.clear()
    for text in "abc":
        outbox.put(Frames(text))
    assert server.got == []
    server.gate.set()
    await until(lambda: len(server.got) == 3)
    outbox.put(Frames("d"))
    assert server.got == ["a", "b", "c", "d"]


async def test_what_is_left_unread_is_asked_about_and_then_given_up(server: Server, outbox: Outbox) -> None:
    half = Frames("x" * (ASK_AT // 2 + 1))
    outbox.put(half)
    assert (outbox.unanswered, server.overflows) == (0, 0)
    outbox.put(half)
    assert (server.got[-1], outbox.unanswered) == (PING.texts[0], 1)
    for _ in range(20):
        outbox.put(half)
    assert (server.overflows, outbox.is_open) == (1, False)
    assert sum(map(len, server.got)) <= MOST_UNREAD + len(half.wire)


async def test_a_reader_that_answers_may_be_sent_any_amount(server: Server, outbox: Outbox) -> None:
    for _ in range(3 * MOST_UNREAD // ASK_AT):
        outbox.put(Frames("x" * ASK_AT))
        outbox.answered()
    assert (server.overflows, outbox.is_open) == (0, True)


async def test_answers_nobody_asked_for_count_for_nothing(server: Server, outbox: Outbox) -> None:
    for _ in range(2 * MOST_UNREAD // ASK_AT):
        outbox.answered()
    outbox.put(Frames("x" * (MOST_UNREAD + 1)))
    assert server.overflows == 1


async def test_our_own_server_is_given_bytes_and_says_how_many_wait() -> None:
    written: list[bytes] = []
    server = Server()

    def write(frame: bytes) -> int:
        written.append(frame)
        return MOST_UNREAD + 1 if len(written) > 1 else 0

    outbox = Outbox({"extensions": {"baton.write": write}}, server.send, server.overflow)
    outbox.put(Frames("a", "bc"))
    assert (written, server.got, server.overflows) == ([b"\x81\x01a\x81\x02bc"], [], 0)
    outbox.put(Frames("d"))
    assert server.overflows == 1


@pytest.mark.parametrize(("size", "head"), [(125, b"\x81\x7d"), (126, b"\x81\x7e\x00\x7e"), (65536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00")])
def test_frames_say_their_length_as_the_protocol_wants(size: int, head: bytes) -> None:
    assert Frames("x" * size).wire == head + b"x" * size


def test_what_is_too_large_is_to_be_pulled() -> None:
    assert (encoded(["x" * 10]).texts, encoded(["x", "x" * 2_000_000])) == (("x" * 10,), PULL)


async def test_a_server_that_fails_ends_the_sending(server: Server) -> None:
    async def broken(message: Message) -> None:
        raise ConnectionError

    outbox = Outbox({}, broken, server.overflow)
    outbox.put(Frames("a"))
    assert (outbox.is_open, server.overflows) == (False, 0)
