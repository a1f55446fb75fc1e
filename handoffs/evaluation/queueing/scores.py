"""What foretold waits were worth: error against others' ways, whether the range held, whether promises were kept."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handoffs.evaluation.queueing.seer import Told
from handoffs.waiting import shares
from handoffs.waiting.snapshot import Numbers


def scores(told: Sequence[Told], weights: Numbers | None = None) -> dict[str, Any]:
    """Of customers who never left, or of those served, each counted for so many (`weights`).

    `within` is the share inside the 80 % range, `thirds` the same by length of the wait, `thirds_foretold` by length of the wait that was foretold.

    RMSE in seconds; `by_last` is the wait of the last of the same need who was served before they came (LES), `by_last_alike` that of the last of
    the same priority, `by_rate` the number in line over the recent rate of service; `ratio` and `ratio_by_rate` are against `by_last`,
    `ratio_alike` against `by_last_alike`. `floor` is the ratio of the same estimate had it known the true times, paces and patience instead of
    learning them. Shares have 95 % intervals (Wilson).
    """
    if not told:
        return {"customers": 0}
    waited, mean, low, high, last, alike, rate = (np.array([float(value) for value in column]) for column in zip(
        *((each.waited, each.spread.mean, each.told.low, each.told.high, each.last, each.last_alike, each.by_rate) for each in told), strict=True))
    inside = (waited >= low) & (waited <= high)
    each = np.ones(len(told)) if weights is None else weights
    mean_wait = float(np.average(waited, weights=each))
    ours, others, of_alike, by_rate = (_rmse(guess - waited, each) for guess in (mean, last, alike, rate))
    return {
        "customers": len(told), "mean_wait": _round(mean_wait), "rmse": _round(ours), "rmse_by_last": _round(others), "ratio": _round(ours / others),
        "ratio_alike": _round(ours / of_alike),
        "rmse_by_rate": _round(by_rate), "ratio_by_rate": _round(by_rate / others), "bias": _round(np.average(mean - waited, weights=each) / mean_wait),
        "within": share(inside, each), "below": _round(np.average(waited < low, weights=each)), "above": _round(np.average(waited > high, weights=each)),
        "thirds": _by_third(inside, waited, each), "thirds_foretold": _by_third(inside, mean, each),
        "width": _round(np.average(high - low, weights=each) / mean_wait), **_floor(told, others), **_promises(told, each),
    }


def _by_third(inside: NDArray[np.bool_], waits: Numbers, weights: Numbers) -> list[dict[str, float]]:
    third = np.digitize(waits, np.quantile(waits, [1 / 3, 2 / 3]))
    return [share(inside[third == part], weights[third == part]) for part in range(3)]


def _floor(told: Sequence[Told], by_last: float) -> dict[str, float]:
    known = np.array([(each.by_truth, each.waited) for each in told if np.isfinite(each.by_truth)])
    return {"floor": _round(_rmse(known[:, 0] - known[:, 1], np.ones(len(known))) / by_last)} if len(known) else {}


def _promises(every: Sequence[Told], weight: Numbers) -> dict[str, Any]:
    """Promises that were looked at each minute; `broken_told_once` are the same ones had they never been touched."""
    told, weights = [each for each in every if each.followed], weight[[each.followed for each in every]]
    if not told:
        return {"promises": 0}
    return {
        "promises": len(told),
        "broken": share(np.array([each.broken for each in told]), weights), "never_later": share(np.array([each.later == 0 for each in told]), weights),
        "moved_later": _round(np.average([each.later for each in told], weights=weights)),
        "moved_earlier": _round(np.average([each.earlier for each in told], weights=weights)),
        "broken_told_once": share(np.array([each.since + each.waited > each.first for each in told]), weights),
    }


def best_constant(told: Sequence[Told]) -> dict[str, float]:
    """Mean absolute error of the median path against that of the one number that would have been best for all of them."""
    if not told:
        return {}
    waited, median = np.array([each.waited for each in told]), np.array([each.spread.median for each in told])
    ours, best = float(np.abs(median - waited).mean()), float(np.abs(np.median(waited) - waited).mean())
    return {"absolute_error": _round(ours), "best_constant": _round(best), "ratio_to_constant": _round(ours / best)}


def share(held: NDArray[np.bool_], weights: Numbers) -> dict[str, float]:
    """A share with its 95 % interval."""
    return dict(zip(("value", "low", "high"), map(_round, shares.share(held, weights)), strict=True))


def _rmse(errors: Numbers, weights: Numbers) -> float:
    return float(np.sqrt(np.average(np.square(errors), weights=weights)))


def _round(value: Any) -> float:
    return round(float(value), 4)
