"""What a text claims to have happened or not, against what was said and tried. A first version: nothing is looked at yet."""

from collections.abc import Iterable, Iterator

from handoffs import snapshots

Tried = snapshots.Tried | snapshots.BriefAttempt


def unproven(text: str, sources: list[str], attempts: Iterable[Tried] | None, ours: list[str] | None) -> Iterator[str]:
    yield from ()
