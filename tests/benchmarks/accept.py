"""How many handoffs a second are accepted over HTTP: 12 turns, brief, route, acknowledgement. Run: python -m tests.benchmarks.accept [HANDOFFS]

Two web processes on PostgreSQL, one on SQLite, 16 clients. In turn with it, in the same run: an empty page of the same processes. The agents are at work
and the teams have a past, so that customers are told of an estimate; it is made anew before each round. The line grows as they come. Whose processor time
it took is told too: the clients share the cores.
"""

import os
import time
from datetime import timedelta
from pathlib import Path
from statistics import median

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from django.db import connection

from handoffs import clock
from handoffs.models import Agent, Conversation, Handoff, Heartbeat
from handoffs.waiting_room import foretelling
from tests.benchmarks import history, measured, web, worlds
from tests.servers import Site

AT_ONCE, ROUNDS, PAST = 16, 4, 2000
SERVING = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
Answers = list[web.Answer]
Spent = dict[str, float]


def main(handoffs: int) -> None:
    with worlds.world() as database:
        juniper, key = worlds.assistant()
        worlds.agents(20)
        Agent.objects.update(lease_until=clock.now() + timedelta(hours=1))
        history.closed(PAST)
        calls = [call(each, key) for each in worlds.conversations(juniper, handoffs)]
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as the database does by itself
        with web.sites(2 if database == "postgresql" else 1) as sites:
            rounds = [_round(calls[at::ROUNDS], sites) for at in range(ROUNDS)]
        kept = Handoff.objects.filter(reason="Wants an exception").count()
    # The first round warms the processes up.
    measured.show("accept", [{"database": database, "web": len(sites), **row} for row in _rows(rounds[1:], kept, handoffs)])


def call(conversation: Conversation, key: str) -> web.Call:
    return web.Call(f"/api/v1/conversations/{conversation.pk}/handoff", key, {"reason": "Wants an exception", "urgency": "normal"})


def _round(calls: list[web.Call], sites: list[Site]) -> tuple[Answers, Answers, Spent]:
    _foretell()
    empty, before = web.pound([web.Call("/healthz")] * len(calls), sites, at_once=AT_ONCE), _spent(sites)
    taken, after = web.pound(calls, sites, at_once=AT_ONCE), _spent(sites)
    return empty, taken, {who: (after[who] - before[who]) * 1000 / len(calls) for who in after}


def _foretell() -> None:
    """What a worker does every few seconds."""
    Heartbeat.objects.filter(name=foretelling.DUTY).update(at=clock.now() - foretelling.EVERY)
    foretelling.work()


def _spent(sites: list[Site]) -> Spent:
    """Seconds of processor time so far, by who; the database's are those of its processes that serve somebody."""
    with connection.cursor() as cursor:
        cursor.execute(SERVING if connection.vendor == "postgresql" else "SELECT 0 WHERE 1 = 0")
        serving = [pid for (pid,) in cursor.fetchall()]
    return {"web": sum(_of(site.processes["web"].pid) for site in sites), "database": sum(map(_of, serving)), "clients": time.process_time()}


def _of(process: int) -> float:
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _rows(rounds: list[tuple[Answers, Answers, Spent]], kept: int, handoffs: int) -> list[measured.Row]:
    empty, taken = [answer.took for answers, _, _ in rounds for answer in answers], [answer.took for _, answers, _ in rounds for answer in answers]
    rates = [_rate(answers) for _, answers, _ in rounds]
    errors = sum(answer.status != 201 for _, answers, _ in rounds for answer in answers) + abs(handoffs - kept)
    return [
        measured.figure("handoffs accepted", median(rates), median(_rate(answers) for answers, _, _ in rounds), unit="/s", errors=errors, rounds=rates),
        measured.row(f"accepting one, {AT_ONCE} at once", taken, empty),
        *(measured.figure(f"processor time of one: {who}", median(spent[who] for _, _, spent in rounds), unit="ms") for who in rounds[0][2]),
    ]


def _rate(answers: list[web.Answer]) -> float:
    return len(answers) / (max(answer.answered for answer in answers) - min(answer.asked for answer in answers))


if __name__ == "__main__":
    main(int(next(iter(measured.arguments()), 2000)))
