"""Whether this process is on its way out: it finishes what it has, and others take what comes."""

import threading

_begun = threading.Event()


def begin() -> None:
    _begun.set()


def begun() -> bool:
    return _begun.is_set()
