"""2,000 pages lose their line at once and come back by their own delays. Run: python -m tests.benchmarks.storm [PAGES]

A quarter are agents' (queue and tray, fifty people), the rest customers', each with a conversation of their own; one web process. A page is right
when it has been shown the whole state again, or been told that all stands as it showed it; like a real page it says which that was, with the number
it has. On PostgreSQL the connections to the database are counted meanwhile.
"""

import asyncio
import os
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field, replace

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

import psycopg
from django.db import connection

from tests.benchmarks import fanout, measured, web, worlds
from tests.benchmarks.delivery import listeners, pages
from tests.benchmarks.sockets import more_files

WITHIN, SETTLES = 60.0, 2.0
# How many pages come at a time before the storm, which is not measured.
AT_ONCE = 10
STANDS = b'{"t": "stands"'
SIGN, HEAD = re.compile(rb'"as": "(\w+)"'), re.compile(rb'"t": "turns", "after": \d+, "head": (\d+)')


@dataclass
class Visit:
    """A page, its socket, and how its way back went."""

    page: pages.Page
    socket: listeners.Listener | None = None
    troubles: Counter[str] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)


def delay(tries: int) -> float:
    """Seconds a page waits before it tries again, as static/live.js has it."""
    return float(min(8.0, 0.5 * 2 ** min(tries, 6)) * (0.5 + random.random() / 2)) if tries else 0.2 + random.random() * 2.8


async def come(visit: Visit, port: int) -> None:
    """Open the page's socket until it shows everything."""
    for tries in range(100):
        try:
            visit.socket = await listeners.open_one(visit.page.path, port, visit.page.headers, tries=1)
            await asyncio.wait_for(shown(visit), WITHIN)
            return
        except TimeoutError:
            visit.troubles["time_outs"] += 1
        except OSError as error:
            visit.troubles["answered_500" if "b'500'" in str(error) else "cut"] += 1
        await asyncio.sleep(delay(tries))


async def shown(visit: Visit) -> None:
    """Wait until the page is right, and let it remember of what it was shown what a page names when it comes back."""
    assert visit.socket
    await visit.socket.shown(visit.page.shows, STANDS)
    said = b"".join(data for _, data in visit.socket.heard)
    names = {"after": HEAD.findall(said), "stands": SIGN.findall(said)}
    path = re.sub(r"&stands=\w*", "", visit.page.path)
    if names["after"]:
        path = re.sub(r"after=\d+", f"after={names['after'][-1].decode()}", path)
    visit.page = replace(visit.page, path=f"{path}&stands={names['stands'][-1].decode()}" if names["stands"] else path)


async def come_back(visit: Visit, port: int, cut_at: float) -> None:
    await asyncio.sleep(delay(0))
    await come(visit, port)
    visit.took.append((time.monotonic() - cut_at) * 1000)


async def storm(visits: list[Visit], port: int, pid: int) -> tuple[list[int], float]:
    """Everybody opens a page, loses the line, and comes back. How many database connections there were, seen several times a second, and the
    seconds of CPU that the server took to have them back."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def calmly(visit: Visit) -> None:
        async with gate:
            await come(visit, port)

    await asyncio.gather(*map(calmly, visits))
    await asyncio.sleep(SETTLES)
    counted: list[int] = []
    counting = asyncio.create_task(count_connections(counted))
    cut_at, before = time.monotonic(), fanout.used(pid)
    for visit in visits:
        visit.troubles.clear()
        if visit.socket:
            visit.socket.transport.abort()
    await asyncio.gather(*(come_back(visit, port, cut_at) for visit in visits))
    counting.cancel()
    return counted, fanout.used(pid) - before


async def count_connections(counted: list[int]) -> None:
    """PostgreSQL's own count of this database's connections, without the counting one and the benchmark's."""
    if connection.vendor != "postgresql":
        return
    own = connection.get_connection_params()
    counter = await psycopg.AsyncConnection.connect(dbname=own["dbname"], user=own.get("user"), host=own.get("host"), port=own.get("port"), autocommit=True)
    async with counter:
        while True:
            row = await (await counter.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")).fetchone()
            counted.append(int(row[0]) - 2 if row else 0)
            await asyncio.sleep(0.2)


def main(count: int) -> None:
    more_files()
    with worlds.world() as database:
        juniper, _ = worlds.assistant()
        conversations = worlds.conversations(juniper, count - count // 4)
        pages.waiting(conversations)
        everybody = [*pages.of_agents(count // 4), *pages.of_customers(conversations)]
        connection.ensure_connection()
        visits = [Visit(page) for page in everybody]
        with web.sites(1) as (site,):
            pid = site.processes["web"].pid
            counted, cpu = asyncio.run(storm(visits, site.port, pid))
    took = [each for visit in visits for each in visit.took]
    troubles: Counter[str] = sum((visit.troubles for visit in visits), Counter())
    more = {"database": database, "slowest": round(max(took)), "answered_500": troubles["answered_500"], "cut": troubles["cut"],
            "time_outs": troubles["time_outs"], "connections": max(counted, default=None), "server_cpu_seconds": round(cpu, 1),
            "server_cpu_ms_per_page": round(cpu * 1000 / count, 1)}
    measured.show("storm", [measured.row(f"{count} pages back and right after a cut", took, **more)])


if __name__ == "__main__":
    main(int(next(iter(measured.arguments()), 2000)))
