"""Every fault there is: importing a file of them puts them into the table."""

from tests.faults import on_agents, on_browsers, on_callers, on_database, on_redis, on_web, on_workers
from tests.faults.table import FAULTS

__all__ = ["FAULTS", "on_agents", "on_browsers", "on_callers", "on_database", "on_redis", "on_web", "on_workers"]
