"""Whether a replay's interval of the wrong share holds the truth, on histories whose truth is known."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handoffs.evaluation.answers import Answers, answers
from handoffs.evaluation.files import Files
from handoffs.learned.calibration import wilson
from handoffs.learned.estimates import Side, wrong_share

DRAWS = 400
MESSAGES = (1000, 2000)
ANSWERED, WANTED = 0.25, 0.5
DRAFTED = 0.1
MOST_FOR_ONE_CUSTOMER = 4


@dataclass(frozen=True)
class World:
    """All messages of a firm: `truth` is the share wrong of the answers from `wanted` on; live answers begin at `answered`.

    A customer is up to four messages to one bot, so that what one asks tells of what else they ask.
    """

    told: Answers
    customers: tuple[NDArray[np.intp], ...]
    answered: float
    wanted: float
    truth: float


class Replay:
    """A replay's 95 % interval of the share of wrong answers, against the truth it cannot see."""

    code = "replay"

    def measure(self, files: Files) -> dict[str, Any]:
        """`coverage`: in how many of 400 histories of 1,000 to 2,000 messages the interval from answers given and 10 % shadow drafts holds
        the truth; `naive_coverage`: that of "wrong as often as before"; `half_width`: the mean, and at 2,000 messages."""
        world, rng = _world(answers(files)), np.random.default_rng(0)
        draws = np.array([_draw(world, rng, int(size)) for size in np.linspace(*MESSAGES, DRAWS)])
        held, naive, widths = draws[:, 0], draws[:, 1], draws[:, 2]
        return {
            "coverage": float(held.mean()), "naive_coverage": float(naive.mean()), "half_width": float(widths.mean()),
            "half_width_at_2000": float(widths[-DRAWS // 10 :].mean()), "bias": float(draws[:, 3].mean()), "truth": world.truth,
            "judged_drafts": float(draws[:, 4].mean()),
        }


def _world(told: Answers) -> World:
    rng = np.random.default_rng(7)
    customers: list[NDArray[np.intp]] = []
    for bot in np.unique(told.bot):
        messages = rng.permutation(np.flatnonzero(told.bot == bot))
        while len(messages):
            count = int(rng.integers(1, MOST_FOR_ONE_CUSTOMER + 1))
            customers.append(messages[:count])
            messages = messages[count:]
    answered, wanted = (float(np.quantile(told.confidence, 1 - share)) for share in (ANSWERED, WANTED))
    return World(told, tuple(customers), answered, wanted, float(1 - told.right[told.confidence >= wanted].mean()))


def _draw(world: World, rng: np.random.Generator, size: int) -> tuple[float, float, float, float, int]:
    """One history: whether the interval and the naive one hold the truth, the interval's half width, its error, and the drafts judged."""
    given, held = Side(), Side()
    messages = 0
    for visit in range(size):
        for message in world.customers[rng.integers(len(world.customers))]:
            _hear(world, int(message), visit, rng, given, held)
            messages += 1
        if messages >= size:
            break
    found = wrong_share((given, held))
    if found is None:
        raise ValueError("too few messages for a history with judged drafts")
    low, high = wilson(float(given.wrong.sum()), given.judged)
    holds, naive = found.low <= world.truth <= found.high, low <= world.truth <= high
    return holds, naive, (found.high - found.low) / 2, found.value - world.truth, held.judged


def _hear(world: World, message: int, visit: int, rng: np.random.Generator, given: Side, held: Side) -> None:
    confidence, wrong = world.told.confidence[message], not world.told.right[message]
    if confidence >= world.answered:
        given.answers += 1
        given.add(wrong, str(visit))
    elif confidence >= world.wanted:
        held.answers += 1
        if rng.random() < DRAFTED:
            held.add(wrong, str(visit), DRAFTED)
