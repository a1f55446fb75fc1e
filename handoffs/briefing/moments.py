"""Dates and times of day as values that can be compared, however they are written: "3pm" is 15:00, "May 5th" is 2026-05-05 without its year."""

import re
from dataclasses import dataclass
from functools import lru_cache

from handoffs.grounding import MONTHS

NAMES = {name: number for number, month in enumerate(MONTHS, 1) for name in (month, month[:3])} | {"sept": 9}
MONTH = "|".join(sorted(NAMES, key=len, reverse=True))
DAY = r"(?:3[01]|[12]\d|0?[1-9])"
DATE = re.compile(
    rf"""(?<![\w.,/:-])(?:
      (?P<iso_year>(?:19|20)\d\d)[-/.](?P<iso_month>1[0-2]|0?[1-9])[-/.](?P<iso_day>{DAY})(?![\d/-])
    | (?P<first>\d{{1,2}})(?P<sign>[/.-])(?P<second>\d{{1,2}})(?:(?P=sign)(?P<year>\d{{4}}|\d{{2}}))(?![\d/-])
    | (?P<short_first>{DAY})/(?P<short_second>{DAY})(?![\d/-])
    | (?P<day>{DAY})(?:st|nd|rd|th)?\.?\s(?:of\s)?(?P<month>{MONTH})\b\.?(?:,?\s(?P<then>(?:19|20)\d\d)\b)?
    | (?P<us_month>{MONTH})\b\.?\s(?:the\s)?(?P<us_day>{DAY})(?:st|nd|rd|th)?\b(?![:\d])(?:,?\s(?P<us_year>(?:19|20)\d\d)\b)?
    )""",
    re.I | re.X,
)
TIME = re.compile(
    r"(?<![\w.,/:$€£-])(?:(?P<hour>[01]?\d|2[0-4])(?:[:.h](?P<minute>[0-5]\d))?\s?(?P<half>[ap])\.?\s?m\b\.?"
    r"|(?P<hour24>[01]?\d|2[0-4]):(?P<minute24>[0-5]\d)(?![\d:])|(?P<clock>[01]?\d)\s?o['’]?\s?clock\b|(?P<noon>noon|midday)\b|(?P<midnight>midnight)\b)",
    re.I,
)
NONE_GIVEN = 0


@dataclass(frozen=True)
class Day:
    """A day of the calendar; `year` is 0 when none was named."""

    year: int
    month: int
    day: int

    def agrees(self, other: "Day") -> bool:
        return (self.month, self.day) == (other.month, other.day) and (NONE_GIVEN in (self.year, other.year) or self.year == other.year)


@dataclass(frozen=True)
class Hour:
    """A time of day in minutes; without morning or afternoon said it may be either (`sure`)."""

    minutes: int
    sure: bool

    def agrees(self, other: "Hour") -> bool:
        return self.minutes == other.minutes if self.sure and other.sure else self.minutes % 720 == other.minutes % 720


def dates(text: str) -> list[tuple[str, tuple[Day, ...]]]:
    """Each date as it is written, and the days it may mean: 3/4/2026 is two."""
    return [(match.group(), found) for match in DATE.finditer(text) if (found := tuple(_days(match)))]


def times(text: str) -> list[tuple[str, Hour]]:
    return [(match.group(), _hour(match)) for match in TIME.finditer(text)]


def without(text: str) -> str:
    """A text without its dates and times, so that their figures are not read again as numbers."""
    return without_times(DATE.sub(" ", text))


@lru_cache(maxsize=1024)
def without_times(text: str) -> str:
    return TIME.sub(" ", text)


def _days(match: re.Match[str]) -> list[Day]:
    if match["iso_year"]:
        return [Day(int(match["iso_year"]), int(match["iso_month"]), int(match["iso_day"]))]
    if match["month"]:
        return [Day(int(match["then"] or 0), NAMES[match["month"].lower()], int(match["day"]))]
    if match["us_month"]:
        return [Day(int(match["us_year"] or 0), NAMES[match["us_month"].lower()], int(match["us_day"]))]
    first, second = int(match["first"] or match["short_first"]), int(match["second"] or match["short_second"])
    year = int(match["year"] or 0)
    year += 2000 if match["year"] and len(match["year"]) == 2 else 0
    return [Day(year, month, day) for month, day in {(first, second), (second, first)} if 1 <= month <= 12 and 1 <= day <= 31]


def _hour(match: re.Match[str]) -> Hour:
    if match["noon"] or match["midnight"]:
        return Hour(720 if match["noon"] else 0, True)
    if match["clock"]:
        return Hour(int(match["clock"]) * 60, False)
    if match["half"]:
        return Hour((int(match["hour"]) % 12 + 12 * (match["half"].lower() == "p")) * 60 + int(match["minute"] or 0), True)
    hour = int(match["hour24"])
    return Hour(hour % 24 * 60 + int(match["minute24"]), hour > 12 or match["hour24"].startswith("0"))
