"""Plug-ins that carry words to customers: one file each.

A medium is a class with `code`, `live` (whether it can show a waiting room), `needs` (what must be known of a customer: "email", "phone" or nothing),
`is_on()` (whether it is set up here) and `send(message)`, which answers what the provider calls it (empty: nothing), and raises Rejected for what will
never arrive, anything else for what may later.
"""

from dataclasses import dataclass, field


class Rejected(Exception):
    """It will never arrive there: the address does not exist, or wants nothing from us; never said of what our own set-up may cause. The words are
    for agents."""


@dataclass(frozen=True)
class Message:
    """What goes out to one customer. `id` and `headers` are for media that have such; `sender` is where failures are reported to."""

    to: str
    text: str
    subject: str = ""
    id: str = ""
    sender: str = ""
    answers_to: str = ""
    headers: dict[str, str] = field(default_factory=dict)
