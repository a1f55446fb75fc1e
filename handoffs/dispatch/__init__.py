"""Whom to serve next, and by whom: pure, the same for the queue, for pushing work to agents, and for the simulation that measures it."""

from handoffs.dispatch.choose import FLUENT, LEVELS, NEVER, Free, Waiting, choose, levels
from handoffs.dispatch.order import FRONT, Line, Place, head_start, limit, passed, rank_at, why

__all__ = ["FLUENT", "FRONT", "LEVELS", "NEVER", "Free", "Line", "Place", "Waiting", "choose", "head_start", "levels", "limit", "passed", "rank_at", "why"]
