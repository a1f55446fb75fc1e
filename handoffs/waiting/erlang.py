"""The wait by few data: Erlang-A, places coming free at one rate and people ahead giving up at another, played from the place in line.

Whitt, Ward: the wait of who is n-th in line is a sum of n exponential steps at rates (servers × rate + those still ahead × leaving);
Ibrahim and Whitt (M&SOM 2009) call its mean the queue-length predictor for a Markovian queue with abandonment.
"""

from math import inf

import numpy as np

from handoffs.waiting.snapshot import Numbers

PATHS = 1000
# A guess from little data is said twice as wide.
WIDER = 2.0


def waits(place: int, servers: float, seconds: float, patience: float, seed: int = 0) -> Numbers:
    """Draws (PATHS,) of the seconds until who is `place` in line (1 is next) is served, all `servers` places taken now.

    `seconds` is a mean handle time, `patience` a mean patience (inf: nobody leaves). Nobody to serve: inf.
    """
    if servers <= 0 or seconds <= 0:
        return np.full(PATHS, inf)
    ahead = np.arange(max(place, 1))
    rate = servers / seconds + ahead / max(patience, 1e-9)
    return np.asarray(np.random.default_rng(seed).exponential(1 / rate, (PATHS, len(rate))).sum(axis=1))
