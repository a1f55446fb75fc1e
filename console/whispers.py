"""What pages may say to one another in passing: nothing here is stored, and nothing asks the database."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from console.streams.base import conversation_group
from console.streams.customer import CustomerPage

if TYPE_CHECKING:
    from console.consumers import LiveSocket


def heard(socket: "LiveSocket", frame: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]] | None:
    """The group and the frame to pass on for what a page said, or None when it may not be said."""
    pages = [stream for stream in socket.streams if isinstance(stream, CustomerPage)]
    if frame.get("t") == "typing" and pages:
        return conversation_group(pages[0].key), {"t": "typing", "who": "customer"}
    return None
