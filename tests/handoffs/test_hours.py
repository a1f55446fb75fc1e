"""Opening hours: across midnight, holidays and clock changes, and with values nobody can read."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from handoffs import hours
from handoffs.hours import Hours

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE: dict[str, Any] = {day: [["09:00", "12:30"], ["13:30", "17:00"]] for day in hours.DAYS[:5]}
NIGHTS: dict[str, Any] = {day: [["22:00", "02:30"]] for day in hours.DAYS}
EARLY: dict[str, Any] = {"sun": [["02:30", "06:00"]]}
ROUND: dict[str, Any] = {day: [["00:00", "24:00"]] for day in hours.DAYS}


def team(week: Any, *holidays: Any, zone: Any = "Europe/Berlin") -> Hours:
    return hours.read(week, list(holidays), zone, UTC)


def at(text: str) -> datetime:
    """A moment by Berlin's clock, or in UTC with a Z. Always as UTC: times that come twice never equal those of another zone."""
    return datetime.fromisoformat(text) if text.endswith("Z") else datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


CASES = {
    # name: hours, moment, whether open, next opening, next closing
    "in the morning": (team(OFFICE), "2026-03-02 10:00", True, "2026-03-02 10:00", "2026-03-02 12:30"),
    "at the minute it opens": (team(OFFICE), "2026-03-02 09:00", True, "2026-03-02 09:00", "2026-03-02 12:30"),
    "at the minute it closes": (team(OFFICE), "2026-03-02 17:00", False, "2026-03-03 09:00", None),
    "at lunch": (team(OFFICE), "2026-03-02 13:00", False, "2026-03-02 13:30", None),
    "on Friday evening": (team(OFFICE), "2026-03-06 18:00", False, "2026-03-09 09:00", None),
    "by another clock": (team(OFFICE), "2026-03-02T08:30:00Z", True, "2026-03-02 09:30", "2026-03-02 12:30"),
    "on a holiday": (team(OFFICE, "2026-04-03", "2026-04-06"), "2026-04-03 10:00", False, "2026-04-07 09:00", None),
    "across midnight": (team(NIGHTS), "2026-03-02 01:00", True, "2026-03-02 01:00", "2026-03-02 02:30"),
    "in the night before a holiday": (team(NIGHTS, "2026-03-03"), "2026-03-03 01:00", True, "2026-03-03 01:00", "2026-03-03 02:30"),
    "in the night of a holiday": (team(NIGHTS, "2026-03-03"), "2026-03-04 01:00", False, "2026-03-04 22:00", None),
    "over the weekend the clock goes forward": (team(OFFICE), "2026-03-27 18:00", False, "2026-03-30T07:00:00Z", None),
    "over the weekend the clock goes back": (team(OFFICE), "2026-10-23 18:00", False, "2026-10-26T08:00:00Z", None),
    "to an end that is skipped": (team(NIGHTS), "2026-03-29T00:59:00Z", True, "2026-03-29T00:59:00Z", "2026-03-29T01:30:00Z"),
    "after an end that was skipped": (team(NIGHTS), "2026-03-29T01:30:00Z", False, "2026-03-29T20:00:00Z", None),
    "to an end that comes twice": (team(NIGHTS), "2026-10-25T01:00:00Z", True, "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z"),
    "before an opening that is skipped": (team(EARLY), "2026-03-29 00:00", False, "2026-03-29T01:30:00Z", None),
    "from an opening that comes twice": (team(EARLY), "2026-10-25T00:30:00Z", True, "2026-10-25T00:30:00Z", "2026-10-25T05:00:00Z"),
    "with hours that meet": (team({"mon": [["09:00", "24:00"]], "tue": [["00:00", "03:00"]]}),
                             "2026-03-02 10:00", True, "2026-03-02 10:00", "2026-03-03 03:00"),
    "day and night": (team(ROUND), "2026-03-02 10:00", True, "2026-03-02 10:00", None),
    "day and night but for a holiday": (team(ROUND, "2026-03-04"), "2026-03-02 10:00", True, "2026-03-02 10:00", "2026-03-04 00:00"),
    "without hours": (team({}), "2026-03-02 03:00", True, "2026-03-02 03:00", None),
    "with holidays in a row": (team({"mon": [["09:00", "10:00"]]}, "2026-03-09", "2026-03-16"), "2026-03-02 11:00", False, "2026-03-23 09:00", None),
}


@pytest.mark.parametrize("name", CASES)
def test_when_a_team_is_open(name: str) -> None:
    week, moment, is_open, opening, closing = CASES[name]
    assert week.is_open(at(moment)) is is_open
    assert [found and found.astimezone(UTC) for found in (week.next_opening(at(moment)), week.next_closing(at(moment)))] == [
        at(opening), at(closing) if closing else None]


def test_moments_are_told_by_the_teams_own_clock() -> None:
    opening = team(OFFICE, zone="America/New_York").next_opening(at("2026-03-02T20:00:00Z"))
    assert opening is not None
    assert (opening.hour, opening.minute, str(opening.tzinfo)) == (17 - 2, 0, "America/New_York")


@pytest.mark.parametrize("broken", [
    None, 7, "9-5", ["mon"], {"mon": "09:00-17:00"}, {"mon": [["9", "17"]]}, {"mon": [["25:00", "26:00"]]}, {"Monday": [["09:00", "17:00"]]},
    {"mon": [["09:00"]]}, {"mon": [None]}, {"mon": [["09:00", 17]]}, {"mon": [["24:00", "01:00"]]}, {"mon": []},
], ids=str)  # fmt: skip
def test_hours_nobody_can_read_never_close_a_team_and_are_refused_in_the_admin(broken: Any) -> None:
    assert team(broken).is_open(at("2026-03-01 03:00"))
    assert set(hours.wrong(broken, [], "")) == {"hours"}


@pytest.mark.parametrize(("holidays", "zone", "field"), [
    (["25.12."], "", "holidays"), ("2026-12-25", "", "holidays"), ([20261225], "", "holidays"), ([], "Paris", "time_zone"),
    ([], "../etc", "time_zone"), ([], 7, "time_zone"),
], ids=str)  # fmt: skip
def test_other_values_nobody_can_read_are_passed_over_and_refused_in_the_admin(holidays: Any, zone: Any, field: str) -> None:
    assert hours.read(OFFICE, holidays, zone, BERLIN) == team(OFFICE)
    assert set(hours.wrong(OFFICE, holidays, zone)) == {field}


def test_what_can_be_read_still_counts_beside_what_cannot() -> None:
    assert team({"mon": [["09:00", "12:00"], "all day"], "tue": None}, "2026-03-09", "soon") == team({"mon": [["09:00", "12:00"]]}, "2026-03-09")
    assert hours.wrong(OFFICE, ["2026-12-25"], "Europe/Paris") == hours.wrong({}, [], "") == {}
