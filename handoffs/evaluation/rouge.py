"""ROUGE of a text against references: F1 of shared words, word pairs and the longest common subsequence (Lin 2004)."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

WORD = re.compile(r"[a-z0-9]+")


class Rouge(NamedTuple):
    """F1 in 0..1 each."""

    one: float
    two: float
    longest: float


def words(text: str) -> list[str]:
    """Runs of ASCII letters and digits in small letters; nothing is stemmed."""
    return WORD.findall(text.lower())


def rouge(text: str, references: Sequence[str]) -> Rouge:
    """The mean over the references. Raises ZeroDivisionError without one."""
    mine = words(text)
    found = [_against(mine, words(reference)) for reference in references]
    return mean(found)


def mean(found: Sequence[Rouge]) -> Rouge:
    return Rouge(*(sum(column) / len(found) for column in zip(*found, strict=True)))


def _against(mine: list[str], theirs: list[str]) -> Rouge:
    one, two = (sum((_runs(mine, size) & _runs(theirs, size)).values()) for size in (1, 2))
    return Rouge(_f1(one, len(mine), len(theirs)), _f1(two, len(mine) - 1, len(theirs) - 1), _f1(_common(mine, theirs), len(mine), len(theirs)))


def _runs(tokens: list[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(tokens[at : at + size]) for at in range(len(tokens) - size + 1))


def _f1(shared: int, mine: int, theirs: int) -> float:
    return 2 * shared / (mine + theirs) if shared else 0.0


def _common(mine: list[str], theirs: list[str]) -> int:
    """The length of the longest common subsequence."""
    row = [0] * (len(theirs) + 1)
    for token in mine:
        before = row
        row = [0]
        for at, other in enumerate(theirs):
            row.append(before[at] + 1 if token == other else max(before[at + 1], row[at]))
    return row[-1]
