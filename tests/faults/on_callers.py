"""Faults of callers: an assistant that repeats itself."""

import asyncio

from tests.faults.callers import Caller, client
from tests.faults.ledger import Act
from tests.faults.table import Scene, fault

AT_ONCE = 50


@fault("nothing", "nothing goes wrong: what the figures of the others are held against", 20)
async def nothing(scene: Scene) -> None:
    await scene.pause(5, 8)


@fault("retry_storm", "an assistant sends the same POST 50 times at once: a conversation, a turn, a handoff; with and without an Idempotency-Key", 30)
async def retry_storm(scene: Scene, times: int = AT_ONCE) -> None:
    http = client(scene.world.url, key=scene.world.assistant, seconds=60)
    caller, name = Caller(http, scene.load.ledger), f"storm-{scene.load.name}"
    begun = await asyncio.gather(*(caller.begin(name, {"name": "Storm"}) for _ in range(times)))
    keys = {one["id"] for one in begun}
    scene.must(len(keys) == 1, f"one external_id made {len(keys)} conversations")
    for number, (author, idempotency) in enumerate((("customer", ""), ("customer", "k"), ("assistant", ""), ("assistant", "k"))):
        said = {"author": author, "text": f"Said many times at once ({name}-{number})", "client_id": f"{name}-{number}", "confidence": 0.95}
        await asyncio.gather(*(_say(caller, begun[0]["id"], said, idempotency and f"{name}-{number}") for _ in range(times)))
    wish = {"reason": "Many times the same"}
    handoffs = await asyncio.gather(*(_hand_off(caller, begun[0]["id"], wish, f"{name}-handoff") for _ in range(times)))
    scene.must(len(set(handoffs)) == 1 and handoffs[0] != "", f"one request made the handoffs {set(handoffs)}")
    await http.aclose()


async def _say(caller: Caller, conversation: str, said: dict[str, object], key: str) -> None:
    act = Act(str(said["author"]), conversation, client_id=str(said["client_id"]), words=str(said["text"]))
    answer = await caller.api(act, f"/conversations/{conversation}/turns", said, key=key)
    if answer:
        act.decided(answer)


async def _hand_off(caller: Caller, conversation: str, wish: dict[str, str], key: str) -> str:
    act = Act("hand_off", conversation)
    act.handoff = str((await caller.api(act, f"/conversations/{conversation}/handoff", wish, key=key)).get("id", ""))
    return act.handoff
