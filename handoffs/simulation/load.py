"""The wait that a load of handoffs would cause, hour by hour of a week. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HOURS = 168


@dataclass(frozen=True)
class Staff:
    """A team as it worked: mean seconds of people's work a handoff takes, and how many it could hold at once in each hour of a week, Monday 0:00 first."""

    handle: float
    room: NDArray[np.float64]


def waits(arrivals: NDArray[np.float64], staff: Staff) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Mean wait in seconds and the number of hours with more work than hands, for each row of `arrivals` (rows, 168: handoffs an hour).

    Each hour is a queue of its own in its steady state, with Poisson arrivals and exponential handle times (Erlang 1917, M/M/c). The mean
    counts each handoff of an hour that can keep up; the other hours have no steady state and are only counted.
    """
    servers = np.maximum(np.round(staff.room), 0)
    offered = arrivals * staff.handle / 3600
    steady = (servers > 0) & (offered < servers)
    queued = erlang_c(np.where(steady, offered, 0.0), np.where(steady, servers, 1))
    each = np.where(steady, queued * staff.handle / np.where(steady, servers - offered, 1.0), 0.0)
    served = np.where(steady, arrivals, 0.0).sum(axis=-1)
    mean = (each * arrivals).sum(axis=-1) / np.where(served > 0, served, 1.0)
    return np.where(served > 0, mean, 0.0), (~steady & (arrivals > 0)).sum(axis=-1)


def erlang_c(offered: NDArray[np.float64], servers: NDArray[np.float64]) -> NDArray[np.float64]:
    """The chance to wait at `servers` with `offered` erlangs of work (fewer than servers), from Erlang's B by its recursion."""
    offered, servers = np.broadcast_arrays(offered, servers)
    blocked, busy = np.ones(offered.shape), np.maximum(offered, 1e-12)
    for count in range(1, int(servers.max(initial=1)) + 1):
        step = busy * blocked / (count + busy * blocked)
        blocked = np.where(count <= servers, step, blocked)
    use = np.minimum(offered / servers, 1.0)
    return np.asarray(blocked / (1 - use * (1 - blocked)), float)
