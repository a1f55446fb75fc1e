"""Thousands may wait on their pages: what others do is looked at for all of them together, and read for those it changes."""

import re
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from typing import ClassVar
from uuid import uuid4

import pytest
import time_machine
from channels.layers import get_channel_layer

from console.hub import hub
from console.hub.watch import WHOLE_AFTER
from console.scene import from_afar, in_line
from console.streams import customer
from console.streams.base import Moved, Stream
from console.streams.customer import CustomerPage
from handoffs import clock, receiving, waiting_room
from handoffs.models import Agent, Conversation, Handoff, Outlook
from handoffs.waiting_room import forecasts
from tests.console.test_hub import BOARDS, Board, SignedStream, join, sign, until

LOOKS: list[Stream] = []
SECOND = """<p hx-swap-oob="true" id='b'>2</p>"""


class MovedStream(SignedStream):
    """A board that hears of others as well, and whose second part is theirs."""

    code = "moved"
    together: ClassVar[list[Sequence[Moved]]] = []

    @classmethod
    def heads(cls, streams: Sequence[Stream]) -> dict[str, Hashable]:
        LOOKS.extend(streams)
        return super().heads(streams)

    @classmethod
    def followed(cls, moved: Sequence[Moved]) -> dict[str, dict[str, str]]:
        cls.together.append(moved)
        return {each.stream.name: {"b": BOARDS[each.stream.key].parts["b"]} for each in moved if each.before[0] == each.now[0]}

    @classmethod
    def groups_by(cls, head: Hashable) -> frozenset[str]:
        return frozenset(["others"])

    def own_groups(self) -> frozenset[str]:
        return super().groups()

    def groups(self) -> frozenset[str]:
        return super().groups() | {"others"}


@pytest.fixture
async def board(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Board, MovedStream]]:
    monkeypatch.setattr("console.hub.looking.FOLLOW_EVERY", 0.02)
    MovedStream.together.clear()
    key = uuid4().hex
    BOARDS[key] = Board()
    yield BOARDS[key], MovedStream(key)
    hub().stop()


async def hint() -> None:
    await get_channel_layer().group_send("others", {"type": "hint", "group": "others"})


async def test_what_others_do_is_read_only_where_it_changes_something(board: tuple[Board, MovedStream]) -> None:
    page = await join(board[1])
    LOOKS.clear()
    shown = board[0].renderings
    for looks in range(1, 4):
        await hint()
        await until(lambda looks=looks: len(LOOKS) == looks)
    assert board[0].renderings == shown
    board[0].parts["a"] = "<p id='a'>2</p>"
    await hint()
    await until(lambda: any(">2<" in frame for frame in page.frames))
    assert board[0].renderings == shown + 1


async def test_what_others_do_to_many_is_shown_together_and_once(board: tuple[Board, MovedStream]) -> None:
    keys = [board[1].key, *(uuid4().hex for _ in range(2))]
    BOARDS.update({key: Board() for key in keys[1:]})
    pages = [await join(MovedStream(key)) for key in keys]
    renderings = [BOARDS[key].renderings for key in keys]
    for page, key in zip(pages, keys, strict=True):
        page.frames.clear()
        BOARDS[key].parts["b"] = "<p id='b'>2</p>"
    await hint()
    await until(lambda: all(len(page.frames) == 2 for page in pages))
    assert [page.frames[0] for page in pages] == [SECOND] * 3
    assert ([len(moved) for moved in MovedStream.together], [BOARDS[key].renderings for key in keys]) == ([3], renderings)
    again = await join(board[1], named=sign(pages[0]))
    assert again.frames == pages[0].frames[1:]


async def test_what_a_page_was_shown_together_is_not_shown_again_with_its_own_news(board: tuple[Board, MovedStream]) -> None:
    page = await join(board[1])
    page.frames.clear()
    board[0].parts["b"] = "<p id='b'>2</p>"
    await hint()
    await until(lambda: len(page.frames) == 2)
    board[0].parts["a"] = "<p id='a'>2</p>"
    (own,) = board[1].own_groups()
    await get_channel_layer().group_send(own, {"type": "hint", "group": own})
    await until(lambda: len(page.frames) == 4)
    assert page.frames[::2] == [SECOND, SECOND.replace("'b'", "'a'")]


async def test_what_was_read_together_before_a_reading_of_its_own_is_not_shown(board: tuple[Board, MovedStream]) -> None:
    page = await join(board[1])
    watch = hub().watches[board[1].name]
    late = Moved(board[1], watch.seen, ("1", "1"))
    board[0].parts["a"] = "<p id='a'>3</p>"
    await watch.refresh()
    shown = list(page.frames)
    assert not watch.follow({"a": "<p id='a'>2</p>"}, late)
    assert page.frames == shown


async def test_a_page_that_comes_back_hears_of_others_without_being_read(board: tuple[Board, MovedStream]) -> None:
    page = await join(board[1])
    hub().leave(board[1], page)
    back, shown = await join(board[1], named=sign(page)), board[0].renderings
    board[0].parts["b"] = "<p id='b'>2</p>"
    await hint()
    await until(lambda: SECOND in back.frames)
    assert board[0].renderings == shown


async def test_a_stream_whose_line_never_rests_is_read_whole_all_the_same(board: tuple[Board, MovedStream]) -> None:
    await join(board[1])
    watch, followed = hub().watches[board[1].name], []
    await until(lambda: not watch._readings.is_busy)
    for number in range(WHOLE_AFTER + 1):
        moved = Moved(board[1], watch.seen, ("1", str(number)))
        assert not watch.passes_over(moved.now)
        followed.append(watch.follow({"b": f"<p id='b'>{number}</p>"}, moved))
    assert followed == [True] * (WHOLE_AFTER - 1) + [False] * 2


def alone(page: CustomerPage) -> dict[str, str]:
    return {name: but_for_the_moment(html) for name, html in page.read_once().parts().items()}


def but_for_the_moment(html: str) -> str:
    return re.sub(r'(<time datetime="[^"]*T\d\d:\d\d)[^"]*', r"\1", html)


@pytest.mark.parametrize("here", [True, False])
def test_what_is_read_for_many_makes_the_page_that_each_reads_alone(
    hand_off: Callable[..., Handoff], ann: Agent, monkeypatch: pytest.MonkeyPatch, here: bool,
) -> None:
    monkeypatch.setattr(customer, "LINE_KEPT", 0.0)
    rows = [hand_off() for _ in range(3)]
    Agent.objects.filter(pk=ann.pk, username="ann").update(status=Agent.Status.AVAILABLE if here else Agent.Status.AWAY)
    Conversation.objects.filter(pk=rows[2].conversation_id).update(chosen_language="de", reply_by_email="amara@example.org")
    pages = [CustomerPage(row.conversation_id.hex) for row in rows]
    before, showed = CustomerPage.heads(pages), {page.name: alone(page) for page in pages}
    if here:
        receiving.claim(rows[0], ann)
    now = CustomerPage.heads(pages)
    moves = [Moved(page, before[page.name], now[page.name]) for page in pages]
    shown = CustomerPage.followed(moves)
    waiting = pages[1:] if here else pages
    assert set(shown) == {page.name for page in waiting}
    together = {name: {part: but_for_the_moment(html) for part, html in parts.items()} for name, parts in shown.items()}
    assert [showed[page.name] | together[page.name] for page in waiting] == [alone(page) for page in waiting]


def test_whose_own_conversation_moved_as_well_is_read_alone(hand_off: Callable[..., Handoff], ann: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customer, "LINE_KEPT", 0.0)
    rows = [hand_off() for _ in range(3)]
    pages = [CustomerPage(row.conversation_id.hex) for row in rows]
    before = CustomerPage.heads(pages)
    receiving.claim(rows[0], ann)
    waiting_room.leave_email(rows[1].conversation, "amara@example.org")
    now = CustomerPage.heads(pages)
    assert set(CustomerPage.followed([Moved(page, before[page.name], now[page.name]) for page in pages])) == {pages[2].name}


def test_showing_many_together_is_a_few_queries(
    hand_off: Callable[..., Handoff], ann: Agent, django_assert_num_queries: Callable[..., object], monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(customer, "LINE_KEPT", 0.0)
    pages = [CustomerPage(hand_off().conversation_id.hex) for _ in range(4)]
    heads = CustomerPage.heads(pages)
    with django_assert_num_queries(4):
        assert len(CustomerPage.followed([Moved(page, heads[page.name], heads[page.name]) for page in pages])) == 4


def test_far_back_a_step_forward_is_not_worth_being_shown() -> None:
    seen = [from_afar(place) for place in range(1, 5001)]
    assert seen[:20] == list(range(1, 21))
    assert seen == sorted(seen)
    assert (len(set(seen)), len(set(seen[999:1050])) <= 3) == (from_afar(5000) - from_afar(21) + 21, True)


@pytest.mark.parametrize(("first", "place", "began_at"), [(22, 21, None), (22, 20, 22), (3, 2, 3), (60, 40, 60), (5, 5, None)])
def test_where_somebody_began_is_shown_when_the_steps_since_are(hand_off: Callable[..., Handoff], first: int, place: int, began_at: int | None) -> None:
    handoff = hand_off()
    handoff.first_place = first
    assert in_line(handoff, {**waiting_room.outlook(handoff), "place": place})["began_at"] == began_at


def test_the_front_of_the_line_is_read_first(hand_off: Callable[..., Handoff], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customer, "LINE_KEPT", 0.0)
    pages = [CustomerPage(hand_off().conversation_id.hex) for _ in range(3)]
    heads = CustomerPage.heads(pages)
    assert sorted(reversed(pages), key=lambda page: page.turn(heads[page.name])) == pages


def test_who_waits_behind_a_claim_stands_otherwise(hand_off: Callable[..., Handoff], ann: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customer, "LINE_KEPT", 0.0)
    first, second = hand_off(), hand_off()
    page = CustomerPage(second.conversation_id.hex)
    before = CustomerPage.heads([page])
    assert CustomerPage.heads([page]) == before
    receiving.claim(first, ann)
    assert CustomerPage.heads([page]) != before


def test_a_line_is_kept_until_there_is_a_hint_about_it(hand_off: Callable[..., Handoff], ann: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = hand_off(), hand_off()
    page = CustomerPage(second.conversation_id.hex)
    monkeypatch.setattr(customer, "LINE_KEPT", 0.0)
    before = CustomerPage.heads([page])
    monkeypatch.setattr(customer, "LINE_KEPT", 60.0)
    receiving.claim(first, ann)
    CustomerPage.heard({"team.travel"})
    assert CustomerPage.heads([page]) == before
    CustomerPage.heard({"team.billing"})
    assert CustomerPage.heads([page]) != before


def test_the_look_is_a_few_queries_for_any_number_who_wait(hand_off: Callable[..., Handoff], django_assert_max_num_queries: Callable[..., object],
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customer, "LINE_KEPT", 0.0)
    pages = [CustomerPage(hand_off().conversation_id.hex) for _ in range(4)]
    with django_assert_max_num_queries(8):
        assert len(CustomerPage.heads(pages)) == 4


@pytest.mark.parametrize("foretold", [False, True])
def test_a_line_that_says_the_same_is_the_same(handoff: Handoff, ann: Agent, foretold: bool) -> None:
    """A part with parts of a second in it would be sent anew at each look."""
    if foretold:
        Outlook.objects.create(team=handoff.team, by_place=[[150, 150, 150, 290, 0]], stretch_low=1, stretch_high=1)
        forecasts.forget()
    with time_machine.travel(clock.now().replace(second=30, microsecond=0), tick=False) as turned:
        first = CustomerPage(handoff.conversation_id.hex).parts()["line"]
        turned.shift(0.4)
        assert ("About" in first) is foretold
        assert CustomerPage(handoff.conversation_id.hex).parts()["line"] == first
