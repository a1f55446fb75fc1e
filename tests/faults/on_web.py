"""Faults of the web process, and of the line between it and people."""

import asyncio
import signal

from tests.faults.proxy import How
from tests.faults.table import NOTICED_WITHIN, Scene, fault


@fault("web_killed", "Daphne gets SIGKILL, twice, and is started again", 35)
async def web_killed(scene: Scene) -> None:
    for _ in range(2):
        await scene.pause(2, 5)
        await scene.world.end("web", signal.SIGKILL)
        await scene.pause(0.2, 2)
        await scene.world.begin("web")


@fault("web_ended", "Daphne gets SIGTERM and is started again", 35)
async def web_ended(scene: Scene) -> None:
    await scene.pause(2, 5)
    await scene.world.end("web", signal.SIGTERM)
    await scene.world.begin("web")


@fault("web_stopped", "Daphne stands still for 10 s (SIGSTOP)", 30)
async def web_stopped(scene: Scene) -> None:
    await scene.pause(2, 5)
    scene.world.signal("web", signal.SIGSTOP)
    await asyncio.sleep(10)
    scene.world.signal("web", signal.SIGCONT)


@fault("line_reset", "every connection to the web is reset, five times", 25)
async def line_reset(scene: Scene) -> None:
    for _ in range(5):
        await scene.pause(0.5, 2)
        scene.world.web.reset()


@fault("line_dark", "the line to the web drops everything for 40 s and tells nobody, then it is reset", 75)
async def line_dark(scene: Scene) -> None:
    await scene.pause(2, 4)
    scene.world.web.be(How.DROP)
    await asyncio.sleep(40)
    scene.world.web.reset()
    scene.world.web.heal()


@fault("line_half_open", "every connection there is goes dead without a word; new ones work", 50, right_within=NOTICED_WITHIN)
async def line_half_open(scene: Scene) -> None:
    await scene.pause(2, 4)
    scene.world.web.forget()
    await scene.pause(2, 4)
