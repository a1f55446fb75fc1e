"""How soon a stream is read after a change: at once while changes are few, eight times a second while they come fast."""

# Changes a second that are each shown at once, and how many more than that may come in one go.
FREELY, IN_ONE_GO = 25.0, 2.0
# Seconds between readings while there are more: of fifty changes in a second, with those of one go, ten are shown.
GAP = 0.125
# The hints of one change come within this many seconds.
TOGETHER = 0.005


class Pace:
    """A leaky bucket of changes; `least` is between any two readings. Times are seconds of any steady clock."""

    def __init__(self, least: float) -> None:
        self._least, self._level = least, 0.0
        self._heard_at = float("-inf")

    def heard(self, now: float) -> None:
        """There is a hint."""
        if now - self._heard_at > TOGETHER:
            self._level = max(0.0, self._level - (now - self._heard_at) * FREELY) + 1
            self._heard_at = now

    def wait(self, read_at: float, now: float) -> float:
        """Seconds until the stream may be read again, having been read at `read_at`."""
        gap = max(self._least, GAP) if self._level > IN_ONE_GO else self._least
        return max(0.0, read_at + gap - now)
