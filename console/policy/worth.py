"""What the assistants' confidence is worth on the team's own judged answers, as the policy page shows it."""

from typing import Any

from console.policy import charts
from handoffs import verdicts
from handoffs.models import Assistant
from handoffs.policy import Limits, Policy

# Confidences an assistant may state, to show what each turned out to be worth.
STATED = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


def band_now(policy: Policy, live: Policy) -> dict[str, Any]:
    """The last month's answers by confidence, with the draft's limits and, where they differ, the live ones."""
    histogram = verdicts.confidences()
    drawn = charts.band(histogram.edges, histogram.counts, policy, live)
    return {**drawn, "limits": policy, "total": histogram.total, "none": histogram.none, "zones": verdicts.shares(policy, histogram)}


def worth_now(policy: Policy) -> dict[str, Any]:
    """Judged answers: how many there are, how right they are by confidence, and what a limit costs."""
    return {
        "counts": verdicts.counts(),
        "measured": verdicts.measured(),
        "columns": charts.reliability(verdicts.reliability()),
        "trade_off": charts.trade_off(verdicts.trade_off(), policy),
        "assistants": [_worth(assistant) for assistant in Assistant.objects.filter(plugin="").order_by("name")],
    }


def found(limits: Limits, intent: str = "") -> verdicts.Suggestion | None:
    """What a limit that was found rests on today; None when somebody set it by hand."""
    return verdicts.suggest(intent, limits.accepted_wrong) if limits.accepted_wrong else None


def _worth(assistant: Assistant) -> dict[str, Any]:
    learned = verdicts.worth(assistant)
    if learned is None:
        return {"name": assistant.name}
    return {"name": assistant.name, "map": learned, "rows": [(stated, interpolated(learned.knots, stated)) for stated in STATED]}


def interpolated(knots: tuple[tuple[float, float], ...], stated: float) -> float:
    """The observed share for a stated confidence, on straight lines between the knots."""
    before = max((knot for knot in knots if knot[0] <= stated), default=knots[0])
    after = min((knot for knot in knots if knot[0] >= stated), default=knots[-1])
    if after[0] == before[0]:
        return before[1]
    return before[1] + (after[1] - before[1]) * (stated - before[0]) / (after[0] - before[0])
