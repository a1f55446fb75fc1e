"""Faults of Redis: it carries hints and wake-up calls only, so nobody who writes may notice."""

import asyncio
import signal
import time

from tests.faults.table import RIGHT_WITHIN, Scene, fault

DOWN = 120.0


@fault("redis_restarted", "Redis gets SIGKILL, twice, and is started again empty", 35, unnoticed=True)
async def redis_restarted(scene: Scene) -> None:
    for _ in range(2):
        await scene.pause(1, 3)
        scene.world.end_redis()
        await scene.pause(0.5, 4)
        await asyncio.to_thread(scene.world.begin_redis)


@fault("redis_flushed", "FLUSHALL, three times: every subscription is gone and nobody is told", 40, unnoticed=True)
async def redis_flushed(scene: Scene) -> None:
    with scene.world.redis_client() as client:
        for _ in range(3):
            await scene.pause(1, 3)
            client.flushall()


@fault("redis_frozen", "Redis stands still for 12 s (SIGSTOP)", 40, unnoticed=True)
async def redis_frozen(scene: Scene) -> None:
    await scene.pause(1, 4)
    scene.world.redis_process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(12)
    scene.world.redis_process.send_signal(signal.SIGCONT)


@fault("redis_reset", "every connection to Redis is reset, five times", 25, unnoticed=True)
async def redis_reset(scene: Scene) -> None:
    for _ in range(5):
        await scene.pause(0.5, 2)
        scene.world.redis.reset()


@fault("redis_slow", "each answer of Redis takes 4 s (2 s each way), for 15 s", 40, unnoticed=True)
async def redis_slow(scene: Scene) -> None:
    await scene.pause(1, 3)
    scene.world.redis.latency = 2.0
    await asyncio.sleep(15)
    scene.world.redis.heal()


@fault("redis_down", "no Redis for two minutes; the pages must be right before it is back", 175, unnoticed=True)
async def redis_down(scene: Scene) -> None:
    await scene.pause(1, 2)
    scene.world.end_redis()
    down = time.monotonic()
    await asyncio.sleep(DOWN - RIGHT_WITHIN - 25)
    await scene.rest()
    scene.measures["right_without_redis"] = await scene.right_within(RIGHT_WITHIN)
    await asyncio.sleep(max(0.0, down + DOWN - time.monotonic()))
    await asyncio.to_thread(scene.world.begin_redis)
