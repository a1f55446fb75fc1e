"""How long a customer and a free agent who may take them both wait, in a team that gives its work out. Run: python -m tests.benchmarks.offers [HANDOFFS]

Web processes (two on PostgreSQL, one on SQLite) without the task of each second: only what follows the commits deals. Handoffs come over HTTP at an
even rate; agents accept four of five offers, decline the fifth, and are done after a moment. What is measured is read from the stored offers and steps;
the baseline is what the POST of a handoff takes in the same run, since its wait begins with it.
"""

import asyncio
import json
import os
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from django.utils import timezone

from handoffs.models import Agent, ApiKey, Conversation, Handoff, Offer, Step, Team
from tests.benchmarks import measured, web, worlds
from tests.servers import Site

AGENTS, ROOM, PER_SECOND, BUSY_FOR = 8, 2, 4.0, 2.0
Span = tuple[datetime, datetime]


def main(handoffs: int) -> None:
    with worlds.world() as database:
        juniper, key = worlds.assistant()
        Team.objects.update(push=True)
        keys = [ApiKey.make(agent=agent) for agent in worlds.agents(AGENTS, capacity=ROOM)]
        Agent.objects.update(lease_until=timezone.now() + timedelta(hours=1))
        talks = worlds.conversations(juniper, handoffs)
        with web.sites(2 if database == "postgresql" else 1) as sites:
            posts = asyncio.run(_day(talks, key, keys, sites))
        over = timezone.now()
        together = [_longest(handoff, over) * 1000 for handoff in Handoff.objects.prefetch_related("offers")]
        twice, many = _doubles(), _over_capacity(over)
    more = {"most": round(max(together), 1), "handoffs": len(together), "web": len(sites), "offered_twice": twice, "over_capacity": many}
    row = measured.row("a free agent and a customer they may take both wait", together, posts, **more)
    measured.show("offers", [{"database": database, **row}])


async def _day(talks: list[Conversation], key: str, keys: list[str], sites: list[Site]) -> list[float]:
    work = [asyncio.create_task(_agent(each, sites[number % len(sites)], Random(number))) for number, each in enumerate(keys)]
    comes = [asyncio.create_task(_comes(talk, key, sites[number % len(sites)], number / PER_SECOND)) for number, talk in enumerate(talks)]
    posts = await asyncio.gather(*comes)
    await asyncio.sleep(2 * BUSY_FOR)
    for each in work:
        each.cancel()
    await asyncio.gather(*work, return_exceptions=True)
    return list(posts)


async def _comes(talk: Conversation, key: str, site: Site, after: float) -> float:
    await asyncio.sleep(after)
    asked = time.monotonic()
    status, _ = await _call(site, web.Call(f"/api/v1/conversations/{talk.pk}/handoff", key, {"reason": "Wants an exception"}))
    assert status == 201, status
    return (time.monotonic() - asked) * 1000


async def _agent(key: str, site: Site, chance: Random) -> None:
    """Looks for offers, answers them, and works on what was accepted."""
    done: set[asyncio.Task[object]] = set()
    while True:
        _, listed = await _call(site, web.Call("/api/v1/offers", key))
        for offer in listed["items"]:
            answer = "decline" if chance.random() < 0.2 else "accept"
            status, _ = await _call(site, web.Call(f"/api/v1/offers/{offer['id']}/{answer}", key, {}))
            if (status, answer) == (200, "accept"):
                done.add(asyncio.create_task(_resolve(site, key, offer["handoff"], chance.uniform(0.5, 1.5) * BUSY_FOR)))
        await asyncio.sleep(chance.uniform(0.4, 0.8))


async def _resolve(site: Site, key: str, handoff: str, after: float) -> None:
    await asyncio.sleep(after)
    await _call(site, web.Call(f"/api/v1/handoffs/{handoff}/resolve", key, {}))


async def _call(site: Site, call: web.Call) -> tuple[int, dict[str, list[dict[str, str]]]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    answer = await web.ask(reader, writer, call.encoded(f"127.0.0.1:{site.port}"))
    writer.close()
    return answer.status, json.loads(answer.body)


def _longest(handoff: Handoff, over: datetime) -> float:
    """Seconds it waited, offered to nobody, beside one agent who was free all the while and had not been asked."""
    asked = sorted(handoff.offers.all(), key=lambda offer: offer.offered_at)
    begins = [handoff.created_at, *(offer.ended_at for offer in asked if offer.outcome in ("declined", "missed", "withdrawn") and offer.ended_at)]
    ends = [offer.offered_at for offer in asked]
    longest = 0.0
    for number, begin in enumerate(begins):
        end = ends[number] if number < len(ends) else over
        tried = {offer.agent_id for offer in asked[:number]}
        alone = (span for pk, spans in _free(over).items() if pk not in tried for span in spans)
        longest = max([longest, *(_common((begin, end), span) for span in alone)])
    return longest


FREE: dict[int, list[Span]] = {}


def _free(over: datetime) -> dict[int, list[Span]]:
    """When each agent had room, from what was offered to them and what they were done with."""
    if not FREE:
        FREE.update({agent.pk: [span for span, load in _loads(agent, over) if load < ROOM] for agent in Agent.objects.all()})
    return FREE


def _loads(agent: Agent, over: datetime) -> Iterable[tuple[Span, int]]:
    """Spans without a change, each with how much the agent held or was offered."""
    changes = []
    for offer in Offer.objects.filter(agent=agent):
        resolved = Step.objects.filter(handoff=offer.handoff_id, verb="resolved").values_list("at", flat=True).first()
        end = (resolved if offer.outcome == "accepted" else offer.ended_at) or over
        changes += [(offer.offered_at, 1), (end, -1)]
    moments, load = sorted(changes, key=lambda change: (change[0], change[1])), 0
    since = Agent.objects.get(pk=agent.pk).date_joined
    for at, change in [*moments, (over, 0)]:
        yield (since, at), load
        since, load = at, load + change


def _common(first: Span, second: Span) -> float:
    return max(0.0, (min(first[1], second[1]) - max(first[0], second[0])).total_seconds())


def _doubles() -> int:
    pairs = list(Offer.objects.values_list("handoff", "agent"))
    return len(pairs) - len(set(pairs))


def _over_capacity(over: datetime) -> int:
    return sum(load > ROOM for agent in Agent.objects.all() for _, load in _loads(agent, over))


if __name__ == "__main__":
    main(int(next(iter(measured.arguments()), 120)))
