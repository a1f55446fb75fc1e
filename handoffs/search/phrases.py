"""What somebody searches for: phrases, each the beginning of words that stand together; and where they stand in a text."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

LONGEST_QUERY = 500
MOST_PHRASES = 8
LONGEST_PHRASE = 6  # words
LONGEST_WORD = 60
AROUND = 80  # letters shown on each side of what was found
MARKS = "[\u0300-\u036f]*"

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Piece:
    """A piece of a text, and whether it is what was searched for."""

    text: str
    found: bool = False


def phrases(query: str) -> tuple[Phrase, ...]:
    """What is between blanks is one phrase, as is what stands in quotes: `"order late" A-20817` has two, and both must be found.

    Signs only part words, so nothing in a query is an operator; without a letter or figure there is none.
    """
    parts = re.findall(r'"([^"]*)"|([^\s"]+)', query[:LONGEST_QUERY])
    words = (tuple(word[:LONGEST_WORD] for word in re.findall(r"[^\W_]+", plain(quoted or bare))[:LONGEST_PHRASE]) for quoted, bare in parts)
    return tuple(dict.fromkeys(filter(None, words)))[:MOST_PHRASES]


def plain(text: str) -> str:
    """Small letters without accents, one for each letter of the text."""
    return "".join(map(_letter, text))


def pieces(text: str, wanted: Iterable[Phrase]) -> tuple[Piece, ...]:
    """The text around the first place with a phrase, with every one in sight marked; its beginning when there is none."""
    spots = sorted(spot for phrase in wanted for spot in _spots(plain(text), phrase))
    first = spots[0] if spots else (0, 0)
    start, end = _edge(text, first[0] - AROUND, -1), _edge(text, first[1] + AROUND, 1)
    return tuple(_cut(text, start, end, spots))


def _cut(text: str, start: int, end: int, spots: list[tuple[int, int]]) -> Iterator[Piece]:
    at = start
    if start:
        yield Piece("… ")
    for begins, ends in spots:
        if begins < at or ends > end:
            continue
        yield Piece(text[at:begins])
        yield Piece(text[begins:ends], found=True)
        at = ends
    yield Piece(text[at:end] + (" …" if end < len(text) else ""))


def _spots(text: str, phrase: Phrase) -> Iterator[tuple[int, int]]:
    pattern = r"[\W_]+".join(MARKS.join(map(re.escape, word)) for word in phrase)
    return (match.span() for match in re.finditer(rf"(?<![^\W_]){pattern}[^\W_]*", text))


def _edge(text: str, at: int, step: int) -> int:
    """The nearest place between two words, within a few letters of `at`."""
    near = (place for place in range(at, at + 15 * step, step) if not 0 < place < len(text) or text[place - 1].isspace())
    return max(0, min(next(near, at), len(text)))


@cache
def _letter(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)[0].lower()[0]
