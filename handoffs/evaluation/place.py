"""The place in line against a brute force: every queue is played on step by step, and people are counted."""

from datetime import UTC, datetime, timedelta
from random import Random
from time import process_time
from typing import Any

from handoffs.dispatch import FLUENT, Free, Waiting
from handoffs.evaluation.files import Files
from handoffs.waiting import place
from handoffs.waiting.place import Under

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
QUEUES = 10_000
WEIGHTS, TONGUES, SKILLS = (0.5, 1.0, 1.0, 1.5, 2.0, 5.0), ("es", "pt"), ("photos", "refunds")
Case = tuple[list[Waiting], list[Free], list[Under]]


class Place:
    """Random queues with priorities, skills, languages, weights, agents who were tried, full, overfull, idle or about to go: `agree` of `queues`.

    Every person's place is compared. `milliseconds` is what one queue costs.
    """

    code = "place"
    simulates = True

    def measure(self, files: Files) -> dict[str, Any]:
        chance = Random(files.seed)
        cases = [case(chance) for _ in range(QUEUES)]
        begun = process_time()
        ours = [place.order(*each, NOON) for each in cases]
        spent = process_time() - begun
        agree = sum(found == brute_force(*each) for found, each in zip(ours, cases, strict=True))
        people = sum(len(line) for line, _, _ in cases)
        changed = sum(found != [each.id for each in sorted(line, key=_by_rank)] for found, (line, _, _) in zip(ours, cases, strict=True))
        return {"seed": files.seed, "queues": QUEUES, "agree": agree, "people": people, "not_by_rank_alone": changed,
                "milliseconds": round(1000 * spent / QUEUES, 3)}


def case(chance: Random) -> Case:
    """A queue of up to twelve, up to six agents and what they hold; half of the queues are of people who are all alike."""
    mixed = chance.random() < 0.5
    agents = [_agent(f"a{number}", chance, mixed) for number in range(chance.randrange(7))]
    under = [Under(agent.id, chance.choice(WEIGHTS) if mixed else 1.0) for agent in agents for _ in range(chance.randrange(4))]
    chance.shuffle(under)
    return [_waiting(f"h{number:02}", chance, mixed) for number in range(chance.randrange(1, 13))], agents, under


def _agent(name: str, chance: Random, mixed: bool) -> Free:
    tongues = {code: chance.randrange(FLUENT - 1, 6) for code in TONGUES if mixed and chance.random() < 0.4}
    skills = {code: chance.randrange(1, 4) for code in SKILLS if mixed and chance.random() < 0.6}
    teams = frozenset(["billing"] if chance.random() < 0.8 or not mixed else ["fraud"])
    return Free(name, teams, chance.randrange(4), 99.0, NOON - timedelta(seconds=chance.randrange(3)), tongues, skills, chance.choice((None, None, None, NOON)))


def _waiting(name: str, chance: Random, mixed: bool) -> Waiting:
    skills = {code: chance.randrange(1, 4) for code in SKILLS if mixed and chance.random() < 0.3}
    tried = frozenset(f"a{chance.randrange(6)}" for _ in range(chance.randrange(3) if mixed else 0))
    ranked, came = (NOON - timedelta(seconds=chance.randrange(30)) for _ in range(2))
    return Waiting(name, "billing", ranked, came, chance.choice(("", *TONGUES)) if mixed else "", skills, chance.choice(WEIGHTS) if mixed else 1.0, tried)


def brute_force(waiting: list[Waiting], agents: list[Free], under: list[Under]) -> list[str]:
    """One look at everybody and every agent after each conversation that ends; nothing here is shared with what is checked."""
    here = [agent for agent in agents if agent.until is None or agent.until > NOON]
    load = {agent.id: sum(each.weight for each in under if each.agent == agent.id) for agent in here}
    turn, line, held, served = {agent.id: agent.last for agent in here}, sorted(waiting, key=_by_rank), list(under), []
    while line:
        for handoff in list(line):
            fit = [agent for agent in here if _may(agent, handoff) and _fits(agent.capacity, load[agent.id], handoff.weight)]
            if fit:
                agent = min(fit, key=lambda agent: (load[agent.id] / agent.capacity, turn[agent.id], agent.id))
                weight = min(handoff.weight, agent.capacity)
                load[agent.id], turn[agent.id] = load[agent.id] + weight, NOON
                held.append(Under(agent.id, weight))
                line.remove(handoff)
                served.append(handoff.id)
        if not held:
            break
        ended = held.pop(0)
        load[ended.agent] = load.get(ended.agent, 0.0) - ended.weight
    return served + [handoff.id for handoff in line]


def _by_rank(handoff: Waiting) -> tuple[datetime, datetime, str]:
    return handoff.rank_at, handoff.arrived, handoff.id


def _may(agent: Free, handoff: Waiting) -> bool:
    if handoff.team not in agent.teams or agent.id in handoff.tried:
        return False
    if handoff.language and agent.languages and agent.languages.get(handoff.language, 0) < FLUENT:
        return False
    return all(name in agent.skills and agent.skills[name] >= level for name, level in handoff.skills.items())


def _fits(capacity: float, load: float, weight: float) -> bool:
    left = capacity - load
    return left > 0 and (weight <= left or load <= 0)
