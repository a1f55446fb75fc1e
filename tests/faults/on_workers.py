"""Faults of the worker and of beat: what is due is a row, so it is late at most."""

import asyncio
import signal
import time

from django.utils import timezone

from console.threads import in_thread
from handoffs.models import Handoff, Step, Turn
from handoffs.states import State
from tests.faults.on_agents import claim, handed_off, offered_to
from tests.faults.table import EVERYTHING, Scene, fault

TASK_WITHIN = 10.0


@fault("worker_killed", "both workers and their children get SIGKILL in the middle of a task, three times", 45)
async def worker_killed(scene: Scene) -> None:
    for _ in range(3):
        await scene.pause(1, 3)
        await _in_a_task(scene)
        await scene.world.kill_family("sweep", "worker")
        await scene.world.begin("sweep")
        await scene.world.begin("worker")
    scene.must(scene.measures["killed_in_a_task"] > 0, "no worker was killed in the middle of a task")


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


@fault("two_beats", "two beats and two of each worker all the time", 25, processes=(*EVERYTHING, "beat2", "sweep2", "worker2"))
async def two_beats(scene: Scene) -> None:
    await scene.pause(8, 12)


@fault("two_of_all", "two web processes and two of each worker; one of each gets SIGKILL", 40, processes=(*EVERYTHING, "web2", "sweep2", "worker2"))
async def two_of_all(scene: Scene) -> None:
    await scene.pause(1, 3)
    scene.world.web.to = scene.world.sites["web2"].port
    scene.world.web.reset()
    await scene.pause(1, 3)
    await scene.world.kill_family("sweep", "worker")
    await scene.world.end("web", signal.SIGKILL)
    await scene.pause(1, 3)
    for name in ("web", "sweep", "worker"):
        await scene.world.begin(name)
    scene.world.web.to = scene.world.sites["web"].port
    scene.world.web.reset()


APART = 300.0  # seconds
NOT_THE_WEB = ("sweep", "worker", "beat")


@fault("clock_ahead", "the workers' clock is 5 min ahead of the web's", 40, clocks=dict.fromkeys(NOT_THE_WEB, APART))
async def clock_ahead(scene: Scene) -> None:
    await _clocks_apart(scene)


@fault("clock_behind", "the workers' clock is 5 min behind the web's", 40, clocks=dict.fromkeys(NOT_THE_WEB, -APART))
async def clock_behind(scene: Scene) -> None:
    await _clocks_apart(scene)


async def _clocks_apart(scene: Scene) -> None:
    """Nothing happens early: a claim stays with its agent, an offer with whom it is held for, and no customer is told otherwise."""
    http = scene.load.client()
    while (await http.get("/readyz")).status_code != 200:
        await asyncio.sleep(0.5)
    began = timezone.now()
    for person in scene.world.given:
        await scene.load.open("/queue/", person)
    held = await handed_off(scene, "held")
    await claim(scene, held)
    offered = await handed_off(scene, "offered")
    to = await offered_to(offered)
    await scene.pause(12, 18)
    taken = await in_thread(lambda: list(Step.objects.filter(verb="returned", by="baton", at__gte=began).values_list("detail__lost", flat=True)))
    scene.measures["claims_taken"] = len(taken)
    scene.must(not taken, f"taken from agents who were there: {taken}")
    kept = await in_thread(lambda: Handoff.objects.filter(pk=held, state=State.CLAIMED).exists())
    scene.must(kept, "a claim did not stay with its agent")
    scene.must(await offered_to(offered) == to, "an offer went on before its time")
    told = await in_thread(lambda: Turn.objects.filter(kind=Turn.Kind.RETURNED, conversation__handoffs=held).count())
    scene.must(not told, "a customer was told that their agent is lost")
    answer = await http.get("/readyz")
    scene.must(answer.status_code == 200 and any("clock" in words for words in answer.json()["warnings"]), f"/readyz says {answer.text[:200]}")
