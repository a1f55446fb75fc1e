"""A share with its interval, where some count for more than one."""

import numpy as np
from numpy.typing import NDArray

from handoffs.waiting.snapshot import Numbers

Z = 1.96


def share(held: NDArray[np.bool_], weights: Numbers) -> tuple[float, float, float]:
    """The weighted share and its 95 % interval (Wilson 1927) for as many as the weights are worth (Kish 1965); of nothing: 0, from 0 to 1."""
    if not len(held):
        return 0.0, 0.0, 1.0
    count, part = float(weights.sum() ** 2 / np.square(weights).sum()), float(np.average(held, weights=weights))
    middle = (part + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z * np.sqrt(part * (1 - part) / count + Z**2 / (4 * count**2)) / (1 + Z**2 / count)
    return part, float(middle - half), float(middle + half)
