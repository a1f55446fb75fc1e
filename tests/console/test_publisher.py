"""Hints of changes: one that could not be sent is tried again."""

import asyncio

from channels.layers import get_channel_layer

from console import live

GROUP = "conversation.of-nobody"


async def test_a_hint_that_redis_did_not_take_is_sent_when_it_is_back() -> None:
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(GROUP, channel)
    # Longer than a sending may take.
    await layer.connection(0).client_pause(int(1500 * live.BUDGET))
    live.publisher().hint(frozenset([GROUP]))
    assert await asyncio.wait_for(layer.receive(channel), 60) == {"type": "hint", "group": GROUP}


async def test_one_that_cannot_be_told_has_nobody_told_again() -> None:
    layer = get_channel_layer()
    channel = await layer.new_channel()
    for group in ("conversation.a", "conversation.c"):
        await layer.group_add(group, channel)
    refuses = layer._group_key("conversation.b")
    await layer.connection(0).set(refuses, "no group")
    try:
        live.publisher().hint(frozenset(["conversation.a", "conversation.b"]))
        heard = [await asyncio.wait_for(layer.receive(channel), 60)]
        live.publisher().hint(frozenset(["conversation.c"]))
        heard.append(await asyncio.wait_for(layer.receive(channel), 60))
    finally:
        await layer.connection(0).delete(refuses)
    assert [message["group"] for message in heard] == ["conversation.a", "conversation.c"]
