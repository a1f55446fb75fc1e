"""A queue as it is now, as frozen values: who waits, who works on what, and what the team's past says. Seconds; the clock stands at 0."""

from dataclasses import dataclass, field
from math import inf

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
ALWAYS: tuple[tuple[float, float], ...] = ((0.0, inf),)


@dataclass(frozen=True)
class Waiter:
    """Somebody who waits. The least `rank` (seconds) is next; `able` are the servers who may take them, as bits; `kind` is whose handle times count.

    `phantom`: stands in line and is never served: what a newcomer in this place would wait.
    """

    id: str
    rank: float
    waited: float
    able: int
    kind: int = 0
    weight: float = 1.0
    phantom: bool = False


@dataclass(frozen=True)
class Held:
    """A conversation in somebody's hands for `elapsed` seconds."""

    elapsed: float
    kind: int = 0
    weight: float = 1.0


@dataclass(frozen=True)
class Server:
    """An agent. `shifts` are the spans (from, to) in which they begin something new; what they hold they finish. `pace` 1.2 takes a fifth longer."""

    capacity: float
    held: tuple[Held, ...] = ()
    shifts: tuple[tuple[float, float], ...] = ALWAYS
    pace: float = 1.0


@dataclass(frozen=True)
class Overtakers:
    """Customers still to come who may go ahead: `rate` a second; one who comes at second t has rank t + `ahead`, never before `behind`."""

    rate: float
    ahead: float
    able: int
    kind: int = 0
    behind: float = -inf


@dataclass(frozen=True)
class Patience:
    """Who is still willing to wait after so many seconds (Kaplan & Meier 1958): `share[i]` from `after[i]` on, all before `after[0]`.

    Beyond the last of them people leave at `rate` a second of who is left.
    """

    after: Numbers = field(default_factory=lambda: np.zeros(0))
    share: Numbers = field(default_factory=lambda: np.zeros(0))
    rate: float = 0.0


@dataclass(frozen=True)
class Habits:
    """What the past says: handle times by kind (sorted, s), and patience."""

    handling: tuple[Numbers, ...]
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True)
class Queue:
    """Everything the estimate looks at."""

    waiters: tuple[Waiter, ...]
    servers: tuple[Server, ...]
    habits: Habits
    overtakers: tuple[Overtakers, ...] = ()
