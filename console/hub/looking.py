"""Streams are looked at many at a time: all of them now and then, and those that others have moved soon. What differs little is shown together as well."""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from console.batches import Batch
from console.hub.watch import Watch
from console.rounds import every
from console.streams.base import Moved, Stream
from console.threads import in_thread

logger = logging.getLogger(__name__)

LOOK_EVERY, FOLLOW_EVERY = 1.0, 0.25
# So many are shown together: what is pushed to the first need not wait for the last.
TOGETHER = 50
Question = Callable[[Any], Callable[..., Mapping[str, Any]]]
HEADS: Question = attrgetter("heads")
FOLLOWED: Question = attrgetter("followed")


class Looking:
    """Looks at the watches of a process, by the names of their streams."""

    def __init__(self, watches: Mapping[str, Watch]) -> None:
        self._watches = watches
        self._heads: Batch[Stream, Hashable] = Batch(_heads_of)
        # In the order in which they heard of others: a dictionary is a set that keeps it.
        self._moved: dict[Watch, None] = {}
        self._heard: set[str] = set()

    async def head(self, stream: Stream) -> Hashable:
        """The stream's head, asked for together with those that others ask for."""
        return await self._heads.ask(stream)

    def moved(self, watch: Watch, group: str) -> None:
        """Others have changed something it may show."""
        self._moved[watch] = None
        self._heard.add(group)

    async def follow(self) -> None:
        """Show now and then what others have changed."""
        await every(FOLLOW_EVERY, self._follow)

    async def look(self) -> None:
        """Look at every stream now and then, so that a lost hint is not lost for long."""
        await every(LOOK_EVERY, self._look)

    async def _follow(self) -> None:
        """Thousands may have moved: what cannot be shown together is read one by one, and nobody's own news wait behind it."""
        (moved, self._moved), (groups, self._heard) = (list(self._moved), {}), (self._heard, set())
        for kind in {type(watch.stream) for watch in moved}:
            kind.heard(groups)
        heads = await _heads_of([watch.stream for watch in moved])
        for watch in await _shown([pair for pair in zip(moved, heads, strict=True) if not pair[0].stands(pair[1])]):
            if watch.sockets:
                await watch.refresh()

    async def _look(self) -> None:
        # One that was never read has nobody yet: its first page is about to have it read.
        due = [watch for watch in self._watches.values() if watch.read_at and watch.read_at < time.monotonic() - watch.stream.check_every]
        for watch in due:
            # What is missed from here on is for the next look.
            watch.read_at = time.monotonic()
            if not _has_answer(HEADS, type(watch.stream)):
                watch.mark()
        looked_at = [watch for watch in due if _has_answer(HEADS, type(watch.stream))]
        heads = await _heads_of([watch.stream for watch in looked_at])
        for watch in await _shown([pair for pair in zip(looked_at, heads, strict=True) if not pair[0].passes_over(pair[1])]):
            watch.mark()


async def _shown(changed: Iterable[tuple[Watch, Hashable]]) -> list[Watch]:
    """Show what others alone have changed, with each watch its head now; those to be read anew are returned. The most urgent come first."""
    moves = [(watch, Moved(watch.stream, watch.seen, head)) for watch, head in sorted(changed, key=lambda each: each[0].stream.turn(each[1]))]
    anew: list[Watch] = []
    for start in range(0, len(moves), TOGETHER):
        some = moves[start : start + TOGETHER]
        parts = await _answers(FOLLOWED, [(move.stream, move) for _, move in some])
        anew += [watch for watch, move in some if not (parts.get(move.stream.name) and watch.follow(parts[move.stream.name], move))]
    return anew


async def _heads_of(streams: Sequence[Stream]) -> Sequence[Hashable]:
    """The head of each of the streams, None for those without: a few queries for any number of them."""
    heads: Mapping[str, Hashable] = await _answers(HEADS, [(stream, stream) for stream in streams])
    return [heads.get(stream.name) for stream in streams]


def _has_answer(question: Question, kind: type[Stream]) -> bool:
    """Whether such streams answer it at all. Those that do not are not asked: on a busy machine each question waits for seconds."""
    return getattr(question(kind), "__func__", None) is not getattr(question(Stream), "__func__", None)


async def _answers(question: Question, asked: Iterable[tuple[Stream, Any]]) -> dict[str, Any]:
    """What each kind of stream answers about those of its own, by name; nothing of a kind that cannot."""
    of_kind: defaultdict[type[Stream], list[Any]] = defaultdict(list)
    for stream, about in asked:
        if _has_answer(question, type(stream)):
            of_kind[type(stream)].append(about)
    answers: dict[str, Any] = {}
    for kind, abouts in of_kind.items():
        try:
            answers |= await in_thread(question(kind), abouts)
        except Exception as error:
            logger.warning("streams are read without a look first: %s", type(error).__name__)
    return answers
