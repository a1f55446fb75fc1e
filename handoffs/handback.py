"""Back to the assistant for the wrap-up, or closed."""

import logging
from typing import Any
from uuid import uuid4

from django.db import transaction

from handoffs import breaks, clock, plugins, receiving, roster, transitions, waiting_room, wrapping
from handoffs.models import Agent, Conversation, Handoff, PolicyVersion, ProposalRecord, Rating, Step, Survey, Turn
from handoffs.signals import Change, announce
from handoffs.snapshots import Action, Author, Proposal
from handoffs.states import Owner, State
from handoffs.transitions import Stale, move
from handoffs.waiting_room import callbacks

logger = logging.getLogger(__name__)

WRAP_UP = "wrap_up"  # the intent of what an assistant says when a conversation comes back


def hand_back(handoff: Handoff, agent: Agent | None = None, *, seen: int | None = None, resolution: str = "", heard: int | None = None) -> Step:
    """Give the conversation back to its assistant, which says the wrap-up.

    Raises Stale when `agent` does not hold it, Unheard when the customer has written since turn `heard`, the last one the agent has read.
    """
    if agent and (handoff.agent_id != agent.pk or handoff.state not in (State.CLAIMED, State.RESOLVED)):
        raise Stale(Conversation.objects.get(pk=handoff.conversation_id), "this conversation is not with you")
    with receiving.nothing_unheard(handoff, heard):
        changes: dict[str, Any] = {"resolution": resolution} if resolution else {}
        step = move(handoff, State.HANDED_BACK, verb="handed_back", by="agent" if agent else "baton", actor=agent, seen=seen,
                    ended_at=clock.now(), **changes)
        conversation = handoff.conversation
        waiting_room.tell(conversation, _words(conversation, handoff.agent), Turn.Kind.HANDED_BACK)
        _wrap_up(handoff)
        wrapping.begin(handoff)
    return step


def finish(handoff: Handoff) -> Step:
    """What follows a resolve once it can no longer be undone: hand back, or close."""
    return hand_back(handoff) if handoff.hands_back else close(handoff)


def close(handoff: Handoff) -> Step:
    """Close the conversation; a callback booked in it is cancelled, and the customer told."""
    with transaction.atomic():
        transitions.lock(handoff.conversation_id)
        callbacks.cancel(handoff.conversation)
        step = move(handoff, State.CLOSED, verb="closed", by="baton", ended_at=clock.now())
        waiting_room.tell(handoff.conversation, waiting_room.words("closed", handoff.conversation), Turn.Kind.CLOSED)
    return step


def close_idle(conversation: Conversation) -> bool:
    """Close a conversation that the assistant owns and nobody has written to since the caller looked."""
    with transaction.atomic():
        transitions.lock(conversation.pk)
        unchanged = Conversation.objects.filter(pk=conversation.pk, owner=Owner.ASSISTANT, last_turn_at=conversation.last_turn_at)
        if not unchanged.exists():
            return False
        transitions.own(conversation.pk, Owner.NOBODY, team=None, agent=None, seen=conversation.epoch)
        announce(Change(conversation.pk))
    return True


def rate(handoff: Handoff, *, repeated: str = "", help: int | None = None) -> Survey:
    """Store the customer's answers; a second answer replaces the first."""
    survey, _ = Survey.objects.update_or_create(handoff=handoff, defaults={"repeated": repeated, "help": help, "at": clock.now()})
    announce(Change(handoff.conversation_id, handoff.pk))
    return survey


def rate_assistant(conversation: Conversation, help: int) -> Rating:
    """What the customer says of an assistant that helped without a person; kept apart from the answers after a handoff."""
    rating, _ = Rating.objects.update_or_create(conversation=conversation, defaults={"help": help, "at": clock.now()})
    announce(Change(conversation.pk))
    return rating


def _words(conversation: Conversation, agent: Agent | None) -> str:
    """Whom the customer is back with, and until when the agent said they are here, of one who is."""
    now = clock.now()
    here_until = breaks.leaves_at(agent, now) if agent and roster.is_here(agent, now) else None
    who = agent.public_name if agent else ""
    return waiting_room.words("handed_back", conversation, agent=who, assistant=conversation.answered_by.name, here_until=here_until)


def _wrap_up(handoff: Handoff) -> None:
    """A built-in assistant says its wrap-up at once, unless a person checks its answers; an outside one reads the marker and says its own."""
    conversation = Conversation.objects.select_related("answered_by").get(pk=handoff.conversation_id)
    assistant = conversation.answered_by
    checked = assistant.copilot and not PolicyVersion.in_force().lets_answer(assistant.code, WRAP_UP)
    if not assistant.plugin or checked:
        return
    try:
        # What it returns may fail as late as in the database: then the words alone are undone.
        with transaction.atomic():
            _say(conversation, plugins.load("handoffs.assistants")[assistant.plugin].wrap_up(handoff.what_to_know, handoff.resolution))
    except Exception:
        logger.exception("the wrap-up failed; the customer has the marker and the summary")


def _say(conversation: Conversation, said: Proposal) -> None:
    if said.text.strip():
        turn = transitions.say(conversation.pk, Author.ASSISTANT, said.text, client_id=f"wrap-up-{uuid4().hex}", confidence=said.confidence)
        ProposalRecord.objects.create(conversation=conversation, client_id=turn.client_id, text=said.text, action=Action.ANSWER, turn=turn)
