"""The pages of a busy day, as the sockets they open: agents with several tabs each, and customers who wait."""

from dataclasses import dataclass

from django.test import Client

from handoffs import addresses, turns
from handoffs.models import Agent, Conversation, Team
from tests.benchmarks import worlds

WAITING = 60


@dataclass(frozen=True)
class Page:
    """Where a page's socket is, who says so, and what it shows when it is right."""

    path: str
    headers: str
    shows: bytes


def of_agents(count: int, agents: int = 50) -> list[Page]:
    """So many pages of `agents` people, each with the queue and their tray."""
    people = worlds.agents(agents)
    keys = "%2B".join(sorted(Team.objects.values_list("code", flat=True)))
    cookies = [_cookie(agent) for agent in people]
    paths = [f"/live/?streams=queue:{keys},tray:{agent.pk}&after=0" for agent in people]
    return [Page(paths[number % agents], cookies[number % agents], b'id="tray"') for number in range(count)]


def of_customers(conversations: list[Conversation]) -> list[Page]:
    return [Page(f"/live/c/{addresses.token(one.pk)}/?after={one.last_number}", "", b'id="head"') for one in conversations]


def waiting(conversations: list[Conversation]) -> None:
    """Let some of them wait for a person, so that there is a queue to show."""
    for one in conversations[:WAITING]:
        turns.take(one, "Can I talk to a real person?", client_id="now")


def _cookie(agent: Agent) -> str:
    client = Client()
    client.force_login(agent)
    return f"Cookie: sessionid={client.cookies['sessionid'].value}\r\n"
