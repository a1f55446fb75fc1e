"""The one gate for access: what an agent or a key may see. Foreign and unknown look the same."""

from typing import TypeVar
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q, QuerySet

from handoffs.models import Agent, ApiKey, Conversation, Handoff, Offer

Row = TypeVar("Row", Conversation, Handoff)


class NotFound(Exception):
    """It does not exist, or is not for the one who asks; which of the two is never told."""


def handoffs_of(who: Agent | ApiKey) -> QuerySet[Handoff]:
    """Handoffs `who` may see: an agent those of their teams and their own, a supervisor all, an assistant its own."""
    rows = Handoff.objects.select_related("team", "agent", "conversation__customer", "conversation__answered_by")
    if isinstance(who, ApiKey) and who.assistant_id:
        return rows.filter(conversation__assistant=who.assistant_id)
    agent = _agent(who)
    if agent.is_supervisor:
        return rows
    return rows.filter(Q(team__in=agent.teams.all()) | Q(agent=agent))


def conversations_of(who: Agent | ApiKey) -> QuerySet[Conversation]:
    """Conversations `who` may see: an assistant its own, an agent those with a handoff they may see."""
    rows = Conversation.objects.select_related("customer", "assistant", "answered_by", "team", "agent")
    if isinstance(who, ApiKey) and who.assistant_id:
        return rows.filter(assistant=who.assistant_id)
    return rows.filter(handoffs__in=handoffs_of(who)).distinct()


def handoff(who: Agent | ApiKey, key: object) -> Handoff:
    """Raises NotFound."""
    return _one(handoffs_of(who), key)


def conversation(who: Agent | ApiKey, key: object) -> Conversation:
    """Raises NotFound."""
    return _one(conversations_of(who), key)


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
