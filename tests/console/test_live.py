"""News over real sockets from a real Daphne: who may watch, what arrives, and what a cut does not lose."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import transaction
from django.test import Client
from websockets.exceptions import InvalidStatus

from console import live, redis_server
from console.streams.base import conversation_group
from handoffs import addresses, receiving, turns
from handoffs.models import Agent, Conversation, Customer, Handoff, Turn
from handoffs.snapshots import Author
from tests.servers import Site, running
from tests.sockets import closed_with, cookie, heard, socket

SignIn = Callable[[Agent], Client]


async def test_a_new_handoff_reaches_an_open_queue(site: Site, ann: Agent, signed_in: SignIn, hand_off: Callable[..., Handoff]) -> None:
    headers = await sync_to_async(lambda: cookie(signed_in(ann)))()
    async with socket(site, "/live/?streams=queue:billing", headers) as page:
        await heard(page, "queue-list")
        await sync_to_async(hand_off)()
        assert "charged twice" in (await heard(page, "Amara Osei")).lower()


async def test_a_claim_reaches_the_customer_and_so_do_the_agents_words(site: Site, ann: Agent, handoff: Handoff) -> None:
    path = f"/live/c/{addresses.token(handoff.conversation_id)}/?after=0"
    async with socket(site, path) as page:
        await heard(page, "Can I talk to a real person?")
        await sync_to_async(receiving.claim)(handoff, ann)
        await heard(page, "<b>Ann joined</b>")
        await sync_to_async(receiving.say)(handoff, ann, "Refunded, <b>sorry</b>", client_id="1")
        assert "Refunded, &lt;b&gt;sorry&lt;/b&gt;" in await heard(page, "Refunded")


async def test_a_socket_that_was_cut_gets_what_it_missed(site: Site, conversation: Conversation) -> None:
    path = f"/live/c/{addresses.token(conversation.pk)}/?after=1"
    await sync_to_async(turns.take)(conversation, "first words")
    async with socket(site, path):
        pass
    await sync_to_async(turns.take)(conversation, "second words")
    async with socket(site, path) as page:
        frame = await heard(page, "second words")
        assert frame.startswith('<!--{"t": "turns", "after": 1, "head": 2}-->')
        assert "first words" not in frame


async def test_a_stranger_is_told_to_sign_in(site: Site, teams: dict[str, Any]) -> None:
    async with socket(site, "/live/?streams=queue:billing") as page:
        assert await closed_with(page) == 4401


@pytest.mark.parametrize("streams", ["queue:billing", "wall:all", "board:1", "queue:billing+technical", "tray:1"])
async def test_an_agent_of_another_team_may_not_watch(site: Site, ann: Agent, dan: Agent, signed_in: SignIn, streams: str) -> None:
    headers = await sync_to_async(lambda: cookie(signed_in(dan)))()
    async with socket(site, f"/live/?streams={streams.replace('tray:1', f'tray:{ann.pk}')}", headers) as page:
        assert await closed_with(page) == 4403


async def test_a_foreign_desk_may_not_be_watched(site: Site, handoff: Handoff, dan: Agent, signed_in: SignIn) -> None:
    headers = await sync_to_async(lambda: cookie(signed_in(dan)))()
    async with socket(site, f"/live/?streams=desk:{handoff.pk}", headers) as page:
        assert await closed_with(page) == 4403


async def test_a_made_up_customer_address_is_refused(site: Site, conversation: Conversation) -> None:
    async with socket(site, f"/live/c/{addresses.token(conversation.pk)}x/") as page:
        assert await closed_with(page) == 4403


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:1", "https://127.0.0.1"])
async def test_a_page_of_another_origin_cannot_open_a_socket(site: Site, origin: str) -> None:
    with pytest.raises(InvalidStatus):
        async with socket(site, "/live/?streams=", origin=origin):
            pass


async def test_signing_out_ends_the_socket(site: Site, ann: Agent, signed_in: SignIn) -> None:
    client = await sync_to_async(signed_in)(ann)
    async with socket(site, "/live/?streams=queue:billing", cookie(client)) as page:
        await heard(page, "queue-list")
        await sync_to_async(client.logout)()
        assert await closed_with(page) == 4401


async def test_a_new_password_ends_the_socket(site: Site, ann: Agent, signed_in: SignIn) -> None:
    client = await sync_to_async(signed_in)(ann)
    async with socket(site, "/live/?streams=queue:billing", cookie(client)) as page:
        await heard(page, "queue-list")
        ann.set_password("another battery")
        await ann.asave()
        assert await closed_with(page) == 4401


@pytest.mark.parametrize("path", ["/", "/nowhere/", "/live/c/"])
async def test_an_address_without_a_socket_is_refused(site: Site, path: str) -> None:
    async with socket(site, path) as page:
        assert await closed_with(page) == 4403


async def test_an_open_page_keeps_its_agent_present(site: Site, person: Callable[..., Agent], signed_in: SignIn) -> None:
    away = await sync_to_async(lambda: person("eve", "billing", here=False))()
    headers = await sync_to_async(lambda: cookie(signed_in(away)))()
    async with socket(site, "/live/?streams=queue:billing", headers) as page:
        await heard(page, "ping")
        await sync_to_async(away.refresh_from_db)()
        assert away.lease_until is not None


async def test_what_there_is_to_show_does_not_wait_until_it_is_written_who_came(site: Site, person: Callable[..., Agent], signed_in: SignIn) -> None:
    away = await sync_to_async(lambda: person("eve", "billing", here=False))()
    headers = await sync_to_async(lambda: cookie(signed_in(away)))()
    lock = transaction.atomic()
    await sync_to_async(lock.__enter__)()
    await Agent.objects.filter(pk=away.pk).aupdate(username="eve")
    async with socket(site, "/live/?streams=queue:billing", headers) as page:
        try:
            await heard(page, "queue-list")
        finally:
            await sync_to_async(lock.__exit__)(None, None, None)
        # A row that somebody writes to is passed over: then it is written with the next answered ping.
        while not await Agent.objects.filter(pk=away.pk, lease_until__isnull=False).aexists():
            await heard(page, "ping", seconds=30)


async def test_garbage_from_a_page_harms_nothing(site: Site, conversation: Conversation) -> None:
    async with socket(site, f"/live/c/{addresses.token(conversation.pk)}/?after=nonsense") as page:
        for frame in ("", "{", "[]", "[" * 4000, '{"t":"missing","after":"x"}', '{"t":"missing","after":1e99}', '{"t":["pong"]}', b"\xff\xfe"):
            await page.send(frame)
        await sync_to_async(turns.take)(conversation, "still alive")
        await heard(page, "still alive")


async def test_a_page_that_floods_is_cut(site: Site, conversation: Conversation) -> None:
    async with socket(site, f"/live/c/{addresses.token(conversation.pk)}/") as page:
        for _ in range(100):
            await page.send("{}")
        assert await closed_with(page) == 4429


async def test_a_page_that_asks_for_everything_again_and_again_is_cut(site: Site, conversation: Conversation) -> None:
    rows = [Turn(conversation=conversation, number=number, author=Author.CUSTOMER, text="words " * 50) for number in range(1, 301)]
    await sync_to_async(Turn.objects.bulk_create)(rows)
    async with socket(site, f"/live/c/{addresses.token(conversation.pk)}/") as page:
        for _ in range(100):
            await page.send('{"t":"missing","after":0}')
        assert await closed_with(page) == 4429


async def test_a_long_queue_reaches_the_page(site: Site, ann: Agent, signed_in: SignIn, hand_off: Callable[..., Handoff], customer: Customer) -> None:
    customer.name = "A very long name " * 10
    await customer.asave()
    headers = await sync_to_async(lambda: cookie(signed_in(ann)))()
    for _ in range(60):
        await sync_to_async(hand_off)()
    async with socket(site, "/live/?streams=queue:billing", headers) as page:
        assert len(await heard(page, "queue-list")) > 2**16


async def test_what_is_too_large_for_a_frame_is_to_be_pulled(site: Site, conversation: Conversation) -> None:
    rows = [Turn(conversation=conversation, number=number, author=Author.CUSTOMER, text="words " * 2700) for number in range(1, 101)]
    await sync_to_async(Turn.objects.bulk_create)(rows)
    await Conversation.objects.filter(pk=conversation.pk).aupdate(last_number=len(rows))
    async with socket(site, f"/live/c/{addresses.token(conversation.pk)}/?after=0") as page:
        assert await heard(page, '"t":') == '{"t":"pull"}'
        await heard(page, "ping")


async def test_a_reader_that_does_not_read_is_cut_and_holds_up_nobody(site: Site, conversation: Conversation) -> None:
    path = f"/live/c/{addresses.token(conversation.pk)}/?after=0"

    def say(first: int) -> None:
        rows = [Turn(conversation=conversation, number=number, author=Author.CUSTOMER, text=f"news {number} " * 1500) for number in range(first, first + 40)]
        Turn.objects.bulk_create(rows)
        Conversation.objects.filter(pk=conversation.pk).update(last_number=first + 39)
        live.publisher().hint(frozenset([conversation_group(conversation.pk.hex)]))

    async with socket(site, path) as reader, socket(site, path, max_queue=1) as sleeper:
        await heard(reader, "ping")
        for first in range(1, 401, 40):
            await sync_to_async(say)(first)
            await heard(reader, f"news {first + 39} ")
        assert await closed_with(sleeper) == 1013


async def test_a_page_that_says_too_much_is_cut(site: Site, conversation: Conversation) -> None:
    async with socket(site, f"/live/c/{addresses.token(conversation.pk)}/") as page:
        await page.send("x" * 5000)
        assert await closed_with(page) == 4413


async def test_an_idle_page_lives_for_half_a_minute_and_one_that_answers_no_ping_is_cut(site: Site, conversation: Conversation) -> None:
    path = f"/live/c/{addresses.token(conversation.pk)}/"
    async with socket(site, path) as page, socket(site, path) as dead:
        started, cut = time.monotonic(), asyncio.create_task(closed_with(dead, seconds=40))
        while time.monotonic() - started < 30:
            await heard(page, "ping", seconds=15)
        await sync_to_async(turns.take)(conversation, "are you there?")
        assert await heard(page, "are you there?")
        assert await cut == 1013


async def test_three_hundred_sockets_connect_at_once(site: Site, conversation: Conversation) -> None:
    path = f"/live/c/{addresses.token(conversation.pk)}/"

    async def listen() -> str:
        async with socket(site, path) as page:
            await heard(page, "ping", seconds=60)
            opened.release()
            return await heard(page, "hello, all of you", seconds=60)

    opened = asyncio.Semaphore(0)
    pages = [asyncio.create_task(listen()) for _ in range(300)]
    for _ in pages:
        await opened.acquire()
    await sync_to_async(turns.take)(conversation, "hello, all of you")
    assert len(await asyncio.gather(*pages)) == 300


async def test_a_page_outlives_redis(transactional_db: None, conversation: Conversation, tmp_path: Path) -> None:
    server, url = redis_server.start(tmp_path)
    with running("web", REDIS_URL=url) as site:
        async with socket(site, f"/live/c/{addresses.token(conversation.pk)}/") as page:
            await heard(page, "ping")
            server.kill()
            server.wait()
            await sync_to_async(turns.take)(conversation, "are you there?")
            assert await heard(page, "are you there?", seconds=25)


def test_without_redis_readiness_is_red_and_words_are_still_taken(
    transactional_db: None, conversation: Conversation, key: Callable[..., str], juniper: Any
) -> None:
    secret = key(assistant=juniper)
    with running("web", REDIS_URL="unix:///nowhere/redis.sock") as site:
        assert site.status("/readyz") == 503
        assert site.status("/healthz") == 200
        answer = site.post(f"/conversations/{conversation.pk}/turns", {"author": "customer", "text": "agent please", "client_id": "1"}, secret)
    assert (answer["decision"]["action"], Handoff.objects.count()) == ("hand_off", 1)
