"""The live panels agents may ask for, by name."""

from console.streams.base import Stream
from console.streams.calls import Calls
from console.streams.desk import Desk
from console.streams.policy import PolicyPage
from console.streams.queue import Queue
from console.streams.tray import Tray
from console.streams.wall import Wall

MOST_STREAMS = 8
BY_CODE: dict[str, type[Stream]] = {stream.code: stream for stream in (Queue, Tray, Calls, Desk, Wall, PolicyPage)}


def named(name: str) -> Stream:
    """The stream called `CODE:KEY`. Raises LookupError for a name no stream has."""
    code, _, key = name.partition(":")
    return BY_CODE[code](key)


def listed(names: str) -> tuple[Stream, ...]:
    """The streams of a list with commas, as many as a page may watch. Raises LookupError."""
    return tuple(named(name) for name in [name for name in names.split(",") if name][:MOST_STREAMS])
