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


ACTIONS = (
    Action("next", "Next", "j", "Queue"),
    Action("previous", "Previous", "k", "Queue"),
    Action("claim", "Claim this, or the most urgent", "c", "Queue", "queue"),
    Action("accept", "Take the offer", "a", "Queue"),
    Action("decline", "Decline the offer", "x", "Queue"),
    Action("reply", "Reply", "r", "Handoff", "queue"),
    Action("note", "Team note", "n", "Handoff", "queue"),
    Action("brief", "Open or fold the brief", "b", "Handoff", "queue"),
    Action("draft", "Use the draft", "d", "Handoff", "queue"),
    Action("canned", "Canned replies", "/", "Handoff", "queue"),
    Action("transfer", "Transfer", "t", "Handoff", "queue"),
    Action("hand-back", "Hand back to the AI", "h", "Handoff", "queue"),
    Action("resolve", "Resolve", "e", "Handoff", "queue"),
    Action("snooze", "Snooze", "s", "Handoff", "queue"),
    Action("undo", "Undo", "z", "Handoff"),
    Action("move", "Move a person", "m", "Wall", "wall"),
    Action("full-screen", "Full screen", "f", "Wall", "wall"),
    Action("right", "Right", "y", "Policy", "policy"),
    Action("wrong", "Wrong", "x", "Policy", "policy"),
    Action("new", "New reply", "n", "Replies", "replies"),
    Action("go", "Go to …", "g", "Anywhere"),
    Action("sound", "Sound on or off", "m", "Anywhere"),
    Action("keys", "These keys", "?", "Anywhere"),
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
