"""What a socket is sent of a live panel: parts that replace, news to append, and which numbers the news have."""

import json
import re
from collections.abc import Mapping

from console.streams.base import Stream


def out_of_band(parts: Mapping[str, str]) -> str:
    """The parts as one frame: each element is told to replace the one with its id."""
    return "".join(re.sub(r"^\s*<([\w-]+)", r'<\1 hx-swap-oob="true"', html, count=1) for html in parts.values())


def announce(after: int, head: int) -> str:
    """The frame before one with news: which numbers it has, so that a page can tell when it missed some."""
    return json.dumps({"t": "turns", "after": after, "head": head})


def state(stream: Stream, after: int) -> tuple[Mapping[str, str], str, int, frozenset[str]]:
    """Everything there is to show of a stream: its parts, the news after a number, the last number, its groups."""
    parts = stream.parts()
    news, head = stream.news(after)
    return parts, news, head, stream.groups()


def frames(parts: Mapping[str, str], news: str, after: int, head: int) -> tuple[str, ...]:
    """What to send for changed parts and news; nothing when there is neither."""
    body = out_of_band(parts) + news
    if not body:
        return ()
    return (announce(after, head), body) if news else (body,)
