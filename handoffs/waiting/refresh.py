"""When a promise moves: later only when it is about to be broken, earlier only when that is worth saying."""

from dataclasses import dataclass

# Seconds from one look at the queue to the next: what cannot wait until then is said now.
EVERY = 60.0
# A promise whose time is up before the next look moves when being served by then is less likely than this.
UNLIKELY = 0.85
# Of what is left of the wait; less is not worth a word.
EARLIER = 0.25
# A promise that moves once must not move twice: it is made anew by this percentile of the wait ahead.
SURE = 0.98


@dataclass(frozen=True)
class Ahead:
    """The wait ahead as it looks now: a sure percentile of it in seconds, and how likely the standing promise holds."""

    sure: float
    holds: float


def moved(left: float, ahead: Ahead) -> float | None:
    """Seconds from now of the new promise for one with `left` seconds to go (below 0: broken), None while it stands."""
    if left <= EVERY and ahead.holds < UNLIKELY and ahead.sure > left:
        return ahead.sure
    if ahead.sure <= left * (1 - EARLIER) and left - ahead.sure >= EVERY:
        return ahead.sure
    return None
