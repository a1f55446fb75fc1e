"""The live panels agents may ask for, by name."""

from console.streams.base import Stream
from console.streams.desk import Desk
from console.streams.queue import Queue
from console.streams.tray import Tray
from console.streams.wall import Wall

BY_CODE: dict[str, type[Stream]] = {stream.code: stream for stream in (Queue, Tray, Desk, Wall)}


def named(name: str) -> Stream:
    """The stream called `CODE:KEY`. Raises LookupError for a name no stream has."""
    code, _, key = name.partition(":")
    return BY_CODE[code](key)
