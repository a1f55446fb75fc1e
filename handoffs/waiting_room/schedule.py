"""When a waiting customer hears from us next, if nothing changes before: often on an open page, ever more seldom by letter. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

LETTERS = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 30, 60))
# Words on a page do not follow each other faster than this, whatever changes.
LEAST_APART = timedelta(seconds=20)
LONGEST_APART = timedelta(days=1)
# Places up to here are told one by one; further back only when one of these is passed.
NEAR, MARKS = 5, (10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


@dataclass(frozen=True)
class Hearing:
    """How a customer waits: since when, when they last heard from us, whether they can see the page, and what they were promised."""

    since: datetime
    heard_at: datetime
    away: bool = False
    promised_at: datetime | None = None


def next_word(hearing: Hearing, every: timedelta) -> datetime:
    """On the page `every` so often. By letter 5, 15, 30 and 60 minutes after the wait began; then as promised, or ever more seldom."""
    if not hearing.away:
        return hearing.heard_at + every
    ahead = next(moment for moment in _letters(hearing.since) if moment > hearing.heard_at)
    promised = hearing.promised_at
    past_the_first = ahead > hearing.since + LETTERS[-1]
    return promised if past_the_first and promised and promised > hearing.heard_at else ahead


def near(place: int) -> int:
    """A place as far as a change of it matters: the mark it stands before."""
    return place if place <= NEAR else next((mark for mark in MARKS if place <= mark), MARKS[-1] + 1)


def _letters(since: datetime) -> Iterator[datetime]:
    yield from (since + step for step in LETTERS)
    apart, moment = LETTERS[-1], since + LETTERS[-1]
    for _ in count():
        moment += apart
        yield moment
        apart = min(2 * apart, LONGEST_APART)
