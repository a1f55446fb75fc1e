"""The exact place in line: how many would be served before, if everything stayed as it is.

Nobody comes or leaves, whoever is here stays, and conversations end in the order they began, those begun from now on behind the others.
Whoever's work ends takes the first in the order of the queue whom they may take and who fits. Nobody's own time matters, so the place is a
whole number that only moves when something of this changed.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from handoffs import dispatch
from handoffs.dispatch import Free, Waiting


@dataclass(frozen=True)
class Under:
    """A conversation in an agent's hands: whose, and what room it takes. Listed by when they began, the eldest first."""

    agent: str
    weight: float = 1.0


def order(waiting: Iterable[Waiting], agents: Iterable[Free], under: Iterable[Under], now: datetime) -> list[str]:
    """The ids of those who wait in the order they would be served. Whom nobody here may take come last, by their rank.

    What an agent holds is what is `under` way; `Free.load` is not looked at. One pass over the line for each conversation that ends.
    """
    ends = deque(under)
    hands = {agent.id: agent for agent in _loaded(agents, ends) if agent.until is None or agent.until > now}
    line = {each.id: each for each in sorted(waiting, key=lambda each: (each.rank_at, each.arrived, each.id))}
    served = []
    for handoff, agent in dispatch.choose(line.values(), hands.values(), now):
        served.append(handoff)
        ends.append(_take(line.pop(handoff), agent, hands))
    able = _able(line, hands)
    while ends and line:
        ended = ends.popleft()
        if ended.agent in hands:
            _give(hands, ended.agent, -ended.weight)
            for handoff in _served_by(line, able[ended.agent], hands, ended.agent):
                served.append(handoff)
                ends.append(_take(line.pop(handoff), ended.agent, hands))
    return [*served, *line]


def _loaded(agents: Iterable[Free], under: Iterable[Under]) -> list[Free]:
    held: dict[str, float] = {}
    for each in under:
        held[each.agent] = held.get(each.agent, 0.0) + each.weight
    return [replace(agent, load=held.get(agent.id, 0.0)) for agent in agents]


def _able(line: dict[str, Waiting], hands: dict[str, Free]) -> dict[str, deque[str]]:
    """For each agent whom they may take, most urgent first."""
    return {name: deque(key for key, each in line.items() if agent.may_take(each)) for name, agent in hands.items()}


def _served_by(line: dict[str, Waiting], able: deque[str], hands: dict[str, Free], name: str) -> list[str]:
    """Whom the agent takes now that they have more room, in order; those already served are forgotten on the way."""
    while able and able[0] not in line:
        able.popleft()
    room, taken = hands[name], []
    for handoff in able:
        if room.load >= room.capacity:
            break
        if handoff in line and room.has_room(line[handoff].weight):
            taken.append(handoff)
            room = replace(room, load=room.load + min(line[handoff].weight, room.capacity))
    return taken


def _take(handoff: Waiting, name: str, hands: dict[str, Free]) -> Under:
    weight = min(handoff.weight, hands[name].capacity)
    _give(hands, name, weight)
    return Under(name, weight)


def _give(hands: dict[str, Free], name: str, weight: float) -> None:
    hands[name] = replace(hands[name], load=hands[name].load + weight)
