"""Faults of the worker and of beat: what is due is a row, so it is late at most."""

import asyncio
import signal
import time

from tests.faults.table import EVERYTHING, Scene, fault

TASK_WITHIN = 10.0


@fault("worker_killed", "the worker and its child get SIGKILL in the middle of a task, three times", 45)
async def worker_killed(scene: Scene) -> None:
    for _ in range(3):
        await scene.pause(1, 3)
        await _in_a_task(scene)
        await scene.world.kill_family("worker")
        await scene.world.begin("worker")


async def _in_a_task(scene: Scene) -> None:
    """Wait until a task has been taken and is not done."""
    until = time.monotonic() + TASK_WITHIN
    with scene.world.redis_client() as client:
        while not client.hlen("unacked") and time.monotonic() < until:
            await asyncio.sleep(0.002)
        scene.measures["killed_in_a_task"] = scene.measures.get("killed_in_a_task", 0) + bool(client.hlen("unacked"))


@fault("beat_dead", "no beat for 15 s", 40)
async def beat_dead(scene: Scene) -> None:
    await scene.pause(1, 3)
    await scene.world.end("beat", signal.SIGKILL)
    await asyncio.sleep(15)
    await scene.world.begin("beat")


@fault("two_beats", "two beats and two workers all the time", 25, processes=(*EVERYTHING, "beat2", "worker2"))
async def two_beats(scene: Scene) -> None:
    await scene.pause(8, 12)


@fault("two_of_all", "two web processes and two workers; one of each gets SIGKILL", 40, processes=(*EVERYTHING, "web2", "worker2"))
async def two_of_all(scene: Scene) -> None:
    await scene.pause(1, 3)
    scene.world.web.to = scene.world.sites["web2"].port
    scene.world.web.reset()
    await scene.pause(1, 3)
    await scene.world.kill_family("worker")
    await scene.world.end("web", signal.SIGKILL)
    await scene.pause(1, 3)
    await scene.world.begin("web")
    await scene.world.begin("worker")
    scene.world.web.to = scene.world.sites["web"].port
    scene.world.web.reset()


APART = 300.0


@fault("clock_ahead", "the worker's clock is 5 min ahead of the web's", 40, clocks={"worker": APART, "beat": APART})
async def clock_ahead(scene: Scene) -> None:
    await scene.pause(12, 18)
    await _operators_are_told(scene)


@fault("clock_behind", "the worker's clock is 5 min behind the web's", 40, clocks={"worker": -APART, "beat": -APART})
async def clock_behind(scene: Scene) -> None:
    await scene.pause(12, 18)
    await _operators_are_told(scene)


async def _operators_are_told(scene: Scene) -> None:
    answer = await scene.load.client().get("/readyz")
    scene.must(answer.status_code == 503 and not answer.json()["checks"]["sweep"]["ok"], "/readyz is green although the clocks differ")
