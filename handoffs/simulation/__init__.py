"""Replays: history, or an import, run through a draft policy before it comes into force."""

from handoffs.simulation.imported import Unfit
from handoffs.simulation.replays import LARGEST_IMPORT, ask, cancel, newest, work

__all__ = ["LARGEST_IMPORT", "Unfit", "ask", "cancel", "newest", "work"]
