"""The times at which a team can be asked to call back: within its opening hours, as moments, so that no change of the clocks can move them. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from handoffs.hours import Hours

LEAST_AHEAD = timedelta(minutes=15)
DAYS, MOST = 14, 80


def slots(week: Hours, now: datetime, every: timedelta) -> Iterator[datetime]:
    """Moments in UTC, the soonest first, each with a whole `every` before the team closes; nothing is asked about who has booked them."""
    last = now - LEAST_AHEAD
    for opens, closes in _open(week, now):
        moment = opens
        while moment + every <= closes:
            if moment >= now + LEAST_AHEAD and moment > last:
                yield moment
                last = moment
            moment += every


def offered(week: Hours, now: datetime, every: timedelta) -> list[datetime]:
    """So many that a person can choose among them."""
    return list(islice(slots(week, now, every), MOST))


def is_slot(week: Hours, now: datetime, every: timedelta, at: datetime) -> bool:
    return any(moment == at for moment in slots(week, now, every))


def _open(week: Hours, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    if not week.always:
        yield from sorted(week.stretches(now, DAYS))
        return
    began = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    yield began, began + timedelta(days=DAYS)
