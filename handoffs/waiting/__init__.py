"""How long somebody waits: the estimate and the place in line, pure, on snapshots of a queue."""

from handoffs.waiting.words import Forecast, in_words

__all__ = ["Forecast", "in_words"]
