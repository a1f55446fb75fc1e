"""What an idle socket costs in memory, and whether one process holds 2,000. Run: python -m tests.benchmarks.sockets [SOCKETS]

Pages of fifty agents, each with the queue and a tray, on one web process; the baseline is the bare asyncio server with as many sockets.
"""

import asyncio
import resource
import sys
from pathlib import Path

from tests.benchmarks import fanout, measured, web, worlds
from tests.benchmarks.delivery import listeners, pages

WARM, SETTLES = 100, 5.0


def more_files() -> None:
    """As many open files as the system lets one process have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def resident(pid: int) -> int:
    """KiB of memory a process holds."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


async def held(pid: int, port: int, wanted: list[pages.Page]) -> tuple[float, int]:
    """KiB for each of the sockets, and how many of them are still open after a while; some have come and gone before."""
    for client in await _opened(port, wanted[:WARM]):
        client.transport.abort()
    await asyncio.sleep(SETTLES)
    before = resident(pid)
    clients = await _opened(port, wanted)
    await asyncio.sleep(SETTLES)
    each = (resident(pid) - before) / len(clients)
    is_open = sum(not client.lost for client in clients)
    for client in clients:
        client.transport.abort()
    return each, is_open


async def _opened(port: int, wanted: list[pages.Page]) -> list[listeners.Listener]:
    gate = asyncio.Semaphore(20)

    async def one(page: pages.Page) -> listeners.Listener:
        async with gate:
            return await listeners.open_one(page.path, port, page.headers)

    return list(await asyncio.gather(*map(one, wanted)))


def main(count: int) -> None:
    more_files()
    bare = fanout.Server("bare", [sys.executable, "-m", "tests.benchmarks.delivery.bare", "PORT"], "/", "published")
    with worlds.world() as database, web.sites(1) as (site,), fanout.running([bare]):
        least, _ = asyncio.run(held(bare.pid, bare.port, [pages.Page("/", "", b"")] * count))
        each, is_open = asyncio.run(held(site.processes["web"].pid, site.port, pages.of_agents(count)))
    measured.show("sockets", [
        measured.figure(f"memory per idle socket, {count} of them", each, least, unit="KiB", database=database),
        measured.figure("sockets open in one process", is_open, unit="", database=database, wanted=count),
    ])


if __name__ == "__main__":
    main(int(next(iter(measured.arguments()), 2000)))
