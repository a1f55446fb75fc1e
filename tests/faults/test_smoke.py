"""One fault in short: the machinery of `make faults` works, against a real web process."""

import random

import pytest
from django.db import connection

from console.threads import in_thread
from tests import settings
from tests.faults import reading
from tests.faults.history import check
from tests.faults.on_callers import retry_storm
from tests.faults.table import Scene
from tests.faults.workload import Workload
from tests.faults.world import World


@pytest.mark.slow
async def test_the_same_post_many_times_at_once_is_done_once(transactional_db: None) -> None:
    world, chance = World(connection.vendor, settings), random.Random(1)
    try:
        await world.start("web")
        scene = Scene(world, Workload(world, "smoke", chance), chance)
        await retry_storm(scene, times=6)
        await scene.load.close()
        verdict = check(scene.load.ledger.acts, await in_thread(reading.stored))
    finally:
        await world.stop()
    assert (scene.problems, str(verdict), len(scene.load.ledger.acknowledged)) == ([], "", 36)
