"""Text made comparable: one spelling of the same characters, and the words and character runs that models count."""

import re
import unicodedata
from collections import Counter

# Characters: what a customer needs stands early, and a longer text would only cost time.
LONGEST = 2000
STEM = 5
QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00ad": "", "\u200b": ""})
WORD = re.compile(r"\w+(?:'\w+)*|[^\w\s]")


def normal(text: str) -> str:
    """Lower case, compatible characters (NFKC), plain quotes and dashes, single spaces; at most LONGEST characters."""
    readable = text[:LONGEST].encode("utf-8", "ignore").decode()
    plain = unicodedata.normalize("NFKC", readable).translate(QUOTES).lower()
    return " ".join(plain.split())[:LONGEST]


def words(text: str) -> list[str]:
    """The words of an already normal text, in order; a sign or an emoji is a word of its own."""
    return WORD.findall(text)


def word_grams(said: list[str], shortest: int, longest: int) -> Counter[str]:
    """Runs of `shortest` to `longest` words."""
    return Counter(" ".join(said[at : at + size]) for size in range(shortest, longest + 1) for at in range(len(said) - size + 1))


def char_grams(word: str, shortest: int, longest: int) -> list[str]:
    """Runs of characters within one word, its edges marked by a space."""
    padded = f" {word} "
    grams = [padded[at : at + size] for size in range(shortest, longest + 1) for at in range(len(padded) - size + 1)]
    return grams or [padded]


def pairs(said: list[str], furthest: int) -> list[str]:
    """The beginnings of words, alone and two by two in either order, at most `furthest` words apart."""
    stems = [word[:STEM] for word in said]
    twos = [" ".join(sorted((first, second))) for at, first in enumerate(stems) for second in stems[at + 1 : at + 1 + furthest]]
    return stems + twos
