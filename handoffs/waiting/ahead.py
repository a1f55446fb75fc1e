"""One waiter's draws and the team's stretch together: whether a promise still holds, and what a new one would be."""

from math import inf

import numpy as np

from handoffs.waiting.conformal import Stretch, spreads
from handoffs.waiting.refresh import SURE, Ahead
from handoffs.waiting.snapshot import Numbers


def ahead(draws: Numbers, stretch: Stretch, left: float) -> Ahead:
    """Of draws (paths,) of the wait ahead, beyond their mean as far stretched as what is told; `left` seconds of the promise are to go."""
    mean = spreads(draws[:, None])[0].mean
    reached = draws if mean == inf else np.where(draws > mean, mean + stretch.high * (draws - mean), draws)
    return Ahead(float(np.sort(reached)[min(int(SURE * len(reached)), len(reached) - 1)]), float((reached <= left).mean()))
