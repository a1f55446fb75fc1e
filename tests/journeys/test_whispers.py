"""Typing and looking over real sockets: who hears of it, who does not, and that nobody can say it for somebody else."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from websockets.asyncio.client import ClientConnection

from console.whispers import typist
from handoffs import addresses, receiving
from handoffs.models import Agent, Handoff
from tests.servers import Site
from tests.sockets import cookie, heard, socket

Open = Callable[..., Any]


@pytest.fixture
async def opens(site: Site) -> AsyncIterator[Open]:
    """Opens a page's socket, ready to hear: of an agent with streams, or of a handoff's customer."""
    async with AsyncExitStack() as stack:

        async def open_socket(who: Agent | Handoff, streams: str = "") -> ClientConnection:
            if isinstance(who, Handoff):
                page = await stack.enter_async_context(socket(site, f"/live/c/{addresses.token(who.conversation_id)}/?after=99"))
                await heard(page, 'id="head"')
            else:
                page = await stack.enter_async_context(socket(site, f"/live/?streams={streams}", await sync_to_async(signed_in)(who)))
                await heard(page, "<")
            return page

        yield open_socket


def signed_in(agent: Agent) -> dict[str, str]:
    client = Client()
    client.force_login(agent)
    return cookie(client)


async def say(page: ClientConnection, kind: str, **more: Any) -> None:
    await page.send(json.dumps({"t": kind, **more}))


async def whispers(page: ClientConnection) -> list[Any]:
    """Everything whispered to a page until now: the answer to what it asks comes after."""
    await say(page, "missing", after=0)
    found = []
    while True:
        frame = str(await page.recv())
        if "<" in frame:
            return found
        if (read := json.loads(frame))["t"] in ("typing", "looking"):
            found.append(read)


async def test_the_customer_and_their_agent_see_each_other_type(opens: Open, claimed: Handoff, ann: Agent) -> None:
    desk, customer = await opens(ann, f"desk:{claimed.pk}"), await opens(claimed)
    await say(desk, "typing", text="not this")
    assert json.loads(await heard(customer, '"typing"')) == {"t": "typing", "who": typist(ann.pk), "gone": False}
    await heard(desk, '"typing"')
    await say(customer, "typing", who=typist(ann.pk), text="nor this")
    assert json.loads(await heard(desk, '"typing"')) == {"t": "typing", "who": "customer", "gone": False}
    await say(customer, "typing", gone=True)
    assert json.loads(await heard(desk, '"typing"'))["gone"] is True


async def test_only_the_agents_of_the_team_hear_who_looks(opens: Open, handoff: Handoff, ann: Agent, bob: Agent, dan: Agent) -> None:
    customer, stranger = await opens(handoff), await opens(dan, "queue:technical")
    queue, desk = await opens(ann, "queue:billing"), await opens(bob, f"desk:{handoff.pk},queue:billing")
    await say(desk, "looking", who=ann.pk, handoff="x")
    assert json.loads(await heard(queue, '"looking"')) == {
        "t": "looking", "handoff": str(handoff.pk), "who": bob.pk, "name": "Bob", "initials": "BE", "gone": False}
    assert [await whispers(page) for page in (customer, stranger)] == [[], []]


async def test_a_customer_cannot_look_and_reaches_no_other_conversation(opens: Open, hand_off: Callable[..., Handoff], ann: Agent) -> None:
    mine, other = await sync_to_async(hand_off)(), await sync_to_async(hand_off)()
    queue, customer = await opens(ann, "queue:billing"), await opens(mine)
    neighbour, desk = await opens(other), await opens(ann, f"desk:{mine.pk}")
    await say(customer, "looking", handoff=str(other.pk), who=ann.pk)
    await say(customer, "typing", conversation=other.conversation_id.hex)
    await heard(desk, '"typing"')
    assert [await whispers(page) for page in (queue, neighbour)] == [[], []]


async def test_an_agent_without_the_desk_says_nothing(opens: Open, claimed: Handoff, ann: Agent, dan: Agent) -> None:
    queue, stranger, customer = await opens(ann, "queue:billing"), await opens(dan, "queue:technical"), await opens(claimed)
    for page in (queue, stranger):
        await say(page, "typing", desk=str(claimed.pk))
        await say(page, "looking", handoff=str(claimed.pk))
        await say(page, "nonsense")
        await say(page, "typing", who=[{}], gone="yes")
    assert [await whispers(page) for page in (queue, stranger, customer)] == [[], [], []]


@pytest.mark.django_db
def test_a_customers_page_waits_for_its_own_agent_alone(claimed: Handoff, ann: Agent, bob: Agent) -> None:
    page = Client().get(f"/c/{addresses.token(claimed.conversation_id)}/").content.decode()
    assert (f'data-typist="{typist(ann.pk)}" hidden' in page, typist(bob.pk) in page, typist(None)) == (True, False, "")
    receiving.release(claimed, ann)
    assert "data-typist" not in Client().get(f"/c/{addresses.token(claimed.conversation_id)}/").content.decode()
