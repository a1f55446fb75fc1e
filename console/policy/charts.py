"""The policy page's charts as numbers a template can draw: places are percent of the width, heights percent of the height."""

from collections.abc import Sequence
from typing import Any

from handoffs.policy import Limits

WIDE, GAP = 1000.0, 3.0


def band(edges: Sequence[float], counts: Sequence[int], draft: Limits, live: Limits) -> dict[str, Any]:
    """Answers by confidence, each bar in the zone its middle lies in, and where the limits stand."""
    top = max(counts, default=0) or 1
    bars = [
        {"x": WIDE * low + GAP / 2, "width": WIDE * (high - low) - GAP, "y": 100 - 100 * count / top, "height": 100 * count / top,
         "zone": zone((low + high) / 2, draft)}
        for low, high, count in zip(edges, edges[1:], counts, strict=False) if count
    ]
    moved = [100 * at for at, now in ((live.clarify_at, draft.clarify_at), (live.answer_at, draft.answer_at)) if at != now]
    return {"bars": bars, "low": 100 * draft.clarify_at, "high": 100 * draft.answer_at, "was": moved, "apart": draft.answer_at - draft.clarify_at >= 0.08}


def zone(confidence: float, limits: Limits) -> str:
    if confidence < limits.clarify_at:
        return "hand"
    return "ask" if confidence < limits.answer_at else "ans"


def trade_off(points: Sequence[Any], limits: Limits) -> dict[str, Any] | None:
    """The share handed off (across) against the share right of what is answered (up), and the point of the limit in use."""
    known = sorted((1 - point.answered, point.right, point.limit) for point in points if point.right is not None and point.answered > 0)
    if not known:
        return None
    bottom = min(right for _, right, _ in known)
    low = max(0.0, min(0.9, int(bottom * 10) / 10))

    def place(handed: float, right: float) -> tuple[float, float]:
        return 100 * handed, 100 - 100 * (right - low) / (1 - low)

    here = min(known, key=lambda each: abs(each[2] - limits.answer_at))
    x, y = place(here[0], here[1])
    line = " ".join(f"{across:.1f} {up:.1f}" for across, up in (place(handed, right) for handed, right, _ in known))
    return {"line": line, "low": low, "x": x, "y": y, "handed": here[0], "right": here[1], "limit": here[2], "rows": _told(known)}


def _told(known: list[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """Some of the points in words: of those that hand off the same share the highest limit, and not more than about ten."""
    distinct = list({round(handed, 3): (handed, right, limit) for handed, right, limit in known}.values())
    return distinct[:: max(1, len(distinct) // 10)]


def reliability(bins: Sequence[Any]) -> list[dict[str, Any]]:
    """One column for each stretch of confidence: what was said, the share that was right, and its 95 % interval."""
    return [
        {"low": each.low, "high": each.high, "count": each.count, "share": each.share, "at_least": each.at_least, "at_most": each.at_most,
         "x": 50 * (each.low + each.high), "y": 100 - 100 * each.share, "from": 100 - 100 * each.at_most, "to": 100 - 100 * each.at_least,
         "said": each.confidence}
        for each in bins if each.count
    ]


def dumbbell(label: str, live: float, draft: float, *, whole: float = 1.0, words: str = "") -> dict[str, Any]:
    """A ring for live and a dot for the draft on a track from 0 to `whole`."""
    was, now = (100 * min(1.0, max(0.0, value / whole)) if whole else 0.0 for value in (live, draft))
    points = round(100 * (draft - live))
    change = f"{abs(points)} point{'' if abs(points) == 1 else 's'} {'more' if points > 0 else 'fewer'}" if points else "the same"
    return {"label": label, "was": was, "now": now, "left": min(was, now), "width": abs(was - now), "live": live, "draft": draft, "words": words or change}
