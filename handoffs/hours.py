"""Opening hours: when a team is open, when it opens next and when it closes, in its own time zone. Pure.

Hours belong to the day they begin on: a holiday cancels what begins on it. Clock times are read as in RFC 5545, 3.3.5: one that is
skipped when the clock goes forward counts as so much later; of one that comes twice, opening is the first and closing the second.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)|24:00")
DAY = timedelta(days=1)
# Days looked ahead for the next opening, holidays and all, and for the end of hours that run on without a break.
FAR, LONGEST = 366, 14

Clock = tuple[int, int]
Span = tuple[Clock, Clock]


@dataclass(frozen=True)
class Hours:
    """A week of spans of clock times, Monday first; one that does not end after it begins runs into the next day. No spans: always open."""

    zone: tzinfo = UTC
    week: tuple[tuple[Span, ...], ...] = ((),) * 7
    holidays: frozenset[date] = frozenset()

    @property
    def always(self) -> bool:
        return not any(self.week)

    def is_open(self, now: datetime) -> bool:
        return self.always or any(opens <= now < closes for opens, closes in self.stretches(now, 1))

    def next_opening(self, now: datetime) -> datetime | None:
        """When it opens next, in its own zone; `now` while it is open, None when it does not within a year."""
        if self.is_open(now):
            return now.astimezone(self.zone)
        return next((opens.astimezone(self.zone) for opens, _ in self.stretches(now, FAR) if opens > now), None)

    def next_closing(self, now: datetime) -> datetime | None:
        """When it closes, in its own zone, while it is open; None while it is closed, and when it stays open for two weeks."""
        until = now
        for opens, closes in self.stretches(now, LONGEST):
            if opens <= until < closes:
                until = closes
        return until.astimezone(self.zone) if now < until < now + (LONGEST - 1) * DAY else None

    def stretches(self, now: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
        """When it is open, as moments in UTC, from what began yesterday until so many days ahead, by when they begin."""
        today = now.astimezone(self.zone).date()
        for ahead in range(-1, days + 1):
            day = today + ahead * DAY
            if day not in self.holidays:
                yield from (self._stretch(day, span) for span in self.week[day.weekday()])

    def _stretch(self, day: date, span: Span) -> tuple[datetime, datetime]:
        (begin, end), last = span, day if span[1] > span[0] else day + DAY
        return self._moment(day, begin), max(self._moment(last, end), self._moment(last, end, fold=1))

    def _moment(self, day: date, clock: Clock, fold: int = 0) -> datetime:
        hour, minute = clock
        local = datetime.combine(day + DAY if hour == 24 else day, time(hour % 24, minute), self.zone)
        return local.replace(fold=fold).astimezone(UTC)


def read(hours: Any, holidays: Any, zone: Any, default: tzinfo) -> Hours:
    """The hours as far as they can be read: a broken row must never stop a handoff. Without any that can, always open."""
    given = hours if isinstance(hours, dict) else {}
    week = tuple(tuple(sorted(filter(None, map(_span, _list(given.get(day)))))) for day in DAYS)
    return Hours(named(zone) or default, week, frozenset(filter(None, map(_day, _list(holidays)))))


def wrong(hours: Any, holidays: Any, zone: Any) -> dict[str, str]:
    """What cannot be read, in words by its field; empty when all can."""
    found = {}
    if zone and named(zone) is None:
        found["time_zone"] = "No such time zone. Name one as Europe/Paris."
    if not isinstance(hours, dict) or any(day not in DAYS or not isinstance(spans, list) or None in map(_span, spans) for day, spans in hours.items()):
        found["hours"] = 'Days mon to sun with spans, as {"mon": [["09:00", "12:30"], ["13:30", "17:00"]], "fri": [["22:00", "06:00"]]}.'
    elif hours and not any(hours.values()):
        found["hours"] = "It would never open. Leave this empty, {}, if it is always open."
    if not isinstance(holidays, list) or None in map(_day, holidays):
        found["holidays"] = 'Days, as ["2026-12-25", "2027-01-01"], or [] for none.'
    return found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _span(value: Any) -> Span | None:
    clocks = [_clock(each) for each in value] if isinstance(value, list) else []
    if len(clocks) != 2 or clocks[0] is None or clocks[1] is None or clocks[0] == (24, 0):
        return None
    return clocks[0], clocks[1]


def _clock(value: Any) -> Clock | None:
    if not isinstance(value, str) or not CLOCK.fullmatch(value):
        return None
    hour, minute = value.split(":")
    return int(hour), int(minute)


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def named(name: Any) -> ZoneInfo | None:
    """The time zone of that name; None for what is none."""
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else None
    except (OSError, ValueError, LookupError):
        return None
