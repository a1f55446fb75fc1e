"""When a promise moves: later only when it is about to be broken, earlier only when that is worth saying."""

from dataclasses import dataclass

# Seconds from one look at the queue to the next: what cannot wait until then is said now.
EVERY = 60.0
# The promise is about to be broken when its time is nearly up, and being served by then is less likely than this.
UNLIKELY = 0.97
NEARLY_UP = 90.0
# Of what is left of the wait; less is not worth a word.
EARLIER = 0.25
# A promise that moves once must not move twice: it is made by this percentile of the wait ahead.
SURE = 0.95


@dataclass(frozen=True)
class Ahead:
    """The wait ahead as it looks now, in seconds: the 90th percentile, a surer one, and how likely the standing promise holds."""

    high: float
    surer: float
    holds: float


def moved(left: float, ahead: Ahead) -> float | None:
    """Seconds from now of the new promise for one with `left` seconds to go (below 0: broken), None while it stands."""
    if left <= NEARLY_UP and ahead.holds < UNLIKELY and ahead.surer > left:
        return ahead.surer
    if ahead.high <= left * (1 - EARLIER) and left - ahead.high >= EVERY:
        return ahead.high
    return None
