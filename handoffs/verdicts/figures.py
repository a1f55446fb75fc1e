"""What judged answers say of a confidence: how true it is, what a limit costs, and what assistants proposed lately."""

from dataclasses import dataclass

import numpy as np
from django.db.models import Count, Q

from handoffs.learned import calibration, limits
from handoffs.policy import Limits
from handoffs.verdicts.judging import DRAFTED, GIVEN, LOOK_BACK
from handoffs.verdicts.rows import even, judged, proposals, stated
from handoffs.verdicts.worth import cross_fitted

BARS = 20
MONTH = 30
# Under so many judged answers an error of calibration is noise.
FEWEST = 30


@dataclass(frozen=True)
class Counts:
    """Of the last 90 days: answers given, shadow drafts, and how many of each were judged."""

    answers: int
    judged: int
    shadows: int
    shadows_judged: int


@dataclass(frozen=True)
class Measured:
    """The calibration error of the confidence as it is, and after a map learned from other judged answers; None with fewer than 30."""

    judged: int
    ece: float | None = None
    ece_calibrated: float | None = None


@dataclass(frozen=True)
class Histogram:
    """Proposals by confidence: `counts` between neighbouring `edges`, and how many said nothing of it (`none`, not in `total`)."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    none: int
    total: int


@dataclass(frozen=True)
class Zones:
    """The shares of proposals that go to a person, are asked about once, are answered; None without any."""

    person: float | None = None
    ask: float | None = None
    answer: float | None = None


@dataclass(frozen=True)
class IntentCount:
    """An intent, how often it was proposed in the last month, and how many judged answers it has."""

    intent: str
    proposals: int
    judged: int


def counts() -> Counts:
    lately = proposals(LOOK_BACK.days)
    kinds = {"answers": GIVEN, "shadows": DRAFTED}
    found = lately.aggregate(
        **{name: Count("pk", filter=kind, distinct=True) for name, kind in kinds.items()},
        **{f"{name}_judged": Count("pk", filter=kind & Q(verdicts__isnull=False), distinct=True) for name, kind in kinds.items()},
    )
    return Counts(found["answers"], found["answers_judged"], found["shadows"], found["shadows_judged"])


def reliability(intent: str = "", assistant: str = "") -> tuple[calibration.Bin, ...]:
    """Ten bins of confidence with the share that was right in each."""
    rows = judged(intent, assistant)
    return calibration.reliability([row.confidence for row in rows], [row.right for row in rows])


def measured(intent: str = "", assistant: str = "") -> Measured:
    rows = judged(intent, assistant)
    if len(rows) < FEWEST:
        return Measured(len(rows))
    before, after = cross_fitted([row.confidence for row in rows], [row.right for row in rows])
    return Measured(len(rows), before, after)


def trade_off(intent: str = "") -> tuple[limits.Point, ...]:
    """What each limit would have answered, and how much of that is right, on a sample like the traffic."""
    rows = even(judged(intent), intent)
    return limits.trade_off([row.confidence for row in rows], [row.right for row in rows])


def confidences(days: int = MONTH, intent: str = "") -> Histogram:
    found = np.bincount(calibration.places(stated(proposals(days, intent)), BARS), minlength=BARS)
    edges = tuple(place / BARS for place in range(BARS + 1))
    return Histogram(edges, tuple(map(int, found)), proposals(days, intent, sure=False).count(), int(found.sum()))


def shares(limits: Limits, histogram: Histogram) -> Zones:
    """What these limits make of the histogram; a limit within a bar takes its part of it."""
    if not histogram.total:
        return Zones()
    below = np.concatenate([[0.0], np.cumsum(histogram.counts)]) / histogram.total
    person, asked = (float(np.interp(at, histogram.edges, below)) for at in (limits.clarify_at, limits.answer_at))
    return Zones(person, asked - person, 1 - asked)


def intents() -> tuple[IntentCount, ...]:
    """The intents of the last month, the most frequent first."""
    rows = proposals(MONTH).exclude(intent="").values_list("intent").annotate(n=Count("pk", distinct=True), of=Count("verdicts__proposal", distinct=True))
    return tuple(IntentCount(*row) for row in rows.order_by("-n", "intent"))
