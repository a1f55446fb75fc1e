"""The order of a queue as one moment for each handoff: the earliest is next."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# How strongly a priority pulls forward, 1 the most urgent. Chosen in the simulation (docs/routing.md).
URGENCY = {1: 1.5, 2: 0.6, 3: 0.28, 4: 0.0}
# In a short line the longest has waited less than a newcomer will: it is taken for so many more.
MORE = 7
# Ahead of every head start, and it keeps the order of arrival among those who have it.
FRONT = timedelta(days=365)
WORTH_SAYING = timedelta(seconds=30)


@dataclass(frozen=True)
class Line:
    """How a queue stands for one who joins it: how many wait, how long the longest has, and the last rank among equals.

    `behind` is the latest rank of those who came before with the same priority or a more urgent one; None without any.
    """

    waiting: int = 0
    longest: timedelta = timedelta(0)
    behind: datetime | None = None


@dataclass(frozen=True)
class Place:
    """What put a handoff where it stands. `since` is later than `arrived` when it waits again; `because` is what its priority comes from,
    unless it was begun to call somebody back, who has the place of before."""

    arrived: datetime
    since: datetime
    rank_at: datetime
    promise: int
    because: str = "urgent"
    called_back: bool = False


def head_start(priority: int, line: Line) -> timedelta:
    """How far a priority goes ahead of plain arrival: its urgency × how long the longest has waited, stretched to a few more in line.

    So it grows with the load, and is nothing while nobody waits.
    """
    return URGENCY[priority] * max(line.longest, timedelta(0)) * (1 + MORE / max(line.waiting, 1))


def rank_at(arrived: datetime, priority: int, promise: int, line: Line) -> datetime:
    """The queue's order: when the promise (seconds) falls due, less the head start by the load as it is now, but never before an equal."""
    rank = arrived + timedelta(seconds=promise) - head_start(priority, line)
    return rank if line.behind is None else max(rank, line.behind + timedelta.resolution)


def limit(waiting: int) -> int:
    """How often one customer may be overtaken while so many wait: five, and half of those who wait."""
    return 5 + waiting // 2


def passed(arrived: datetime) -> datetime:
    """The rank of who was overtaken as often as may be: ahead of all newer ones, in order of arrival."""
    return arrived - FRONT


def why(place: Place) -> str:
    """Why it stands here, in a few words that stay true while it waits; nothing when it is the order of arrival."""
    # Looked at first: who was put before one that was let through has a rank as early.
    if place.since > place.arrived:
        return "Waited before, so ahead of newer ones"
    if place.rank_at <= passed(place.since):
        return "Next, overtaken as often as one may be"
    ahead = place.arrived + timedelta(seconds=place.promise) - place.rank_at
    if ahead < WORTH_SAYING:
        return ""
    return "Called back, so ahead of newer ones" if place.called_back else f"{place.because.capitalize()}, so {_span(ahead)} ahead"


def _span(time: timedelta) -> str:
    seconds = round(time.total_seconds())
    return f"{seconds} s" if seconds < 90 else f"{round(seconds / 60)} min"
