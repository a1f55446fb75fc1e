"""A list that is live: whatever it was and whatever it becomes, what is said of it makes the one of the other."""

from hypothesis import given
from hypothesis import strategies as st

from console.edits import edits, order_of
from console.frames import changed, out_of_band
from tests.faults import dom

CARDS = st.dictionaries(st.sampled_from([f"card-{letter}" for letter in "abcdefgh"]), st.sampled_from(["calm", "angry"]))


def items(cards: dict[str, str]) -> dict[str, str]:
    return {key: f'<li id="{key}">{mood}</li>' for key, mood in cards.items()}


def shown(cards: dict[str, str]) -> dom.Node:
    return dom.read(f'<ol id="list">{"".join(items(cards).values())}</ol>')


def said(before: dict[str, str], now: dict[str, str]) -> dict[str, str] | None:
    return edits("list", items(before), items(now))


@given(CARDS, CARDS)
def test_what_is_said_makes_the_list_as_it_is(before: dict[str, str], now: dict[str, str]) -> None:
    page, told = shown(before), said(before, now)
    if told is not None:
        assert dom.swap(page, out_of_band(told)) == []
        assert page.shown() == shown(now).shown()


@given(CARDS, CARDS)
def test_no_more_is_said_than_the_list_has(before: dict[str, str], now: dict[str, str]) -> None:
    told = said(before, now)
    assert told is None or [key for key in told if key in now] == [key for key in told if key in now and before.get(key) != now[key]]


def test_one_who_comes_is_one_card() -> None:
    assert said({"card-a": "calm", "card-c": "calm"}, {"card-a": "calm", "card-b": "calm", "card-c": "calm"}) == {
        "card-b": '<ol hx-swap-oob="afterend:#card-a" data-edit="came"><li id="card-b">calm</li></ol>'
    }


def test_one_who_goes_is_named_alone() -> None:
    assert said({"card-a": "calm", "card-b": "calm"}, {"card-b": "calm"}) == {"card-a": '<li hx-swap-oob="delete" id="card-a" data-edit="went"></li>'}


def test_another_order_an_empty_list_and_a_new_one_are_the_list() -> None:
    assert (said({"card-a": "", "card-b": ""}, {"card-b": "", "card-a": ""}), said({"card-a": ""}, {}), said({}, {"card-a": ""})) == (None, None, None)


@given(CARDS, CARDS)
def test_another_list_has_another_sign(one: dict[str, str], other: dict[str, str]) -> None:
    assert (order_of(one) == order_of(other)) == (list(one) == list(other))


def test_what_stands_within_a_part_that_is_sent_is_sent_with_it() -> None:
    """A customer who waits again after something nobody heard of: the room is another, what stands in it is the same."""
    rooms = [f'<div id="room" data-keep="{number}"><div id="leave"></div></div>' for number in (1, 2)]
    before, now = ({"room": room, "leave": '<div id="leave">E-mail me</div>', "head": "Hello"} for room in rooms)
    assert changed(before, now) == {"room": now["room"], "leave": now["leave"]}
    assert changed(now, now) == {}
