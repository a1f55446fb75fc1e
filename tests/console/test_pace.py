"""A change is shown at once while changes are few; of fifty a second, ten are."""

from itertools import pairwise

import pytest

from console.hub.pace import Pace
from console.streams.base import Stream


def readings(changes: list[float], least: float = Stream.least_gap, takes: float = 0.004) -> list[float]:
    """When a stream with changes at these seconds is read, by the rule of `Watch.mark`; the last reading is after the last change."""
    pace, read, due = Pace(least), [float("-inf")], None
    for at in [*changes, float("inf")]:
        if due is not None and due <= at:
            read.append(due)
            due = None
        if at != float("inf"):
            pace.heard(at)
            due = at + max(pace.wait(read[-1], at), takes) if due is None else due
    return read[1:]


def every(seconds: float, until: float = 10.0) -> list[float]:
    return [number * seconds for number in range(round(until / seconds))]


def most_in_a_second(read: list[float]) -> int:
    return max(sum(first <= at < first + 1 for at in read) for first in read)


@pytest.mark.parametrize("per_second", [50, 100, 180])
def test_fifty_changes_a_second_and_more_are_read_ten_times_at_most(per_second: int) -> None:
    changes = every(1 / per_second)
    read = readings(changes)
    assert most_in_a_second(read) <= 10
    assert read[-1] > changes[-1]


@pytest.mark.parametrize("per_second", [1, 10, 20])
def test_few_changes_are_each_read_at_once(per_second: int) -> None:
    changes = every(1 / per_second)
    assert [round(read - at, 3) for read, at in zip(readings(changes), changes, strict=True)] == [0.004] * len(changes)


def test_the_hints_of_one_change_are_one_change() -> None:
    changes = [at + hint / 1000 for at in every(1 / 20) for hint in range(4)]
    assert len(readings(changes)) == 200


def test_what_costs_much_is_read_no_oftener_than_it_says() -> None:
    read = readings(every(1 / 10), least=0.5)
    assert all(round(later - sooner, 6) >= 0.5 for sooner, later in pairwise(read))
