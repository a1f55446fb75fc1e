"""Thousands may wait on their pages: what others do is looked at for all of them together, and read for those it changes."""

from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from uuid import uuid4

import pytest
from channels.layers import get_channel_layer

from console.hub import hub
from console.streams import customer
from console.streams.base import Stream
from console.streams.customer import CustomerPage, from_afar
from handoffs import receiving
from handoffs.models import Agent, Handoff
from tests.console.test_hub import BOARDS, Board, SignedStream, join, until

LOOKS: list[Stream] = []


class MovedStream(SignedStream):
    """A board that hears of others as well."""

    code = "moved"

    @classmethod
    def heads(cls, streams: Sequence[Stream]) -> dict[str, Hashable]:
        LOOKS.extend(streams)
        return super().heads(streams)

    def own_groups(self) -> frozenset[str]:
        return super().groups()

    def groups(self) -> frozenset[str]:
        return super().groups() | {f"others.{self.key}"}


@pytest.fixture
async def board() -> AsyncIterator[tuple[Board, MovedStream]]:
    key = uuid4().hex
    BOARDS[key] = Board()
    yield BOARDS[key], MovedStream(key)
    hub().stop()


async def test_what_others_do_is_read_only_where_it_changes_something(board: tuple[Board, MovedStream], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.hub.FOLLOW_EVERY", 0.02)
    page, (others,) = await join(board[1]), board[1].groups() - board[1].own_groups()
    LOOKS.clear()
    shown = board[0].renderings
    for looks in range(1, 4):
        await get_channel_layer().group_send(others, {"type": "hint", "group": others})
        await until(lambda looks=looks: len(LOOKS) == looks)
    assert board[0].renderings == shown
    board[0].parts["a"] = "<p id='a'>2</p>"
    await get_channel_layer().group_send(others, {"type": "hint", "group": others})
    await until(lambda: any(">2<" in frame for frame in page.frames))
    assert board[0].renderings == shown + 1


def test_far_back_a_step_forward_is_not_worth_being_shown() -> None:
    seen = [from_afar(place) for place in range(1, 5001)]
    assert seen[:20] == list(range(1, 21))
    assert seen == sorted(seen)
    assert (len(set(seen)), len(set(seen[999:1050])) <= 3) == (from_afar(5000) - from_afar(21) + 21, True)


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


def test_the_look_is_a_few_queries_for_any_number_who_wait(hand_off: Callable[..., Handoff], django_assert_max_num_queries: Callable[..., object],
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customer, "LINE_KEPT", 0.0)
    pages = [CustomerPage(hand_off().conversation_id.hex) for _ in range(4)]
    with django_assert_max_num_queries(8):
        assert len(CustomerPage.heads(pages)) == 4
