"""What a socket is sent of a live panel: parts that replace, news to append, and which numbers the news have."""

import json
import re
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from console.edits import Edit, edits
from console.release import RELEASE
from console.streams.base import Listing, Stream


def out_of_band(parts: Mapping[str, str]) -> str:
    """The parts as one frame: each element is told to replace the one with its id, unless it says itself where it goes."""
    return "".join(html if isinstance(html, Edit) else re.sub(r"^\s*<([\w-]+)", r'<\1 hx-swap-oob="true"', html, count=1) for html in parts.values())


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """What of the parts is to be sent again; of a list what came, went or changed, when that is less than the list."""
    parts: dict[str, str] = {}
    for name, html in now.items():
        shown = before.get(name)
        if isinstance(html, Listing) and isinstance(shown, Listing) and (edited := edits(name, shown.items, html.items)) is not None:
            parts |= edited
        elif html != shown:
            parts[name] = html
    # What stands within a part that is sent comes empty with it.
    within = [name for name in now if any(f'<div id="{name}"></div>' in html for html in parts.values())]
    return parts | {name: now[name] for name in within}


def announce(after: int, head: int) -> str:
    """The beginning of a frame with news, to HTML a remark: which numbers it has, so that a page can tell when it missed some."""
    return f"<!--{json.dumps({'t': 'turns', 'after': after, 'head': head})}-->"


def sign(stream: Stream, head: Hashable, number: int) -> str:
    """A short sign of how a stream stands for a page that has the news up to a number, the same in every process of a release; empty without a head."""
    return blake2b(repr((RELEASE, stream.name, head, number)).encode(), digest_size=12).hexdigest() if head is not None else ""


def stands(named: str) -> str:
    """The frame that names how the stream stands, for the page to name when it comes back."""
    return json.dumps({"t": "stands", "as": named})


@dataclass(frozen=True)
class State:
    """Everything there is to show of a stream: its parts, the news after some numbers with the last number, its groups, and its head before all that."""

    head: Hashable
    parts: Mapping[str, str]
    news: Mapping[int, tuple[str, int]]
    groups: frozenset[str]


def state(stream: Stream, numbers: Collection[int]) -> State:
    # The head first: what changes meanwhile makes a page's sign an old one, never one that hides something.
    head, reading = type(stream).heads([stream]).get(stream.name), stream.read_once()
    return State(head, reading.parts(), {number: reading.news(number) for number in numbers}, reading.groups())


def frames(parts: Mapping[str, str], news: str, head: int, *, after: int, named: str = "") -> tuple[str, ...]:
    """What to send for changed parts and the news after a number, and how the stream stands then; nothing when there is none of them."""
    body = (announce(after, head) if news else "") + out_of_band(parts) + news
    return tuple(filter(None, (body, stands(named) if named else "")))
