"""What a socket is sent of a live panel: parts that replace, news to append, and which numbers the news have."""

import json
import re
from collections.abc import Collection, Mapping

from console.streams.base import Listing, Stream


def out_of_band(parts: Mapping[str, str]) -> str:
    """The parts as one frame: each element is told to replace the one with its id."""
    return "".join(re.sub(r"^\s*<([\w-]+)", r'<\1 hx-swap-oob="true"', html, count=1) for html in parts.values())


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """What of the parts is to be sent again: of a list with the same elements in the same order, those elements that changed."""
    parts: dict[str, str] = {}
    for name, html in now.items():
        shown = before.get(name)
        if isinstance(html, Listing) and isinstance(shown, Listing) and list(html.items) == list(shown.items):
            parts |= {key: item for key, item in html.items.items() if shown.items[key] != item}
        elif html != shown:
            parts[name] = html
    return parts


def announce(after: int, head: int) -> str:
    """The frame before one with news: which numbers it has, so that a page can tell when it missed some."""
    return json.dumps({"t": "turns", "after": after, "head": head})


def state(stream: Stream, numbers: Collection[int]) -> tuple[Mapping[str, str], dict[int, tuple[str, int]], frozenset[str]]:
    """Everything there is to show of a stream: its parts, the news after each of the numbers with the last number, its groups."""
    reading = stream.read_once()
    return reading.parts(), {number: reading.news(number) for number in numbers}, reading.groups()


def frames(parts: Mapping[str, str], news: str, head: int, *, after: int) -> tuple[str, ...]:
    """What to send for changed parts and the news after a number; nothing when there is neither."""
    body = out_of_band(parts) + news
    if not body:
        return ()
    return (announce(after, head), body) if news else (body,)
