"""A process's mailbox of the channel layer, when that does not answer."""

import gc
import inspect

import pytest
from channels.layers import get_channel_layer

from console.hub import mailbox


async def test_what_a_silent_layer_was_not_asked_in_time_is_never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "LAYER_BUDGET", 0.3)
    wanted = [f"group.{number}" for number in range(4 * mailbox.AT_ONCE)]
    await get_channel_layer().connection(0).client_pause(1000)
    silent = mailbox.Mailbox(lambda: wanted, hear=lambda _: None, missed=lambda _: None)
    await silent.subscribe()
    asked = [one for one in gc.get_objects() if inspect.iscoroutine(one) and one.__name__ == "group_add"]
    assert silent.is_silent
    assert [one for one in asked if inspect.getcoroutinestate(one) == inspect.CORO_CREATED] == []
