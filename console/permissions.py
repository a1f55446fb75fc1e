"""The one gate for access: what an agent or a key may see. Foreign and unknown look the same."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import IntegerField, Q, QuerySet, UUIDField

from handoffs.models import Agent, ApiKey, Conversation, Endpoint, Handoff, Offer
from handoffs.prepared import Given, Prepared
from handoffs.transitions import Forbidden

Row = TypeVar("Row", Conversation, Handoff, Endpoint)


class NotFound(Exception):
    """It does not exist, or is not for the one who asks; which of the two is never told."""


def handoffs_of(who: Agent | ApiKey) -> QuerySet[Handoff]:
    """Handoffs `who` may see: an agent those of their teams and their own, a supervisor all, an assistant its own."""
    if isinstance(who, ApiKey) and who.assistant_id:
        return _shown().filter(conversation__assistant=who.assistant_id)
    agent = _agent(who)
    return _shown() if agent.is_supervisor else _shown().filter(_concerns(agent.pk))


def handoffs_of_each(asked: Collection[tuple[Agent, UUID]]) -> frozenset[tuple[int, UUID]]:
    """Those of many pairs of agent (by id) and handoff where `handoffs_of` has the handoff. One query when the agents have their teams at hand."""
    rows = Handoff.objects.filter(pk__in={key for _, key in asked}).values_list("pk", "team", "agent")
    where = {key: (team, holder) for key, team, holder in rows}
    teams = {agent.pk: {team.pk for team in agent.teams.all()} for agent, _ in asked}

    def shown(agent: Agent, key: UUID) -> bool:
        team, holder = where[key]
        return agent.is_supervisor or holder == agent.pk or team in teams[agent.pk]

    return frozenset((agent.pk, key) for agent, key in asked if agent.is_active and key in where and shown(agent, key))


def conversations_of(who: Agent | ApiKey) -> QuerySet[Conversation]:
    """Conversations `who` may see: an assistant its own, an agent those with a handoff they may see."""
    rows = _conversations()
    if isinstance(who, ApiKey) and who.assistant_id:
        return rows.filter(assistant=who.assistant_id)
    return rows.filter(handoffs__in=handoffs_of(who)).distinct()


def handoff(who: Agent | ApiKey, key: object, *, bare: bool = False) -> Handoff:
    """Raises NotFound. `bare`: an agent's may come without what it says, for those who only act on it."""
    if isinstance(who, ApiKey) or _agent(who).is_supervisor:
        return _one(handoffs_of(who), key)
    try:
        return (_theirs_bare if bare else _theirs).one(agent=who.pk, key=UUID(str(key)))
    except (ValueError, ObjectDoesNotExist):
        raise NotFound from None


@contextmanager
def own(who: ApiKey, key: object) -> Iterator[tuple[Conversation, int]]:
    """For those who look by themselves: a conversation that has nothing but its key yet, and the assistant (id) whose it has to be.

    Raises NotFound, also when the block finds that there is no such conversation.
    """
    try:
        named = UUID(str(key))
    except ValueError:
        raise NotFound from None
    try:
        yield Conversation(pk=named), who.assistant_id or 0
    except Conversation.DoesNotExist:
        raise NotFound from None


def conversation(who: Agent | ApiKey, key: object) -> Conversation:
    """Raises NotFound."""
    if not isinstance(who, ApiKey) or who.assistant_id is None:
        return _one(conversations_of(who), key)
    try:
        return _of_assistant.one(key=UUID(str(key)), assistant=who.assistant_id)
    except (ValueError, ObjectDoesNotExist):
        raise NotFound from None


def offers_of(agent: Agent) -> QuerySet[Offer]:
    """What was ever offered to this agent; nobody sees what others are offered."""
    rows = Offer.objects.filter(agent=agent)
    return rows.select_related("agent", "handoff__team", "handoff__agent", "handoff__offered_to", "handoff__conversation__customer")


def offer(agent: Agent, number: int) -> Offer:
    """Raises NotFound."""
    found = offers_of(agent).filter(pk=number).first()
    if found is None:
        raise NotFound
    return found


def endpoints_of(who: ApiKey) -> QuerySet[Endpoint]:
    """Endpoints a key may see and change: an assistant's its own, a supervisor's all. Raises Forbidden for other agents."""
    rows = Endpoint.objects.select_related("team")
    if who.assistant_id:
        return rows.filter(assistant=who.assistant_id)
    if not _agent(who).is_supervisor:
        raise Forbidden("this is for supervisors")
    return rows


def endpoint(who: ApiKey, key: object) -> Endpoint:
    """Raises NotFound, and Forbidden for agents who are no supervisors."""
    return _one(endpoints_of(who), key)


def _conversations() -> QuerySet[Conversation]:
    return Conversation.objects.select_related("customer", "assistant", "answered_by", "team", "agent")


_of_assistant = Prepared(lambda: _conversations().filter(pk=Given("key", UUIDField()), assistant=Given("assistant", IntegerField())))


def _shown() -> QuerySet[Handoff]:
    return Handoff.objects.select_related("team", "agent", "conversation__customer", "conversation__answered_by", "conversation__agent")


def _concerns(agent: int | Given) -> Q:
    """Whether an agent (id) who is no supervisor may see a handoff."""
    return Q(team__in=Agent.teams.through.objects.filter(agent=agent).values("team")) | Q(agent=agent)


def _of_agent() -> QuerySet[Handoff]:
    return _shown().filter(_concerns(Given("agent", IntegerField())), pk=Given("key", UUIDField()))


_theirs = Prepared(_of_agent)

_theirs_bare = Prepared(lambda: _of_agent().defer("brief", "detections"))


def _one(rows: QuerySet[Row], key: object) -> Row:
    try:
        return rows.get(pk=UUID(str(key)))
    except (ValueError, ObjectDoesNotExist):
        raise NotFound from None


def _agent(who: Agent | ApiKey) -> Agent:
    agent = who if isinstance(who, Agent) else who.agent
    if agent is None or not agent.is_active:
        raise NotFound
    return agent
