"""One subscription per group, one rendering per stream, the state first and then every change, lost hints or not."""

import asyncio
import json
import signal
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from uuid import uuid4

import pytest
import redis
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import OperationalError

from console.frames import announce
from console.hub import hub, mailbox
from console.hub.outbox import Frames
from console.streams.base import Stream
from console.threads import in_thread
from handoffs.models import Agent
from tests.settings import server


class Board:
    """What the stream under test shows; changed by the tests."""

    def __init__(self) -> None:
        self.parts = {"a": "<p id='a'>1</p>", "b": "<p id='b'>1</p>"}
        self.turns: list[str] = []
        self.renderings = 0
        self.failures = 0  # readings that fail
        self.may_go_on = threading.Event()
        self.may_go_on.set()


BOARDS: dict[str, Board] = {}


class BoardStream(Stream):
    code = "board"

    def may_watch(self, agent: Agent) -> bool:
        return True

    def groups(self) -> frozenset[str]:
        return frozenset([f"board.{self.key}"])

    def parts(self) -> dict[str, str]:
        BOARDS[self.key].renderings += 1
        BOARDS[self.key].may_go_on.wait(5)
        if BOARDS[self.key].failures:
            BOARDS[self.key].failures -= 1
            raise OperationalError
        return dict(BOARDS[self.key].parts)

    def news(self, after: int) -> tuple[str, int]:
        board = BOARDS[self.key]
        return "".join(board.turns[after:]), len(board.turns)


class TwinStream(BoardStream):
    code = "twin"


class GrowingStream(BoardStream):
    """With two more groups as soon as it shows something new."""

    def groups(self) -> frozenset[str]:
        more = {f"late.{self.key}", f"other.{self.key}"} if len(BOARDS[self.key].parts) > 2 else set()
        return super().groups() | more


class SignedStream(BoardStream):
    code = "signed"

    @classmethod
    def heads(cls, streams: Sequence[Stream]) -> dict[str, Hashable]:
        return {stream.name: (*BOARDS[stream.key].parts.values(), *BOARDS[stream.key].turns) for stream in streams}

    def own_groups(self) -> frozenset[str]:
        return self.groups()


class Page:
    """A socket that remembers what it was sent."""

    def __init__(self) -> None:
        self.frames: list[str] = []

    def push(self, frames: Frames) -> None:
        self.frames += frames.texts


async def until(condition: Callable[[], object], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
async def board() -> AsyncIterator[tuple[Board, BoardStream]]:
    key = uuid4().hex
    BOARDS[key] = Board()
    yield BOARDS[key], BoardStream(key)
    hub().stop()


@pytest.fixture
def hint(board: tuple[Board, BoardStream]) -> Callable[[], Awaitable[None]]:
    (group,) = board[1].groups()
    return lambda: get_channel_layer().group_send(group, {"type": "hint", "group": group})


def remembers_groups() -> list[bytes]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        return list(client.keys(f"{get_channel_layer().prefix}:group:*"))


def forget_groups() -> None:
    """What a flush, an eviction or a failover to an empty replica does."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete(*remembers_groups())


def sign(page: Page) -> str:
    """What the page was told last of how its stream stands."""
    return str(json.loads(page.frames[-1])["as"])


async def join(stream: Stream, after: int = 0, named: str = "") -> Page:
    page = Page()
    await hub().join(stream, page, after, named)
    await until(lambda: stream.groups() <= hub().mailbox.subscribed)
    return page


async def test_a_page_is_shown_the_state_first(board: tuple[Board, BoardStream]) -> None:
    page = await join(board[1])
    assert page.frames == ["""<p hx-swap-oob="true" id='a'>1</p><p hx-swap-oob="true" id='b'>1</p>"""]


async def test_only_what_changed_is_pushed(board: tuple[Board, BoardStream], hint: Callable[[], Awaitable[None]]) -> None:
    page = await join(board[1])
    board[0].parts["b"] = "<p id='b'>2</p>"
    await hint()
    await until(lambda: len(page.frames) > 1)
    assert page.frames[1:] == ["""<p hx-swap-oob="true" id='b'>2</p>"""]


async def test_what_could_not_be_read_is_read_again_soon(board: tuple[Board, BoardStream], hint: Callable[[], Awaitable[None]]) -> None:
    """The hint is used up when the database was away for a moment: its page must not wait for the next regular look."""
    page = await join(board[1])
    board[0].parts["b"], board[0].failures = "<p id='b'>2</p>", 1
    await hint()
    await until(lambda: len(page.frames) > 1, seconds=BoardStream.check_every / 2)
    assert page.frames[1:] == ["""<p hx-swap-oob="true" id='b'>2</p>"""]


async def test_turns_come_with_their_numbers(board: tuple[Board, BoardStream], hint: Callable[[], Awaitable[None]]) -> None:
    board[0].turns = ["<i>1</i>", "<i>2</i>"]
    page = await join(board[1], after=1)
    assert (page.frames[0].startswith(announce(1, 2)), page.frames[0][-8:]) == (True, "<i>2</i>")
    board[0].turns.append("<i>3</i>")
    await hint()
    await until(lambda: len(page.frames) > 1)
    assert page.frames[1:] == [announce(2, 3) + "<i>3</i>"]


async def test_many_pages_cost_one_rendering_per_change(board: tuple[Board, BoardStream], hint: Callable[[], Awaitable[None]]) -> None:
    pages = [await join(board[1]) for _ in range(20)]
    before = board[0].renderings
    board[0].parts["a"] = "<p id='a'>2</p>"
    await hint()
    await until(lambda: all(len(page.frames) > 1 for page in pages))
    assert board[0].renderings == before + 1


async def test_a_burst_is_pushed_at_most_ten_times_a_second_and_the_last_state_wins(
    board: tuple[Board, BoardStream], hint: Callable[[], Awaitable[None]]
) -> None:
    page = await join(board[1])
    started = asyncio.get_running_loop().time()
    for number in range(50):
        board[0].parts["a"] = f"<p id='a'>{number}</p>"
        await hint()
    await until(lambda: ">49<" in page.frames[-1])
    assert len(page.frames) <= 3 + 10 * (asyncio.get_running_loop().time() - started)


async def test_a_lost_hint_is_made_good_by_the_regular_check(board: tuple[Board, BoardStream], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.hub.looking.LOOK_EVERY", 0.05)
    monkeypatch.setattr(BoardStream, "check_every", 0.2)
    page = await join(board[1])
    board[0].parts["a"] = "<p id='a'>2</p>"
    await until(lambda: len(page.frames) > 1)
    assert ">2<" in page.frames[1]


async def test_a_stream_whose_head_is_the_same_is_not_read_again(board: tuple[Board, BoardStream], monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []

    def heads(streams: list[Stream]) -> dict[str, str]:
        looks.append(board[0].renderings)
        return {stream.name: BOARDS[stream.key].parts["a"] for stream in streams}

    monkeypatch.setattr(BoardStream, "heads", heads)
    monkeypatch.setattr("console.hub.looking.LOOK_EVERY", 0.02)
    page = await join(board[1])
    monkeypatch.setattr(BoardStream, "check_every", 0.1)
    await until(lambda: len(looks) > 3)
    assert board[0].renderings == 1
    board[0].parts["a"] = "<p id='a'>2</p>"
    await until(lambda: len(page.frames) > 2)
    assert ">2<" in page.frames[2]


async def test_what_has_no_head_is_looked_at_without_waiting_for_threads(board: tuple[Board, BoardStream], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.hub.looking.LOOK_EVERY", 0.02)
    await join(board[1])
    watch, may_go_on = hub().watches[board[1].name], threading.Event()
    await until(lambda: not watch._readings.is_busy)
    busy = [asyncio.create_task(in_thread(may_go_on.wait, 10)) for _ in range(4)]
    try:
        watch.miss()
        await until(lambda: watch._readings.is_busy)
    finally:
        may_go_on.set()
        await asyncio.gather(*busy)


async def test_what_is_missed_during_a_look_is_looked_at_again(board: tuple[Board, BoardStream], monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []

    def heads(streams: list[Stream]) -> dict[str, str]:
        looks.append("look")
        if len(looks) == 2:
            hub_of_page.watches[board[1].name].miss()
        return {stream.name: "as it was" for stream in streams}

    monkeypatch.setattr(BoardStream, "heads", heads)
    monkeypatch.setattr("console.hub.looking.LOOK_EVERY", 0.02)
    hub_of_page = hub()
    await join(board[1])
    hub_of_page.watches[board[1].name].miss()
    await until(lambda: len(looks) > 2)


async def test_a_page_that_cannot_be_shown_the_state_puts_off_nobodys_look(board: tuple[Board, BoardStream]) -> None:
    await join(board[1])
    read_at, board[0].failures = hub().watches[board[1].name].read_at, 1
    with pytest.raises(OperationalError):
        await hub().join(board[1], Page())
    assert hub().watches[board[1].name].read_at == read_at


async def test_a_page_that_comes_back_to_what_it_showed_is_shown_nothing_and_hears_on(
    board: tuple[Board, BoardStream], hint: Callable[[], Awaitable[None]]
) -> None:
    stream = SignedStream(board[1].key)
    board[0].turns = ["<i>1</i>", "<i>2</i>"]
    page = await join(stream)
    hub().leave(stream, page)
    back = await join(stream, after=2, named=sign(page))
    assert (back.frames, board[0].renderings) == (page.frames[-1:], 1)
    board[0].turns.append("<i>3</i>")
    await hint()
    await until(lambda: len(back.frames) > 1)
    assert (back.frames[1].startswith(announce(2, 3)), back.frames[1][-8:]) == (True, "<i>3</i>")


async def test_a_page_that_comes_back_while_the_first_other_is_shown_the_state_misses_nothing(board: tuple[Board, BoardStream]) -> None:
    stream = SignedStream(board[1].key)
    page = await join(stream)
    hub().leave(stream, page)
    board[0].may_go_on.clear()
    fresh, back = Page(), Page()
    reading = asyncio.create_task(hub().join(stream, fresh))
    await until(lambda: board[0].renderings == 2)
    coming = asyncio.create_task(hub().join(stream, back, 0, sign(page)))
    # It may be told that everything stands; a page that is not waits for the reading.
    await hub()._looking.head(stream)
    board[0].parts["a"] = "<p id='a'>2</p>"
    board[0].may_go_on.set()
    await asyncio.gather(reading, coming)
    assert (">2<" in fresh.frames[0], ">2<" in back.frames[0]) == (True, True)


@pytest.mark.parametrize("named", ["", "0" * 24, "\x00'); --", "ä" * 5000], ids=["none", "another", "garbage", "long"])
async def test_a_page_that_names_another_sign_is_shown_the_state(board: tuple[Board, BoardStream], named: str) -> None:
    page = await join(SignedStream(board[1].key), named=named)
    assert [">1<" in page.frames[0], board[0].renderings] == [True, 1]


async def test_a_sign_counts_for_the_number_and_the_stream_it_was_given_for(board: tuple[Board, BoardStream]) -> None:
    stream = SignedStream(board[1].key)
    named = sign(await join(stream))
    BOARDS["other"] = Board()
    others = [await join(stream, after=7, named=named), await join(SignedStream("other"), named=named), await join(board[1], named=named)]
    assert all(">1<" in page.frames[0] for page in others)


async def test_what_changed_while_a_page_was_away_is_shown(board: tuple[Board, BoardStream]) -> None:
    stream = SignedStream(board[1].key)
    page = await join(stream)
    hub().leave(stream, page)
    board[0].parts["a"] = "<p id='a'>2</p>"
    back = await join(stream, named=sign(page))
    assert ">2<" in back.frames[0]
    assert sign(back) != sign(page)


async def test_a_reader_that_fails_harms_no_other(board: tuple[Board, BoardStream], hint: Callable[[], Awaitable[None]]) -> None:
    class Broken(Page):
        def push(self, frames: Frames) -> None:
            if self.frames:
                raise ConnectionError
            super().push(frames)

    await hub().join(board[1], Broken())
    page = await join(board[1])
    board[0].parts["a"] = "<p id='a'>2</p>"
    await hint()
    await until(lambda: len(page.frames) > 1)
    assert ">2<" in page.frames[1]


async def test_the_last_page_to_leave_ends_the_subscription(board: tuple[Board, BoardStream]) -> None:
    page = await join(board[1])
    hub().leave(board[1], page)
    await until(lambda: not hub().mailbox.subscribed)
    assert (hub().watches, hub().by_group) == ({}, {})


async def test_a_page_that_comes_while_the_last_other_leaves_hears_on(board: tuple[Board, BoardStream], hint: Callable[[], Awaitable[None]]) -> None:
    first, second = await join(board[1]), Page()
    coming = asyncio.create_task(hub().join(board[1], second))
    await asyncio.sleep(0)
    hub().leave(board[1], first)
    await coming
    board[0].parts["a"] = "<p id='a'>2</p>"
    await hint()
    await until(lambda: len(second.frames) > 1)
    assert ">2<" in second.frames[1]


async def test_a_page_loaded_again_while_its_stream_is_read_leaves_no_second_reader(
    board: tuple[Board, BoardStream], hint: Callable[[], Awaitable[None]]
) -> None:
    (group,) = board[1].groups()
    page = await join(board[1])
    board[0].may_go_on.clear()
    await hint()
    await until(lambda: board[0].renderings == 2)
    hub().leave(board[1], page)
    loading = asyncio.create_task(join(board[1]))
    await until(lambda: board[0].renderings == 3)
    board[0].may_go_on.set()
    again = await loading
    board[0].parts["a"] = "<p id='a'>2</p>"
    await hint()
    await until(lambda: len(again.frames) == 2)
    assert hub().by_group[group] == {hub().watches[board[1].name]}


async def test_who_joins_while_a_page_is_subscribed_is_shown_nothing_before_it(board: tuple[Board, BoardStream]) -> None:
    await join(TwinStream(board[1].key))
    second = Page()
    async with hub().mailbox._subscribing:
        joining = [asyncio.create_task(hub().join(board[1], Page()))]
        await until(lambda: board[1].name in hub().watches and hub().watches[board[1].name].groups)
        joining.append(asyncio.create_task(hub().join(board[1], second)))
        await asyncio.sleep(0)
        await hub().missing(board[1], Page(), 0)
        assert not second.frames
    await asyncio.gather(*joining)
    assert second.frames


async def test_a_wait_for_news_that_is_given_up_at_once_is_forgotten(board: tuple[Board, BoardStream]) -> None:
    (group,) = board[1].groups()
    await join(board[1])

    async def listen() -> None:
        async with hub().listen(f"{group}.other"):
            await asyncio.Event().wait()

    async with hub().mailbox._subscribing:
        waiting = asyncio.create_task(listen())
        await until(lambda: f"{group}.other" in hub().by_group)
        waiting.cancel()
    await asyncio.wait([waiting])
    assert f"{group}.other" not in hub().by_group


async def test_a_message_of_a_kind_not_known_stops_nothing(board: tuple[Board, BoardStream], hint: Callable[[], Awaitable[None]]) -> None:
    (group,) = board[1].groups()
    page = await join(board[1])
    await get_channel_layer().group_send(group, {"type": "of.a.newer.version"})
    board[0].parts["a"] = "<p id='a'>2</p>"
    await hint()
    await until(lambda: len(page.frames) == 2)


async def test_a_stream_that_cannot_be_shown_is_not_kept(board: tuple[Board, BoardStream]) -> None:
    del board[0].parts
    with pytest.raises(AttributeError):
        await hub().join(board[1], Page())
    assert (hub().watches, dict(hub().by_group)) == ({}, {})


async def test_news_can_be_waited_for_without_a_stream(board: tuple[Board, BoardStream], hint: Callable[[], Awaitable[None]]) -> None:
    (group,) = board[1].groups()
    async with hub().listen(group) as news:
        await until(lambda: group in hub().mailbox.subscribed)
        assert not await news.wait(0.05)
        await hint()
        assert await news.wait(5)


async def test_who_listens_first_of_all_is_subscribed_before_anything_is_read(board: tuple[Board, BoardStream]) -> None:
    async with hub().listen("news"):
        assert "news" in hub().mailbox.subscribed


async def test_after_redis_forgot_its_groups_hints_arrive_again(
    board: tuple[Board, BoardStream], hint: Callable[[], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "TICK", 0.05)
    monkeypatch.setattr(mailbox, "RESUBSCRIBE_EVERY", 0.2)
    page = await join(board[1])
    forget_groups()
    await until(remembers_groups)
    board[0].parts["a"] = "<p id='a'>2</p>"
    await hint()
    await until(lambda: len(page.frames) > 1)
    assert ">2<" in page.frames[1]


async def test_after_a_flush_pages_are_shown_what_no_hint_announced_and_hear_again(
    board: tuple[Board, BoardStream], hint: Callable[[], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BoardStream, "check_every", 3600.0)
    page = await join(board[1])
    forget_groups()
    board[0].parts["a"] = "<p id='a'>2</p>"
    await until(lambda: len(page.frames) > 1)
    board[0].parts["a"] = "<p id='a'>3</p>"
    await hint()
    await until(lambda: ">3<" in page.frames[-1])


async def test_a_frozen_redis_holds_nobody_up_for_longer_than_its_budget(
    board: tuple[Board, BoardStream], hint: Callable[[], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def listen(group: str) -> None:
        async with hub().listen(group):
            pass

    page = await join(board[1])
    monkeypatch.setattr(mailbox, "LAYER_BUDGET", 0.2)
    server.send_signal(signal.SIGSTOP)
    try:
        async with asyncio.timeout(1):
            await asyncio.gather(*(listen(f"group-{number}") for number in range(20)))
    finally:
        server.send_signal(signal.SIGCONT)
    await until(lambda: not hub().mailbox.is_silent)
    board[0].parts["a"] = "<p id='a'>2</p>"
    await hint()
    await until(lambda: len(page.frames) > 1)


async def test_a_page_whose_group_was_taken_late_is_shown_what_it_missed(
    board: tuple[Board, BoardStream], hint: Callable[[], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BoardStream, "check_every", 3600.0)
    monkeypatch.setattr("console.hub.looking.LOOK_EVERY", 0.05)
    monkeypatch.setattr(mailbox, "TICK", 3600.0)
    stream = GrowingStream(board[1].key)
    page, late = await join(stream), get_channel_layer()._group_key(f"late.{stream.key}")
    readings = hub().watches[stream.name]._readings
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.set(late, "not a group")
        board[0].parts["c"] = "<p id='c'>1</p>"
        await hint()
        # Read for the hint, and once more when its new groups were asked for: nothing else is due.
        await until(lambda: board[0].renderings == 3 and not readings.is_busy)
        assert hub().mailbox.subscribed == {f"board.{stream.key}", f"other.{stream.key}"}
        board[0].parts["a"] = "<p id='a'>2</p>"
        client.delete(late)
    await hub().mailbox.subscribe()
    await until(lambda: ">2<" in page.frames[-1])


async def test_what_is_said_before_a_new_group_is_heard_is_shown(
    board: tuple[Board, BoardStream], hint: Callable[[], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BoardStream, "check_every", 3600.0)
    monkeypatch.setattr("console.hub.looking.LOOK_EVERY", 0.05)
    page = await join(GrowingStream(board[1].key))
    async with hub().mailbox._subscribing:
        board[0].parts["c"] = "<p id='c'>1</p>"
        await hint()
        await until(lambda: len(page.frames) > 1)
        board[0].parts["a"] = "<p id='a'>2</p>"
    await until(lambda: ">2<" in page.frames[-1])


async def test_a_group_the_layer_refuses_silences_no_other(board: tuple[Board, BoardStream], hint: Callable[[], Awaitable[None]]) -> None:
    async with hub().listen("not a group!"):
        page = await join(board[1])
        board[0].parts["a"] = "<p id='a'>2</p>"
        await hint()
        await until(lambda: len(page.frames) > 1)


async def test_a_whisper_reaches_each_page_of_its_group_once_and_is_not_kept(board: tuple[Board, BoardStream]) -> None:
    page, other = await join(board[1]), await join(board[1])
    twin = TwinStream(board[1].key)
    await hub().join(twin, page)
    before = board[0].renderings
    (group,) = board[1].groups()
    hub().whisper(group, {"t": "typing"})
    await until(lambda: page.frames[-1] == other.frames[-1] == '{"t": "typing"}')
    assert (page.frames.count('{"t": "typing"}'), board[0].renderings) == (1, before)


async def test_pages_that_come_at_once_share_a_reading(board: tuple[Board, BoardStream]) -> None:
    await join(board[1])
    before, pages = board[0].renderings, [Page() for _ in range(50)]
    await asyncio.gather(*(hub().join(board[1], page) for page in pages))
    assert [len(page.frames) for page in pages] == [1] * 50
    assert board[0].renderings <= before + 3
