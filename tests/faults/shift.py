"""What everybody at work in one run shares: the world, the ledger, numbers, and whether it is over."""

import random
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from tests.faults.callers import client
from tests.faults.ledger import Ledger
from tests.faults.world import World


@dataclass
class Shift:
    world: World
    name: str  # keeps the runs in one database apart
    chance: random.Random
    ledger: Ledger = field(default_factory=Ledger)
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    waiting: int = 0  # handoffs in the queue: as an agent saw it last, and those made since
    over: bool = False
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def client(self, **options: Any) -> httpx.AsyncClient:
        """An HTTP client that is closed when the run ends."""
        self.clients.append(client(self.world.url, **options))
        return self.clients[-1]
