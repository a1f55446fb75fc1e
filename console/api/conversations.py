"""Conversations over the API: begin one, say something in it, read it, hand it over."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from console import permissions
from console.api import inputs, keys, outputs, problems
from handoffs import addresses, attending, clock, conversations, transitions, turns, waiting_room
from handoffs.conversations import FRONT_DESK, Unfit
from handoffs.decisions import Decision
from handoffs.models import Assistant, Conversation, Turn
from handoffs.snapshots import Detection, Outcome, Proposal, Tried
from handoffs.states import Owner
from handoffs.transitions import Forbidden

router = Router(tags=["Conversations"])


@router.post("", response={201: outputs.ConversationShown, 200: outputs.ConversationShown}, summary="Begin a conversation")
def begin(request: HttpRequest, wanted: inputs.NewConversation) -> Status[outputs.ConversationShown]:
    """201 with the new conversation; 200 with the one this `external_id` already names. The customer's given fields are kept either way."""
    caller = keys.assistant(request)
    try:
        conversation, made = conversations.find_or_begin(
            caller, wanted.external_id, customer=wanted.customer.known, answered_by=_who_answers(caller, wanted.assistant),
            medium=wanted.medium or "web", language=wanted.language or "",
        )
    except Unfit as unfit:
        raise problems.invalid(unfit.field, unfit.reason) from None
    return Status(201 if made else 200, _shown(request, conversation))


@router.get("/{conversation_id}", response=outputs.ConversationShown, summary="Read a conversation")
def read(request: HttpRequest, conversation_id: str) -> outputs.ConversationShown:
    return _shown(request, permissions.conversation(keys.caller(request), conversation_id))


@router.post("/{conversation_id}/handoff", response={201: outputs.HandoffShown}, summary="Hand over by the assistant's own decision")
def hand_off(request: HttpRequest, conversation_id: str, wanted: inputs.NewHandoff) -> Status[outputs.HandoffShown]:
    """409 with the owner when it is with a team, an agent or nobody already."""
    keys.assistant(request)
    found = Detection("assistant_decided", wanted.reason, {"reason": wanted.reason, "urgency": wanted.urgency or "normal"})
    more = {"note": wanted.note or "", "intent": wanted.intent or "", "urgency": wanted.urgency or ""}
    with permissions.own(keys.caller(request), conversation_id) as (conversation, own):
        handoff = turns.begin(conversation, found, own=own, seen=wanted.epoch, **more)
    if handoff is None:
        raise _owned_by_another(request, conversation)
    # A team that gives work out may have offered it on commit: that is a step more.
    return Status(201, outputs.handoff(handoff, None, () if handoff.team.push else handoff.first_steps))


@router.post("/{conversation_id}/leave_line", response=outputs.ConversationShown, summary="Take a waiting customer out of line, by their own wish")
def leave_line(request: HttpRequest, conversation_id: str, wanted: inputs.LeaveLine) -> outputs.ConversationShown:
    """409 with the owner when they do not wait any more, or the offer does not stand."""
    keys.assistant(request)
    conversation = permissions.conversation(keys.caller(request), conversation_id)
    with transitions.at_epoch(conversation, wanted.epoch):
        if wanted.wish == "solved":
            attending.solve(conversation, wanted.turn or 0)
        else:
            (waiting_room.go_back if wanted.wish == "assistant" else waiting_room.withdraw)(conversation)
    return _shown(request, permissions.conversation(keys.caller(request), conversation_id))


def say(request: HttpRequest, conversation_id: str, said: inputs.NewTurn) -> Status[outputs.Decided]:
    """A customer's turn is always taken. An assistant's is a proposal: `answer` means it was delivered, `clarify` that one clarifying
    question is welcome instead, `hand_off` that a person takes over and the customer has been told, `draft` that it is kept for the agent.
    A repeated `client_id` is answered as the first time."""
    keys.assistant(request)
    conversation = permissions.conversation(keys.caller(request), conversation_id)
    try:
        decision = _propose(conversation, said) if said.author == "assistant" else _take(conversation, said)
    except Forbidden:
        raise _owned_by_another(request, conversation) from None
    return Status(201, _decided(decision, said))


def _who_answers(caller: Assistant, code: str | None) -> Assistant:
    if code is None or code == caller.code:
        return caller
    if code == FRONT_DESK:
        return conversations.front_desk()
    raise problems.invalid("assistant", f"nobody here is called {code!r}; leave it out to answer yourself")


def _take(conversation: Conversation, said: inputs.NewTurn) -> Decision:
    return turns.take(conversation, said.text, client_id=said.client_id, at=said.at, intent=said.intent or "")


def _propose(conversation: Conversation, said: inputs.NewTurn) -> Decision:
    proposal = Proposal(
        text=said.text, confidence=said.confidence, intent=said.intent or "", intent_confidence=said.intent_confidence,
        sources=tuple(source.model_dump(exclude_none=True) for source in said.sources or ()),
        attempts=tuple(Tried(tried.step, Outcome(tried.outcome), tried.detail or "", tried.shown) for tried in said.attempts or ()),
        facts=said.facts or {}, clarifying=said.clarifying, failed=said.failed.reason if said.failed else "",
    )
    if said.meanwhile:
        kind = Turn.Kind.SOLUTION if said.meanwhile == "solution" else Turn.Kind.MEANWHILE
        return attending.propose(conversation, proposal, kind, client_id=said.client_id, seen=said.epoch)
    return turns.propose(conversation, proposal, client_id=said.client_id, seen=said.epoch, heard=said.heard, at=said.at)


def _decided(decision: Decision, said: inputs.NewTurn) -> outputs.Decided:
    turn = outputs.turn(decision.turn) if decision.turn else _held_back(said)
    return outputs.Decided(turn=turn, epoch=decision.conversation.epoch, decision=outputs.decision(decision))


def _held_back(said: inputs.NewTurn) -> outputs.TurnShown:
    """The words that were not delivered, as they came."""
    values: dict[str, Any] = said.model_dump(include={"author", "text", "client_id", "clarifying", "confidence", "intent"})
    sources = [source.model_dump(exclude_none=True) for source in said.sources or ()]
    return outputs.TurnShown(number=None, kind=Turn.Kind.MESSAGE, delivered=False, at=said.at or clock.now(), sources=sources, **values)


def _owned_by_another(request: HttpRequest, conversation: Conversation) -> problems.Problem:
    now = Conversation.objects.select_related("answered_by", "team", "agent").get(pk=conversation.pk)
    if now.owner == Owner.NOBODY:
        return problems.conflict("closed", "This conversation is closed.", now, keys.caller(request))
    return problems.conflict("stale", "The assistant does not have this conversation now.", now, keys.caller(request))


def _shown(request: HttpRequest, conversation: Conversation) -> outputs.ConversationShown:
    return outputs.conversation(conversation, addresses.url(conversation.pk), waiting_room.open_handoff(conversation), keys.caller(request).agent)
