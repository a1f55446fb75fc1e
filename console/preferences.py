"""How an agent likes the console: keys, tones, notifications, writing. Kept with the agent, so that every machine has them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from console import keys
from handoffs.models import Agent

SWITCHES = {
    "single_keys": True, "enter_sends": False, "sound": True, "tone_new": True, "tone_risk": True, "tone_answer": True, "tone_offer": True, "notify": False,
}


class Unfit(Exception):
    """Keys that cannot be: `errors` has words for each action, by its name."""

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors


@dataclass(frozen=True)
class Preferences:
    """`keys` has what was changed alone, `switches` every switch."""

    keys: Mapping[str, str] = field(default_factory=dict)
    switches: Mapping[str, bool] = field(default_factory=lambda: dict(SWITCHES))

    def on_page(self, page: str) -> dict[str, Any]:
        """What a page of a section needs of them."""
        return {**self.switches, "keys": keys.on_page(page, self.keys), "caps": {name: keys.shown(key) for name, key in keys.all_keys(self.keys).items()}}


def of(agent: Agent) -> Preferences:
    """What the agent chose; what is missing or makes no sense is as it comes."""
    kept = agent.preferences if isinstance(agent.preferences, dict) else {}
    chosen = kept.get("keys")
    own = {name: key for name, key in (chosen if isinstance(chosen, dict) else {}).items() if name in keys.BY_NAME and isinstance(key, str)}
    return Preferences(own, {name: bool(kept.get(name, default)) for name, default in SWITCHES.items()})


def switch(agent: Agent, name: str, on: bool) -> None:
    """Turn one switch. `name` is one of SWITCHES."""
    now = of(agent)
    _keep(agent, Preferences(now.keys, {**now.switches, name: on}))


def save(agent: Agent, switches: Mapping[str, bool], typed: Mapping[str, str]) -> None:
    """Keep all of them. Raises Unfit, and keeps nothing, when a key is none or stands for two things at once."""
    _keep(agent, Preferences(read(typed), {name: switches.get(name, False) for name in SWITCHES}))


def reset_keys(agent: Agent) -> None:
    _keep(agent, Preferences({}, of(agent).switches))


def read(typed: Mapping[str, str]) -> dict[str, str]:
    """The keys that were typed, where they differ from those an action comes with. Raises Unfit."""
    chosen, errors = {}, {}
    for name, key in typed.items():
        try:
            chosen[name] = keys.normal(key)
        except ValueError as wrong:
            errors[name] = str(wrong).capitalize()
    for first, second in keys.conflicts(chosen):
        for one, other in ((first, second), (second, first)):
            errors.setdefault(one.name, f"{keys.shown(chosen.get(one.name, one.key))} is “{other.label}” already")
    if errors:
        raise Unfit(errors)
    return {name: key for name, key in chosen.items() if key != keys.BY_NAME[name].key}


def _keep(agent: Agent, preferences: Preferences) -> None:
    changed = {name: on for name, on in preferences.switches.items() if on != SWITCHES[name]}
    agent.preferences = {**changed, **({"keys": dict(preferences.keys)} if preferences.keys else {})}
    agent.save(update_fields=["preferences"])
