"""An agent's machine dies without a word: what is offered to them and what they hold goes to others, and the customers hear of it."""

import asyncio
import time
from collections.abc import Callable

from console.threads import in_thread
from handoffs.models import Handoff, Offer, Turn
from handoffs.states import State
from tests.faults.callers import Caller, client
from tests.faults.ledger import Act
from tests.faults.page import Page
from tests.faults.table import Scene, fault
from tests.faults.world import GIVEN_OUT

OFFER_MOVED_WITHIN, BACK_WITHIN, TOLD_WITHIN = 45.0, 110.0, 60.0


@fault("agent_gone", "an agent's machine dies with a conversation claimed and another offered", 150)
async def agent_gone(scene: Scene) -> None:
    pages = {person.username: await scene.load.open("/queue/", person) for person in scene.world.given}
    for number in range(len(pages)):
        await claim(scene, await handed_off(scene, f"held-{number}"))
    offered = await handed_off(scene, "offered")
    gone = await offered_to(offered)
    await _die(scene, pages[gone])
    began = time.monotonic()
    held = await in_thread(lambda: Handoff.objects.get(agent__username=gone, state=State.CLAIMED).pk)
    for name, most, holds in (
        ("offer_moved", OFFER_MOVED_WITHIN, lambda: Offer.objects.filter(handoff=offered).exclude(agent__username=gone).exists()),
        ("customer_told", TOLD_WITHIN, lambda: Turn.objects.filter(conversation__handoffs=held, kind=Turn.Kind.NOTICE).exists()),
        ("back_in_queue", BACK_WITHIN, lambda: not Handoff.objects.filter(pk=held, agent__username=gone).exists()),
    ):
        took = scene.measures[name] = await _until(holds, began, most)
        scene.must(took <= most, f"{name} took {took:.0f} s of {most:.0f}")


async def handed_off(scene: Scene, name: str) -> str:
    """The id of a handoff that waits with the team whose work is given out."""
    caller, name = Caller(client(scene.world.url, key=scene.world.assistant), scene.load.ledger), f"{scene.load.name}-{name}"
    made = await caller.begin(name, {"name": "Noa"})
    act = Act("hand_off", made["id"])
    answer = await caller.api(act, f"/conversations/{made['id']}/handoff", {"reason": "Wants an exception", "intent": GIVEN_OUT})
    act.handoff = answer["id"]
    await caller.http.aclose()
    return act.handoff


async def offered_to(handoff: str) -> str:
    """Who it is offered to now."""
    while not (names := await in_thread(lambda: list(Offer.objects.filter(handoff=handoff, outcome="").values_list("agent__username", flat=True)))):
        await asyncio.sleep(0.1)
    return str(names[0])


async def claim(scene: Scene, handoff: str) -> None:
    """Whoever it is offered to takes it."""
    username = await offered_to(handoff)
    (session,) = (person.session for person in scene.world.given if person.username == username)
    forms = Caller(client(scene.world.url, session=session), scene.load.ledger)
    await forms.get("/queue/")
    await forms.form(Act("claim", "", agent=username, handoff=handoff), f"/handoffs/{handoff}/claim/", {})
    await forms.http.aclose()


async def _die(scene: Scene, page: Page) -> None:
    """Its connections stay as they are, and it answers nothing any more."""
    page.is_dead = True
    scene.load.pages.remove(page)
    scene.load.dead.append(page)


async def _until(holds: Callable[[], bool], began: float, most: float) -> float:
    while not await in_thread(holds) and time.monotonic() - began < most + 30:
        await asyncio.sleep(0.25)
    return time.monotonic() - began
