"""Many agents claim the same handoffs at the same moment, over HTTP. Run: python -m tests.benchmarks.race [HANDOFFS [RIVALS]]

64 agents with room for a few more than their share; RIVALS of them (all) go for each handoff at once, and for the next one when each has heard.
Counted afterwards, from the answers and from the database: winners, doubles, agents over their capacity, and losers who were not told who has it. In
turn with it an empty page of the same processes, asked by as many at once.
"""

import asyncio
import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from django.db.models import Count, Q, QuerySet

from handoffs.models import Agent, ApiKey, Handoff
from handoffs.states import State
from tests.benchmarks import history, measured, web, worlds
from tests.servers import Site

AGENTS = 64
# An empty page is asked for after each so many handoffs.
EVERY = 10
EMPTY = web.Call("/healthz")


@dataclass
class Rival:
    """An agent with a connection of their own."""

    agent: Agent
    key: str
    site: Site
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    empty: list[float] = field(default_factory=list)

    async def claim(self, handoff: str) -> web.Answer:
        return await self.ask(web.Call(f"/api/v1/handoffs/{handoff}/claim", self.key, {}))

    async def ask(self, call: web.Call) -> web.Answer:
        return await web.ask(self.reader, self.writer, call.encoded(f"127.0.0.1:{self.site.port}"))


@dataclass
class Tally:
    """What came of the claims: times in milliseconds."""

    won: Counter[str] = field(default_factory=Counter)
    told: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    untold: int = 0
    errors: int = 0

    def note(self, handoff: str, answer: web.Answer) -> None:
        body = json.loads(answer.body)
        no_room = answer.status == 409 and body["type"].endswith("full")
        if answer.status == 200:
            self.won[handoff] += 1
            self.took.append(answer.took)
        elif answer.status == 409 and not no_room:
            self.told.append(answer.took)
            self.untold += body["owner"]["kind"] != "agent" or not body["owner"]["name"]
        elif not no_room:
            self.errors += 1


def main(handoffs: int, rivals: int) -> None:
    with worlds.world() as database:
        room = -(-handoffs // AGENTS) + 4
        agents = worlds.agents(AGENTS, capacity=room)
        keys = [ApiKey.make(agent=agent) for agent in agents]
        history.lined_up(handoffs)
        with web.sites(2 if database == "postgresql" else 1) as sites:
            empty, tally = asyncio.run(_races(agents, keys, sites, [str(pk) for pk in _waiting()], rivals))
        found = {"winners": len(tally.won), "wanted": handoffs, "doubles": _doubles() + sum(n > 1 for n in tally.won.values()),
                 "over_capacity": _over(room), "left": _waiting().count(), "untold": tally.untold, "errors": tally.errors}
    measured.show("race", [
        {"database": database, "web": len(sites), **measured.row(f"losers told, {rivals} for each of {handoffs} handoffs", tally.told, empty, **found)},
        {"database": database, "web": len(sites), **measured.row("winners told", tally.took, empty)},
    ])


async def _races(agents: Sequence[Agent], keys: Sequence[str], sites: list[Site], handoffs: list[str], rivals: int) -> tuple[list[float], Tally]:
    everyone = [Rival(agent, key, site, *await asyncio.open_connection("127.0.0.1", site.port))
                for number, (agent, key) in enumerate(zip(agents, keys, strict=True)) for site in [sites[number % len(sites)]]]
    empty, tally = [], Tally()
    for number, handoff in enumerate(handoffs):
        group = [everyone[(number * rivals + one) % AGENTS] for one in range(rivals)]
        await _race(handoff, group, tally)
        if number % EVERY == 0:
            empty += [answer.took for answer in await asyncio.gather(*(rival.ask(EMPTY) for rival in group))]
    for handoff in set(handoffs) - set(tally.won):
        # Whoever went for it had no room.
        await _race(handoff, everyone, tally)
    return empty, tally


async def _race(handoff: str, group: Sequence[Rival], tally: Tally) -> None:
    for answer in await asyncio.gather(*(rival.claim(handoff) for rival in group)):
        tally.note(handoff, answer)


def _waiting() -> QuerySet[Handoff, UUID]:
    return Handoff.objects.filter(state=State.WAITING).order_by("rank_at").values_list("pk", flat=True)


def _doubles() -> int:
    claims = Handoff.objects.annotate(claims=Count("steps", filter=Q(steps__verb="claimed")))
    return claims.filter(claims__gt=1).count()


def _over(room: int) -> int:
    held = Agent.objects.annotate(held=Count("handoffs", filter=Q(handoffs__state=State.CLAIMED)))
    return held.filter(held__gt=room).count()


if __name__ == "__main__":
    given = [int(word) for word in measured.arguments()]
    main(*(given + [1000, AGENTS][len(given):]))
