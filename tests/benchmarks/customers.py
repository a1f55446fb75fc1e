"""5,000 customers wait on their pages while agents claim and answer: how soon each page shows it. Run: python -m tests.benchmarks.customers [CUSTOMERS]

Ten teams with a line each and two web processes. Once a second the first of some team's line is claimed, which moves everybody behind, and twice a second
an agent writes to somebody who was claimed. Measured from the commit until the socket of the page has it: the agent's words, and the new place on the five
pages behind the claim. The baseline is the same with a line of twenty.
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import uuid4

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from django.db import connection
from django.utils import timezone

from handoffs import receiving
from handoffs.models import Agent, Assistant, Conversation, Customer, Handoff, Team, Turn
from handoffs.snapshots import Author
from handoffs.states import Owner
from tests.benchmarks import fanout, measured, web, worlds
from tests.benchmarks.delivery import listeners, pages
from tests.benchmarks.sockets import more_files, resident
from tests.servers import Site

TEAMS, BEHIND, FEW = 10, 5, 20
AT_ONCE, SETTLES, LASTS = 10, 3.0, 20.0
WITHIN = 20.0


@dataclass
class Crowd:
    """Everybody who waits, each with the socket of their page, and what was measured."""

    handoffs: list[Handoff]
    sockets: dict[Any, listeners.Listener] = field(default_factory=dict)
    words: list[float] = field(default_factory=list)
    places: list[float] = field(default_factory=list)
    late: int = 0


def lines(juniper: Assistant, count: int) -> list[Handoff]:
    """So many who wait, in turn with each of the teams, as rows that are made at once."""
    teams = list(Team.objects.order_by("pk"))
    customers = Customer.objects.bulk_create(Customer(assistant=juniper, external_id=uuid4().hex, name=f"Amara {number}") for number in range(count))
    talks = Conversation.objects.bulk_create(
        Conversation(assistant=juniper, answered_by=juniper, customer=customer, external_id=uuid4().hex, owner=Owner.TEAM, team=teams[number % len(teams)],
                     last_number=1, browser_language="en") for number, customer in enumerate(customers))
    Turn.objects.bulk_create((Turn(conversation=talk, number=1, author=Author.CUSTOMER, text="Where is my parcel?", client_id="1") for talk in talks), 500)
    began = timezone.now() - timedelta(minutes=30)
    rows = [_row(talk, began + timedelta(milliseconds=100 * number)) for number, talk in enumerate(talks)]
    return Handoff.objects.bulk_create(rows, 500)


def _row(talk: Conversation, at: Any) -> Handoff:
    return Handoff(conversation=talk, team=talk.team, trigger="explicit_request", reason="Asked for a person", rank_at=at, created_at=at, waiting_since=at,
                   promise_due_at=at + timedelta(hours=9), due_at=at + timedelta(hours=9), first_place=1, told_place=1)


async def gather(crowd: Crowd, sites: list[Site]) -> None:
    """Everybody opens their page."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def come(number: int, handoff: Handoff) -> None:
        (page,) = pages.of_customers([handoff.conversation])
        async with gate:
            socket = await listeners.open_one(page.path, sites[number % len(sites)].port)
            await asyncio.wait_for(socket.shown(page.shows), 60)
        crowd.sockets[handoff.pk] = socket

    await asyncio.gather(*(come(number, handoff) for number, handoff in enumerate(crowd.handoffs)))


async def work(crowd: Crowd, agents: list[Agent], lasts: float) -> None:
    """Claim one a second and write twice a second, each watched until the pages have it."""
    queue, mine, watching = iter(crowd.handoffs), [], []
    until = time.monotonic() + lasts
    for beat in range(int(lasts * 2)):
        if beat % 2 == 0 and (handoff := next(queue, None)):
            agent = agents[beat % len(agents)]
            mine.append((handoff, agent))
            at = await _done(receiving.claim, handoff, agent)
            watching += [asyncio.create_task(_see(crowd, crowd.places, behind, b'id="line"', at)) for behind in _behind(crowd, handoff)]
        handoff, agent = mine[-1]
        mark = f"mark-{beat}-"
        at = await _done(_say, handoff, agent, mark)
        watching.append(asyncio.create_task(_see(crowd, crowd.words, handoff, mark.encode(), at)))
        await asyncio.sleep(max(0.0, until - lasts + (beat + 1) / 2 - time.monotonic()))
    await asyncio.gather(*watching)


def _behind(crowd: Crowd, handoff: Handoff) -> Iterator[Handoff]:
    """Those who come next in the same line."""
    place = crowd.handoffs.index(handoff)
    return islice((other for other in crowd.handoffs[place + 1 :] if other.team_id == handoff.team_id), BEHIND)


def _say(handoff: Handoff, agent: Agent, mark: str) -> None:
    receiving.say(Handoff.objects.select_related("team", "agent", "conversation").get(pk=handoff.pk), agent, f"{mark} I am looking.", client_id=mark)


async def _done(verb: Any, *arguments: Any) -> float:
    """Do it beside the loop; when it was committed."""
    await asyncio.to_thread(_act, verb, *arguments)
    return time.monotonic()


def _act(verb: Any, *arguments: Any) -> None:
    """The thread gives its connection back: with one left the run's database could not be removed."""
    try:
        verb(*arguments)
    finally:
        connection.close()


async def _see(crowd: Crowd, into: list[float], handoff: Handoff, mark: bytes, since: float) -> None:
    """Note after how many milliseconds the page has what it waits for."""
    socket = crowd.sockets[handoff.pk]
    start = max(0, len(socket.heard) - 3)
    while time.monotonic() - since < WITHIN:
        found = next((at for at, data in socket.heard[start:] if at > since - 0.5 and mark in data), None)
        if found is not None:
            into.append(max(0.0, found - since) * 1000)
            return
        await asyncio.sleep(0.02)
    crowd.late += 1
    into.append(WITHIN * 1000)


async def run(crowd: Crowd, agents: list[Agent], sites: list[Site], lasts: float) -> tuple[float, float, float]:
    """KiB a page, the share of a core in which they only wait, and that while work goes on, of all web processes together."""
    pids = [site.processes["web"].pid for site in sites]
    before = sum(map(resident, pids))
    await gather(crowd, sites)
    await asyncio.sleep(SETTLES)
    held = (sum(map(resident, pids)) - before) / len(crowd.handoffs)
    began, used = time.monotonic(), sum(map(fanout.used, pids))
    await asyncio.sleep(lasts)
    idle = (sum(map(fanout.used, pids)) - used) / (time.monotonic() - began)
    began, used = time.monotonic(), sum(map(fanout.used, pids))
    await work(crowd, agents, lasts)
    return held, idle, (sum(map(fanout.used, pids)) - used) / (time.monotonic() - began)


def measure(juniper: Assistant, agents: list[Agent], count: int, lasts: float) -> tuple[Crowd, tuple[float, float, float]]:
    crowd = Crowd(lines(juniper, count))
    with web.sites(2) as sites:
        costs = asyncio.run(run(crowd, agents, sites, lasts))
    for socket in crowd.sockets.values():
        socket.lost = True
    Handoff.objects.filter(pk__in=[each.pk for each in crowd.handoffs]).delete()
    return crowd, costs


def main(count: int) -> None:
    more_files()
    with worlds.world() as database:
        Team.objects.bulk_create(Team(code=f"t{number}", name=f"T{number}", public_name=f"T {number}") for number in range(TEAMS - Team.objects.count()))
        juniper, agents = worlds.assistant()[0], worlds.agents(50, capacity=100)
        Agent.objects.update(lease_until=timezone.now() + timedelta(hours=1))
        few, _ = measure(juniper, agents, FEW * TEAMS, LASTS / 2)
        crowd, (held, idle, busy) = measure(juniper, agents, count, LASTS)
    measured.show("customers", [
        measured.row(f"an agent's words on their customer's page, {count} wait", crowd.words, few.words, database=database, slowest=round(max(crowd.words))),
        measured.row("the new place on the five pages behind a claim", crowd.places, few.places, database=database, late=crowd.late),
        measured.figure(f"memory per waiting page, {count} of them", held, unit="KiB", database=database),
        measured.figure("web processes' share of a core, all only wait", idle * 100, unit="%", database=database),
        measured.figure("the same with a claim and two messages a second", busy * 100, unit="%", database=database),
    ])


if __name__ == "__main__":
    sys.exit(main(int(next(iter(measured.arguments()), 5000))))
