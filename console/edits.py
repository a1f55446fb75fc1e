"""A list that is live: what of it has to be said when somebody comes, goes or changes, and how a page tells that it has them in the same order."""

from collections.abc import Iterable, Mapping
from zlib import adler32


class Edit(str):
    """An element that says itself where it goes: in place of one, after one, or that one goes."""

    __slots__ = ()


def edits(name: str, before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str] | None:
    """What turns the list `name` as it was into the list as it is, by element id: who went, who changed, who came, each after the one before it.

    None when the list itself says it better: those who stay stand in another order, or most of it is new, or nobody is left.
    """
    stay, came = [key for key in before if key in now], [key for key in now if key not in before]
    if not now or len(came) > len(stay) or stay != [key for key in now if key in before]:
        return None
    said: dict[str, str] = {key: Edit(f'<li hx-swap-oob="delete" id="{key}" data-edit="went"></li>') for key in before if key not in now}
    said |= {key: now[key] for key in stay if now[key] != before[key]}
    ahead = dict(zip(now, [None, *now], strict=False))
    return said | {key: _came(now[key], f"afterend:#{ahead[key]}" if ahead[key] else f"afterbegin:#{name}") for key in came}


def order_of(keys: Iterable[str]) -> int:
    """A short sign of a list's elements and their order (Adler-32, RFC 1950), which a page can make of what it shows."""
    return adler32(" ".join(keys).encode())


def _came(html: str, where: str) -> Edit:
    return Edit(f'<ol hx-swap-oob="{where}" data-edit="came">{html}</ol>')
