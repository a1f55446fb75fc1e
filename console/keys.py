"""What can be done by a single key: each act by its name, its words, and the key it has unless an agent chose another.

A button is found by its name (`data-action`), so an act added here and on its button needs no script.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, groupby


@dataclass(frozen=True)
class Action:
    """`page` is the section whose pages alone have it; without one it counts everywhere, save where a page has its key for something else."""

    name: str
    label: str
    key: str
    group: str
    page: str = ""


def _acts(group: str, *acts: tuple[str, str, str], page: str = "") -> Iterator[Action]:
    return (Action(name, label, key, group, page) for name, key, label in acts)


ACTIONS = (
    *_acts("Queue", ("next", "j", "Next"), ("previous", "k", "Previous")),
    *_acts("Queue", ("claim", "c", "Claim this, or the most urgent"), page="queue"),
    *_acts("Queue", ("accept", "a", "Take the offer"), ("decline", "x", "Decline the offer")),
    *_acts("Handoff", ("reply", "r", "Reply"), ("note", "n", "Team note"), ("brief", "b", "Open or fold the brief"), ("draft", "d", "Use the draft"),
           ("canned", "/", "Canned replies"), ("transfer", "t", "Transfer"), ("hand-back", "h", "Hand back to the AI"), ("resolve", "e", "Resolve"),
           ("snooze", "s", "Snooze"), page="queue"),
    *_acts("Handoff", ("undo", "z", "Undo")),
    *_acts("Wall", ("move", "m", "Move a person"), ("full-screen", "f", "Full screen"), page="wall"),
    *_acts("Policy", ("right", "y", "Right"), ("wrong", "x", "Wrong"), page="policy"),
    *_acts("Replies", ("new", "n", "New reply"), page="replies"),
    *_acts("Anywhere", ("go", "g", "Go to …"), ("sound", "m", "Sound on or off"), ("keys", "?", "These keys")),
)
BY_NAME = {action.name: action for action in ACTIONS}


def grouped(supervisor: bool = True) -> list[tuple[str, list[Action]]]:
    """Every action by its group, for those who have the pages it is for."""
    among = [action for action in ACTIONS if supervisor or action.page not in ("wall", "policy")]
    return [(group, list(members)) for group, members in groupby(among, key=lambda action: action.group)]


def shown(key: str) -> str:
    """A key as it stands on a cap."""
    return key.upper() if len(key.upper()) == 1 else key


def normal(key: str) -> str:
    """A key as it is compared. Raises ValueError for what is no single key."""
    key = key.strip().lower()
    if len(key) > 1 or not key.isprintable():
        raise ValueError("one letter, digit or sign, or nothing")
    return key


def all_keys(chosen: Mapping[str, str]) -> dict[str, str]:
    """Every action's key, by its name; an empty one is switched off."""
    return {action.name: chosen.get(action.name, action.key) for action in ACTIONS}


def on_page(page: str, chosen: Mapping[str, str]) -> dict[str, str]:
    """The action of each key on a section's pages: the page's own come before those that count everywhere."""
    keys = all_keys(chosen)
    here = sorted((action for action in ACTIONS if action.page in ("", page)), key=lambda action: bool(action.page))
    return {keys[action.name]: action.name for action in here if keys[action.name]}


def conflicts(chosen: Mapping[str, str]) -> Iterator[tuple[Action, Action]]:
    """Pairs that have the same key where both count. As they come, a page's own key may hide one that counts everywhere."""
    keys = all_keys(chosen)
    for first, second in combinations(ACTIONS, 2):
        same_page = first.page == second.page or not (first.page and second.page)
        as_they_come = (keys[first.name], keys[second.name]) == (first.key, second.key)
        if same_page and keys[first.name] and keys[first.name] == keys[second.name] and not as_they_come:
            yield first, second
