"""Work done again and again beside the sockets."""

import asyncio

from django.db import OperationalError

from console.rounds import every


async def test_a_round_that_fails_is_not_the_last() -> None:
    failures, went_on = [OperationalError("away"), KeyError("of a newer version")], asyncio.Event()

    async def work() -> None:
        if failures:
            raise failures.pop()
        went_on.set()

    rounds = asyncio.create_task(every(0.001, work))
    await asyncio.wait_for(went_on.wait(), 10)
    rounds.cancel()
