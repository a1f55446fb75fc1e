"""Days of customers like those of a real call centre, drawn from its published shape.

The figures were computed from 33,066 calls to a bank in February 1999 (Brown et al., Statistical Analysis of a Telephone Call Center: A
Queueing-Science Perspective, JASA 2005). Who writes is served by an agent who has several conversations at once, so that the times of
service and the patience are stretched by their number.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
# Kinds of calls: how many, mean and standard deviation of the logarithm of their seconds, and their 99th percentile.
SERVICE = np.array([
    (18289, 4.698, 1.164, 1033), (4982, 4.087, 1.129, 722), (2507, 4.979, 1.402, 1436),
    (983, 3.352, 1.706, 924), (196, 4.888, 1.400, 1858), (120, 4.537, 1.706, 1291),
])  # fmt: skip
# From 8:00 to 20:00, calls an hour.
ARRIVALS = np.array([78.9, 88.2, 99.1, 91.4, 77.4, 92.6, 85.2, 82.1, 83.4, 67.9, 60.5, 56.2])
# Who is still willing to wait after so many seconds (Kaplan-Meier).
PATIENCE = np.array([
    (0, 1), (5, 0.9865), (10, 0.9637), (15, 0.9431), (20, 0.9261), (30, 0.8997), (45, 0.8642), (60, 0.8214), (90, 0.7546), (120, 0.7107),
    (150, 0.6723), (180, 0.6105), (240, 0.5362), (300, 0.4870), (420, 0.3709), (600, 0.2636),
])  # fmt: skip
HOUR = 3600


@dataclass(frozen=True)
class Scenario:
    """A team and its day. `load` is the work that comes as a share of what the team can do; in hour `surge_at` it is `surge` times as much."""

    agents: int
    capacity: int
    load: float
    days: int
    surge: float = 1.0
    surge_at: int = 4


@dataclass(frozen=True)
class Day:
    """Customers in order of arrival: seconds since 8:00, of service, and of patience; and their tier, 0 the highest."""

    arrived: Numbers
    service: Numbers
    patience: Numbers
    tier: NDArray[np.int64]


def day(scenario: Scenario, shares: tuple[float, ...], rng: np.random.Generator) -> Day:
    arrived = _arrivals(scenario, rng)
    count, stretch = len(arrived), scenario.capacity
    tier = rng.choice(len(shares), count, p=shares)
    return Day(arrived, stretch * _service(count, rng), stretch * patience(count, rng), tier)


def _arrivals(scenario: Scenario, rng: np.random.Generator) -> Numbers:
    # An agent's conversations share their attention, so agents count here, not conversations.
    rates = ARRIVALS / ARRIVALS.mean() * scenario.load * scenario.agents / MEAN * HOUR
    rates[scenario.surge_at] *= scenario.surge
    hours = np.repeat(np.arange(len(rates)), rng.poisson(rates))
    return np.sort((hours + rng.random(len(hours))) * HOUR)


def _service(count: int, rng: np.random.Generator) -> Numbers:
    kind = rng.choice(len(SERVICE), count, p=SERVICE[:, 0] / SERVICE[:, 0].sum())
    return seconds(kind, rng.standard_normal(count))


def seconds(kind: NDArray[np.int64], normal: Numbers) -> Numbers:
    """Of calls of these kinds (n,), from standard normal draws (n,): log-normal, and no longer than twice what 99 of 100 take."""
    _, mean, deviation, most = SERVICE[kind].T
    return np.asarray(np.minimum(np.exp(mean + deviation * normal), 2 * most), float)


def patience(count: int, rng: np.random.Generator) -> Numbers:
    """By the inverse of the survival curve; after its end people leave at the rate of its last part."""
    left = rng.random(count)
    (before, more), (end, last) = PATIENCE[-2:]
    rate = np.log(more / last) / (end - before)
    beyond = end + np.log(last / np.minimum(left, last)) / rate
    return np.asarray(np.where(left < last, beyond, np.interp(-left, -PATIENCE[:, 1], PATIENCE[:, 0])), float)


def _mean() -> float:
    """Seconds a call takes on average, over a fixed sample of the kinds."""
    normal = np.random.default_rng(0).standard_normal(20_000)
    each = [seconds(np.full(len(normal), kind), normal).mean() for kind in range(len(SERVICE))]
    return float(np.average(each, weights=SERVICE[:, 0]))


MEAN = _mean()
