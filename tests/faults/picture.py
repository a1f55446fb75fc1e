"""What a page shows at one moment, and in what that is not what the server has."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from console.scene import from_afar
from tests.faults import dom

KEEP = "data-keep"
GONE = ("", None)
# What time alone changes, by the part and the tag it stands in: as of when the place in line is meant, and how long a person usually takes just now,
# which a page is told within minutes.
BY_TIME = {"line": "time", "door": "span"}
# A customer far back in line is not told of each step forward.
PLACES = {"line": re.compile(r"(?<=number )\d+", re.IGNORECASE)}
# A page's parts by element id, and the numbers of its turns if it shows any.
Wanted = tuple[Mapping[str, str], list[int] | None]


@dataclass(frozen=True)
class Picture:
    """What a page shows of some parts, by id (None: it never had a place for it), each with its mark when somebody may be typing in it; and its turns."""

    path: str
    parts: Mapping[str, tuple[str, str | None] | None]
    numbers: list[int]

    def differs(self, wanted: Wanted) -> str:
        """What is not as the server has it; an empty string when all of it is. Parts the page never had a place for do not count."""
        parts, numbers = wanted
        for key, html in parts.items():
            if key not in self.parts:
                return f"{self.path}: {key}: was not looked at"
            (there, mark), shown = _read(key, html), self.parts[key]
            if shown and shown[0] != there and (mark is None or shown[1] != mark):
                return f"{self.path}: {key}: {_difference(shown[0], there)}"
        if numbers is not None and self.numbers != numbers:
            return f"{self.path}: turns {self.numbers[-3:]} instead of {numbers[-3:]} ({len(self.numbers)} of {len(numbers)})"
        return ""


def taken(path: str, document: dom.Node, keys: Mapping[str, str]) -> Picture:
    found = {key: document.find(key) for key in keys}
    log = document.find("log")
    numbers = [int(node.attributes["data-number"]) for node in log.having("data-number")] if log else []
    return Picture(path, {key: _shown(key, node) if node else GONE if document.had(key) else None for key, node in found.items()}, numbers)


@lru_cache(256)
def _read(key: str, html: str) -> tuple[str, str | None]:
    node = dom.read(html)
    mark = next((element.attributes.get(KEEP) for element in node.elements()), None)
    return _told(key, node), mark


def _shown(key: str, node: dom.Node) -> tuple[str, str | None]:
    return _told(key, node), node.attributes.get(KEEP)


def _told(key: str, node: dom.Node) -> str:
    """What it says; places that a customer is not told apart are the same."""
    words = node.shown(BY_TIME.get(key, ""))
    return PLACES[key].sub(lambda place: f"about {from_afar(int(place[0]))}", words) if key in PLACES else words


def _difference(here: str, there: str) -> str:
    """The words around the first sign that is not the same."""
    at = next((index for index, (one, other) in enumerate(zip(here, there, strict=False)) if one != other), min(len(here), len(there)))
    return f"…{here[max(0, at - 30) : at + 30]}… instead of …{there[max(0, at - 30) : at + 30]}…"
