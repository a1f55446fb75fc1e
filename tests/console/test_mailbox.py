"""A process's mailbox of the channel layer, when that does not answer."""

import asyncio
import gc
import warnings

import pytest
from channels.layers import get_channel_layer

from console.hub import mailbox


async def test_what_a_silent_layer_was_not_asked_in_time_is_let_go_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "LAYER_BUDGET", 0.3)
    wanted = [f"group.{number}" for number in range(4 * mailbox.AT_ONCE)]
    await get_channel_layer().connection(0).client_pause(1000)
    silent = mailbox.Mailbox(lambda: wanted, hear=lambda _: None, missed=lambda _: None)
    gc.collect()  # what others left is not ours
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        await silent.subscribe()
        await asyncio.sleep(0)
        gc.collect()
    assert silent.is_silent
    assert [str(one.message) for one in said if "group_add" in str(one.message)] == []
