"""What may be said of a wait, as numbers for templates: rounded as people say them, no minutes above twenty, and a promise as a clock time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from handoffs.waiting.refresh import EARLIER, EVERY

# "Most people wait less than …": minutes that people say.
SAID = (1, 2, 3, 4, 5, 7, 10, 15, 20)
TOO_LONG = SAID[-1] * 60
# A promise nearer than that is to the minute, a later one to five.
NEAR = timedelta(minutes=5)


@dataclass(frozen=True)
class Forecast:
    """What one who waits may be told. `low` and `high` are the median and the 90th percentile of the wait ahead, in seconds from `made_at`.

    None: no minutes may be said. `moved` is "later" or "earlier" when the promise moved since the customer heard of it.
    """

    place: int
    low: float | None
    high: float | None
    promised_at: datetime | None
    made_at: datetime
    guess: bool = False
    someone_here: bool = True
    moved: str = ""


def in_words(forecast: Forecast | None, now: datetime) -> dict[str, Any]:
    """The template variables: `low` to `high` minutes, or `too_long`; `within`, the end of the range as it is drawn, None while it is held at the promise;
    `guess`, `promised_at`, `later`, `earlier`."""
    if forecast is None or forecast.low is None or forecast.high is None:
        return {"low": None, "high": None, "within": None, "too_long": False, "guess": False, "promised_at": None, "later": False, "earlier": False}
    gone = (now - forecast.made_at).total_seconds()
    low, high = max(forecast.low - gone, 0.0), max(forecast.high - gone, 0.0)
    too_long = high > TOO_LONG
    first, last = (None, None) if too_long else minutes(low, high)
    promised_at = forecast.promised_at
    if first and last:
        last, promised_at = _agreed(high, last, promised_at, now)
        first = min(first, last)
    return {
        "low": first, "high": last, "within": last if last == said(high) else None, "too_long": too_long, "guess": forecast.guess,
        "promised_at": None if last == 1 else promised_at, "later": forecast.moved == "later", "earlier": forecast.moved == "earlier",
    }


def minutes(low: float, high: float) -> tuple[int, int]:
    """A range in whole minutes that holds both: above five the ends are ones that people say."""
    last = said(high)
    first = max(int(low // 60), 1)
    return min(first if first <= SAID[4] else max(each for each in SAID if each <= first), last), last


def _agreed(high: float, last: int, promised_at: datetime | None, now: datetime) -> tuple[int, datetime | None]:
    """The minutes at which a range ends, and the promise that may be read beside it by the same clock.

    An end that lies beyond the promise by less than what would move it is held there; else the promise is not repeated until it moves.
    """
    left = int((promised_at - now.replace(second=0, microsecond=0)).total_seconds() // 60) if promised_at else 0
    if promised_at is None or left < 1:
        return last, None
    beyond = high - (promised_at - now).total_seconds()
    return (min(last, left), promised_at) if last <= left or beyond <= max(EVERY, EARLIER * left * 60) else (last, None)


def said(seconds: float) -> int:
    """The next number of minutes that people say, at most twenty."""
    return next((each for each in SAID if seconds <= each * 60), SAID[-1])


def promise(now: datetime, seconds: float) -> datetime:
    """The clock time promised for a wait of so many seconds: the next full minute, or the next five, in UTC."""
    step = timedelta(minutes=1 if timedelta(seconds=seconds) <= NEAR else 5)
    moment = now.astimezone(UTC) + timedelta(seconds=max(seconds, 0.0))
    begin = moment.replace(minute=0, second=0, microsecond=0)
    return begin + -(-(moment - begin) // step) * step
