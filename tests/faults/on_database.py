"""Faults of the database: nothing is accepted that could not be stored, and nothing that was stored is said again."""

import asyncio
import sqlite3
import time

import psycopg
from django.conf import settings

from tests.faults.proxy import How
from tests.faults.table import Scene, fault

POSTGRESQL, SQLITE = ("postgresql",), ("sqlite",)


@fault("postgres_restarted", "PostgreSQL is stopped at once, without a farewell, and started again", 40, databases=POSTGRESQL)
async def postgres_restarted(scene: Scene) -> None:
    await scene.pause(2, 5)
    await scene.world.restart_postgres(scene.chance.choice(("immediate", "fast")))


@fault("commit_cut", "the connection breaks in the middle of 20 commits: before it arrives, or before its answer does", 40, databases=POSTGRESQL)
async def commit_cut(scene: Scene) -> None:
    proxy = scene.world.postgres
    assert proxy
    cut = 0
    while cut < 20:
        await scene.pause(0.1, 0.6)
        proxy.cut_at(b"COMMIT", after=bool(cut % 2))
        until = time.monotonic() + 5
        while proxy.cuts_left and time.monotonic() < until:
            await asyncio.sleep(0.01)
        scene.measures["commits_cut"] = scene.measures.get("commits_cut", 0) + (not proxy.cuts_left)
        cut += 1
    proxy.heal()
    scene.must(scene.measures["commits_cut"] >= 10, f"only {scene.measures['commits_cut']:.0f} of {cut} commits were cut")
    scene.must(bool(scene.load.ledger.failures), "no caller noticed that a commit was cut")


@fault("postgres_frozen", "the line to PostgreSQL stands still for 8 s", 40, databases=POSTGRESQL)
async def postgres_frozen(scene: Scene) -> None:
    assert scene.world.postgres
    await scene.pause(1, 3)
    scene.world.postgres.be(How.FREEZE)
    await asyncio.sleep(8)
    scene.world.postgres.heal()


@fault("pool_exhausted", "two connections for the web process, each answer 0.02 s late, and 40 callers at once", 60, databases=POSTGRESQL,
       environment={"DATABASE_POOL": "2"})
async def pool_exhausted(scene: Scene) -> None:
    assert scene.world.postgres
    scene.world.postgres.latency = 0.01
    await asyncio.gather(*(scene.load.crowd() for _ in range(40)))
    scene.world.postgres.heal()


@fault("postgres_full", "somebody else takes every connection PostgreSQL has, for 12 s", 45, databases=POSTGRESQL)
async def postgres_full(scene: Scene) -> None:
    await scene.pause(1, 3)
    taken: list[psycopg.Connection] = []
    try:
        until = time.monotonic() + 12
        while time.monotonic() < until:
            try:
                taken.append(await asyncio.to_thread(psycopg.connect, scene.world.services.postgres.get_uri()))
            except psycopg.OperationalError:
                await asyncio.sleep(0.1)
    finally:
        for connection in taken:
            connection.close()
    scene.measures["connections_taken"] = len(taken)


@fault("sqlite_locked", "somebody else holds SQLite's lock for 10 s", 35, databases=SQLITE)
async def sqlite_locked(scene: Scene) -> None:
    await scene.pause(1, 3)
    await asyncio.to_thread(_hold_lock, 10.0)


def _hold_lock(seconds: float) -> None:
    connection = sqlite3.connect(settings.DATABASES["default"]["NAME"], timeout=60, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    time.sleep(seconds)
    connection.execute("ROLLBACK")
    connection.close()
