"""Many who ask the same kind of thing at once are answered together: one query set instead of one each."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")


class Batch(Generic[Ask, Answer]):
    """Answers at once while nothing is being answered; what is asked meanwhile is answered together next."""

    def __init__(self, answer: Callable[[Sequence[Ask]], Awaitable[Sequence[Answer]]]) -> None:
        self._answer = answer
        self._asked: list[tuple[Ask, asyncio.Future[Answer]]] = []
        self._work: asyncio.Task[None] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether something is being answered."""
        return self._work is not None

    async def ask(self, what: Ask) -> Answer:
        """The answer to `what`. Raises whatever answering the batch it was in raised."""
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._asked.append((what, answered))
        if self._work is None:
            self._work = asyncio.create_task(self._answer_all())
        return await answered

    async def _answer_all(self) -> None:
        try:
            while self._asked:
                batch, self._asked = self._asked, []
                await self._answer_some(batch)
                # Whoever has an answer acts on it before the next batch begins.
                await asyncio.sleep(0)
        finally:
            self._work = None

    async def _answer_some(self, batch: Sequence[tuple[Ask, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._answer([what for what, _ in batch])
        except Exception as error:
            for _, answered in batch:
                # Who was cut meanwhile has cancelled what it waits for.
                if not answered.done():
                    answered.set_exception(error)
        else:
            for (_, answered), answer in zip(batch, answers, strict=True):
                if not answered.done():
                    answered.set_result(answer)
