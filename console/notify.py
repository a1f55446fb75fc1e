"""Tells systemd how a service stands: ready, stopping, still alive. Without systemd it does nothing."""

import os
import socket


def tell(state: str) -> None:
    """Send a state, as READY=1, to the socket systemd gave us (sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.connect("\0" + address[1:] if address.startswith("@") else address)
        sender.send(state.encode())


def watched_every() -> float | None:
    """Seconds between two signs of life, half of what systemd waits for; None when it does not wait for any."""
    microseconds = os.environ.get("WATCHDOG_USEC")
    return int(microseconds) / 2_000_000 if microseconds else None
