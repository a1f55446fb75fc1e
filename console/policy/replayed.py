"""What a replay found, as the policy page shows it: figures with their intervals, topics, reasons, teams."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from console.policy.charts import dumbbell

Result = Mapping[str, Any]
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
TOPICS_SHOWN = 8


def shown(result: Result) -> dict[str, Any]:
    """The parts of a finished replay; `result` is `Replay.result`."""
    return {
        "figures": [_handed_off(result["handed_off"]), _wrong(result["wrong"]), _asked(result["asked"]), _work(result.get("work"))],
        "topics": [_topic(row) for row in sorted(result["topics"], key=_moved, reverse=True)[:TOPICS_SHOWN]],
        "reasons": _reasons(result["reasons"]),
        "teams": [_team(row) for row in result["teams"]],
        "span": _span(result),
    }


def _handed_off(figure: Result) -> dict[str, Any]:
    return _rates("Handed to a person", figure, figure["draft_count"] - figure["live_count"], "handoffs")


def _asked(figure: Result) -> dict[str, Any]:
    return _rates("Asked a question first", figure, figure["draft_count"] - figure["live_count"])


def _rates(title: str, figure: Result, more: int, things: str = "") -> dict[str, Any]:
    words = f"{abs(more):,} {'more' if more > 0 else 'fewer'} {things}" if more else "As many as now"
    return {"title": title, "live": _percent(figure["live"]), "draft": _percent(figure["draft"]), "words": words, "range": _between(figure["draft"], 100, " %")}


def _wrong(figure: Result) -> dict[str, Any]:
    title = "Wrong answers sent"
    if not figure["live"] or not figure["draft"]:
        return {"title": title, "why": figure["why_not"] or "Not known"}
    points = 100 * (figure["draft"]["value"] - figure["live"]["value"])
    words = f"{abs(points):.1f} points {'more' if points > 0 else 'fewer'}" if abs(points) >= 0.05 else "As many as now"
    return {"title": title, "live": _percent(figure["live"], 1), "draft": _percent(figure["draft"], 1), "words": words, "better": points <= -0.05,
            "range": _between(figure["draft"], 100, " %", 1)}


def _work(figure: Result | None) -> dict[str, Any]:
    title = "People’s hours a week"
    if not figure:
        return {"title": title, "why": "No finished handoffs to learn it from"}
    hours = figure["difference"]["value"]
    words = f"{abs(hours):.0f} hours {'more' if hours > 0 else 'back'}" if abs(hours) >= 0.5 else "As many as now"
    return {"title": title, "live": f"{figure['live']['value']:.0f}", "draft": f"{figure['draft']['value']:.0f}", "words": words, "better": hours <= -0.5,
            "range": _between(figure["draft"], 1, " h")}


def _topic(row: Result) -> dict[str, Any]:
    return dumbbell(row["label"], row["live"]["value"], row["draft"]["value"], words="now people only" if row["people_only"] else "")


def _moved(row: Result) -> float:
    return float(row["conversations"] * abs(row["draft"]["value"] - row["live"]["value"]))


def _reasons(rows: list[Result]) -> list[dict[str, Any]]:
    whole = max((max(row["live_share"]["value"], row["draft_share"]["value"]) for row in rows), default=1.0) or 1.0
    return [
        dumbbell(row["label"], row["live_share"]["value"], row["draft_share"]["value"], whole=whole, words=f"{row['live']:,} → {row['draft']:,}")
        for row in rows
    ]


def _team(row: Result) -> dict[str, Any]:
    busiest = row["busiest"]
    return {
        "name": row["name"],
        "week": _change(row["a_week"], "{:.0f}"),
        "busiest": f"{DAYS[busiest['hour'] // 24]} {busiest['hour'] % 24}:00, {busiest['live']:.1f} → {busiest['draft']:.1f}" if busiest else "–",
        "wait": _change(row["wait"], "{:.0f} s") if row["wait"] else row["why_no_wait"] or "–",
        "work": _change(row["work"], "{:.1f}") if row["work"] else "–",
        "overloaded": f"{row['overloaded']['live']} → {row['overloaded']['draft']}" if row["overloaded"] else "–",
    }


def _change(figure: Result, form: str) -> str:
    draft = figure["draft"]
    return f"{form.format(figure['live']['value'])} → {form.format(draft['value'])} ({form.format(draft['low'])} to {form.format(draft['high'])})"


def _percent(share: Result, digits: int = 0) -> str:
    return f"{100 * share['value']:.{digits}f}%"


def _between(share: Result, times: float, unit: str, digits: int = 0) -> str:
    """The 95 % interval in words."""
    return f"95 %: {times * share['low']:.{digits}f} to {times * share['high']:.{digits}f}{unit}"


def _span(result: Result) -> str:
    if not (result.get("since") and result.get("until")):
        return ""
    days = [datetime.fromisoformat(result[end]) for end in ("since", "until")]
    return " to ".join(dict.fromkeys(f"{day.day} {day:%b}" for day in days))
