"""Template tags of the interface: icons, faces, clocks, names of things, and a live panel's parts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from console.templatetags.icons import FACES, ICONS
from console.templatetags.keyboard import cap
from handoffs import breaks
from handoffs.clock import now as time_now
from handoffs.models import Agent
from handoffs.quality import RISK_AT
from handoffs.snapshots import Mood, Trend

register = template.Library()
register.simple_tag(cap)

TREND_ICONS = {Trend.RISING: "trending-up", Trend.EASING: "trending-down"}
TREND_WORDS = {Trend.RISING: "and rising", Trend.STEADY: "", Trend.EASING: "easing"}
TREND_SPOKEN = {Trend.RISING: ", getting worse", Trend.EASING: ", easing"}
SLA_WORDS = {"ok": "within promise", "risk": "promise at risk", "over": "promise broken"}
TRIGGER_ICONS = {
    "explicit_request": "user-round",
    "humans_only": "shield-alert",
    "out_of_scope": "shield-alert",
    "compliance": "shield-alert",
    "high_stakes": "shield-alert",
    "ungrounded": "gauge",
    "sentiment_drop": "trending-down",
    "low_confidence": "gauge",
    "repeated_failure": "repeat",
    "assistant_failed": "circle-alert",
    "copilot": "user-round",
}
RECORD_FIELDS = {
    "title": ("title", "name", "item", "items", "product", "subject", "summary", "what"),
    "amount": ("amount", "total", "price", "value"),
    "reference": ("id", "external_id", "number", "order", "reference"),
}
MARKS = {"done": ("ok", "check", "Done"), "failed": ("no", "x", "Failed"), "refused": ("no", "x", "Refused"), "unknown": ("skip", "minus", "Not known")}


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """A Lucide outline; decoration, so hidden from screen readers."""
    paths = mark_safe(ICONS[name])  # noqa: S308  (our own constants)
    return format_html('<svg class="ico {}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', classes, paths)


@register.simple_tag
def face(mood: str) -> SafeString:
    paths = mark_safe(FACES.get(mood, FACES["neutral"]))  # noqa: S308  (our own constants)
    return format_html(
        '<svg class="face" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" '
        'stroke-linejoin="round" aria-hidden="true"><circle cx="12" cy="12" r="9.6"/>{}</svg>',
        paths,
    )


@register.inclusion_tag("console/_partials/mood.html")
def mood(value: str, trend: str = "") -> dict[str, str]:
    """The feeling chip: face, word, and an arrow with its spoken word when it moves."""
    return {"mood": value, "icon_name": TREND_ICONS.get(Trend(trend or "steady"), ""), "spoken": TREND_SPOKEN.get(Trend(trend or "steady"), "")}


@register.inclusion_tag("console/_partials/clock.html")
def wait_clock(since: datetime, promise: datetime) -> dict[str, Any]:
    """The wait clock. The browser runs the digits; the server says only how the promise stands."""
    state = sla(since, promise)
    return {"since": since, "promise": promise, "sla": state, "words": SLA_WORDS[state], "used": {"ok": 35, "risk": 85, "over": 100}[state]}


@register.inclusion_tag("console/_partials/me_times.html")
def my_times(agent: Agent) -> dict[str, Any]:
    """Where the agent says until when they are here, and when they are back: outside of the live parts, whose swap would take what is being typed."""
    return breaks.shown(agent)


@register.simple_tag
def part(parts: Mapping[str, str], *name: object) -> SafeString:
    """One part of a live panel, as the panel itself rendered it."""
    return mark_safe(parts["-".join(map(str, name))])  # noqa: S308  (rendered by a template)


@register.simple_tag
def mark(outcome: str) -> SafeString:
    """What came of a step: a sign and its word."""
    kind, name, word = MARKS.get(outcome, MARKS["unknown"])
    return format_html('<span class="mark mark--{}">{}<span class="vh">{}: </span></span>', kind, icon(name), word)


@register.simple_tag
def trigger_icon(trigger: str) -> SafeString:
    return icon(TRIGGER_ICONS.get(trigger, "circle-alert"))


@register.simple_tag
def keys(*names: str) -> SafeString:
    """Key caps; `enter` is drawn."""
    enter = format_html('{}<span class="vh">Enter</span>', icon("corner-down-left"))
    caps = (format_html('<kbd class="kbd">{}</kbd>', enter if name == "enter" else name) for name in names)
    return mark_safe("".join(caps))  # noqa: S308  (each cap is escaped)


@register.simple_tag
def spark(values: Sequence[float], width: int = 104, height: int = 28, label: str = "") -> SafeString:
    """A small line of real values, newest last."""
    points = points_of(values, width, height)
    line = "M" + " ".join(points)
    last = points[-1].split()
    return format_html(
        '<svg width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img" aria-label="{label}"><path class="ch-area" d="{line} L{end} {low} 4.0 {low}Z"/>'
        '<path class="ch-line" d="{line}"/><circle class="ch-dot" cx="{x}" cy="{y}" r="3.5"/></svg>',
        w=width, h=height, label=label, line=line, end=f"{width - 4:.1f}", low=height - 1, x=last[0], y=last[1],
    )


@register.inclusion_tag("console/_partials/trail.html")
def trail(tension: Sequence[float], moods: Sequence[str], width: int = 116, height: int = 26) -> dict[str, Any]:
    """Tension over the newest messages, each dot in the colour of its feeling."""
    points = points_of(tension, width, height, pad=5, low=0.0, high=1.0)
    dots = [{"x": point.split()[0], "y": point.split()[1], "mood": kind} for point, kind in zip(points, moods, strict=False)]
    return {"line": "M" + " ".join(points), "dots": dots, "moods": moods, "width": width, "height": height}


@register.inclusion_tag("console/_partials/flow_chart.html")
def flow_chart(flow: Mapping[str, Any]) -> dict[str, Any]:
    """Two lines on one scale: what arrived and what was claimed."""
    top, low, height = flow["top"], 94.0, 74.0
    grid = [{"value": value, "y": f"{low - height * value / top:.1f}", "text_y": f"{low - height * value / top + 4:.1f}"} for value in (0, top // 2, top)]

    def path(values: Sequence[int]) -> str:
        return " ".join(f"{24 + 298 * index / max(len(values) - 1, 1):.1f} {low - height * value / top:.1f}" for index, value in enumerate(values))

    return {"flow": flow, "grid": grid, "arrived": path(flow["arrived"]), "claimed": path(flow["claimed"])}


@register.filter
def clock(seconds: float | None) -> str:
    """Seconds as 4:36, or 1:04:36 from an hour on."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(max(0, int(seconds)), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


@register.filter
def span(seconds: float) -> str:
    """Seconds in words: 40 s, 5 min, 2 h."""
    seconds = max(0, int(seconds))
    if seconds < 60:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 3600 else f"{seconds // 3600} h {seconds % 3600 // 60} min"


@register.filter
def label(name: object) -> str:
    """A field's name as people write it: `renews_on` becomes "Renews on"."""
    text = str(name).replace("_", " ").strip()
    return text[:1].upper() + text[1:]


@register.filter
def feeling(value: Any) -> str:
    """A feeling in words: "Frustrated, and rising"; what a language not known hides is said to be unknown."""
    if not value.read:
        return "Feeling not known" if value.mood == Mood.NEUTRAL else f"{Mood(value.mood).value.capitalize()}, newest words not read"
    words = TREND_WORDS[Trend(value.trend)]
    return ", ".join(filter(None, [Mood(value.mood).value.capitalize(), words]))


@register.filter
def foreign(language: str) -> str:
    """The English name of a customer's language; empty when it is unknown or the product's own."""
    base = language.partition("-")[0].lower()
    if base in ("", settings.LANGUAGE_CODE.partition("-")[0]):
        return ""
    return str(LANG_INFO.get(base, {}).get("name", base))


@register.filter
def percent(share: float | None) -> str:
    return "–" if share is None else f"{share * 100:.0f}%"


@register.filter
def rest_of(count: int, whole: int) -> int:
    return max(0, whole - count)


@register.filter
def arrivals_label(row: Mapping[str, Any]) -> str:
    arrivals = row["arrivals"]
    return f"{row['team'].name}: {sum(arrivals)} arrivals in two hours, {arrivals[-1]} in the last ten minutes"


@register.filter
def plain(value: Any) -> str:
    """A value of somebody's record in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{label(key)}: {plain(inner)}" for key, inner in value.items())
    return ", ".join(map(plain, value)) if isinstance(value, list | tuple) else str(value)


@register.filter
def pairs(value: Any) -> list[tuple[str, Any]]:
    """The names and values of a record; a template's `.items` would find a field of that name instead."""
    return list(value.items()) if isinstance(value, Mapping) else []


@register.filter
def record(value: Any) -> dict[str, str]:
    """An order or a ticket, whatever its fields are called: a title, an amount, a reference and the rest."""
    if not isinstance(value, Mapping):
        return {"title": plain(value), "amount": "", "reference": "", "detail": ""}
    rest = dict(value)
    found = {name: plain(_first(rest, among)) for name, among in RECORD_FIELDS.items()}
    found["title"] = found["title"] or found.pop("reference", "")
    return {"reference": "", **found, "detail": ", ".join(plain(inner) for inner in rest.values() if inner not in (None, ""))}


def _first(rest: dict[str, Any], names: Sequence[str]) -> Any:
    """Take the first of the fields that is there."""
    return next((rest.pop(name) for name in names if rest.get(name) not in (None, "")), "")


@register.filter
def is_web(url: object) -> bool:
    """Whether an address may be a link: anything but http(s) could be a script."""
    return str(url or "").startswith(("https://", "http://"))


def sla(since: datetime, promise: datetime) -> str:
    """How a promise stands: ok, at risk from 70% of it on, or over."""
    now, whole = time_now(), (promise - since).total_seconds()
    if now >= promise:
        return "over"
    return "risk" if (now - since).total_seconds() >= RISK_AT * whole else "ok"


def points_of(values: Sequence[float], width: int, height: int, pad: float = 4.0, low: float | None = None, high: float | None = None) -> list[str]:
    """Chart points from left to right, high values at the top."""
    values = list(values) or [0.0]
    bottom, top = min(values) if low is None else low, max(values) if high is None else high
    spread, steps = (top - bottom) or 1.0, max(len(values) - 1, 1)
    across, up = width - 2 * pad, height - 2 * pad
    left = (lambda index: pad + across * index / steps) if len(values) > 1 else (lambda _: width - pad)
    return [f"{left(index):.1f} {height - pad - up * (value - bottom) / spread:.1f}" for index, value in enumerate(values)]
