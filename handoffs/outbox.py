"""What happened, for systems elsewhere: rows written in the transaction in which it happened. A worker sends them later."""

import json
import time
from collections.abc import Iterable
from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from handoffs import addresses, clock
from handoffs.briefing.essentials import essentials
from handoffs.models import Conversation, Delivery, Endpoint, Handoff, Step, Turn
from handoffs.snapshots import Author
from handoffs.states import State

REQUESTED, SAID, PING = "handoff.requested", "turn.said", "ping"
# What a move is called outside; every other one by the state it leads to.
BY_VERB = {"undone": "handoff.reopened", "reopened": "handoff.reopened", "withdrew": "handoff.withdrawn"}
BY_STATE = {
    State.WAITING: "handoff.waiting", State.CLAIMED: "handoff.claimed", State.RESOLVED: "handoff.resolved",
    State.HANDED_BACK: "handoff.handed_back", State.CLOSED: "handoff.closed",
}
EVENTS = (REQUESTED, *BY_STATE.values(), *dict.fromkeys(BY_VERB.values()), SAID)
FRESH = 1.0  # seconds for which the endpoints of this process are good
OVER = (State.RESOLVED, State.HANDED_BACK, State.CLOSED)

_endpoints: tuple[float, list[Endpoint]] = (-FRESH, [])


def requested(handoff: Handoff) -> None:
    """A handoff has begun to wait, with its brief and the customer told."""
    if wanted := _wanting(REQUESTED):
        link = addresses.desk(handoff.pk)
        _write(REQUESTED, wanted, handoff.conversation, handoff.team_id, _handoff(handoff) | {"brief": essentials(handoff.what_to_know, link), "link": link})


def moved(handoff: Handoff, step: Step) -> None:
    """A handoff has another state, agent or team."""
    event = BY_VERB.get(step.verb) or BY_STATE.get(State(handoff.state), "")
    if wanted := _wanting(event):
        _write(event, wanted, Conversation.objects.get(pk=handoff.conversation_id), handoff.team_id, _handoff(handoff) | {"verb": step.verb, "by": step.by})


def said(turn: Turn) -> None:
    """A turn that its conversation's own assistant did not say itself, nor heard from its customer."""
    wanted = _wanting(SAID) if turn.author != Author.CUSTOMER else []
    if not wanted:
        return
    conversation = Conversation.objects.select_related("answered_by").get(pk=turn.conversation_id)
    if turn.author == Author.ASSISTANT and not conversation.answered_by.plugin:
        return
    name = turn.agent.public_name if turn.author == Author.AGENT and turn.agent else None
    _write(SAID, wanted, conversation, conversation.team_id,
           {"turn": {"number": turn.number, "author": turn.author, "kind": turn.kind, "name": name, "text": turn.text, "at": turn.at.isoformat()}})


def ping(endpoint: Endpoint) -> Delivery:
    """Something to try the endpoint with."""
    return Delivery.objects.create(endpoint=endpoint, event=PING, body=_body(PING, {"endpoint": str(endpoint.pk)}))


@receiver([post_save, post_delete], sender=Endpoint)
def forget(**_: Any) -> None:
    global _endpoints
    _endpoints = (-FRESH, [])


def _wanting(event: str) -> list[Endpoint]:
    """The endpoints that are told of such an event; paused ones too, for when they go on. Read once a second, so that having none costs nothing."""
    global _endpoints
    now, (read_at, rows) = time.monotonic(), _endpoints
    if now - read_at >= FRESH:
        rows = list(Endpoint.objects.all())
        _endpoints = (now, rows)
    return [each for each in rows if event and (not each.events or event in each.events)]


def _write(event: str, among: Iterable[Endpoint], conversation: Conversation, team: int | None, data: dict[str, Any]) -> None:
    wanted = [each for each in among if each.assistant_id in (None, conversation.assistant_id) and each.team_id in (None, team)]
    if not wanted:
        return
    about = {"id": str(conversation.pk), "external_id": conversation.external_id, "customer": conversation.customer.external_id,
             "medium": conversation.medium, "epoch": conversation.epoch}
    body = _body(event, {"conversation": about, **data})
    Delivery.objects.bulk_create(Delivery(endpoint=each, event=event, conversation=conversation, body=body) for each in wanted)


def _handoff(handoff: Handoff) -> dict[str, Any]:
    shown = {name: getattr(handoff, name) for name in ("state", "priority", "trigger", "reason", "goal", "mood", "intent", "language")}
    agent = {"name": handoff.agent.public_name, "username": handoff.agent.username} if handoff.agent else None
    done = {"resolution": handoff.resolution} if handoff.state in OVER else {}
    return {"handoff": {"id": str(handoff.pk), "team": handoff.team.code, "agent": agent, **shown, **done, "created_at": handoff.created_at.isoformat()}}


def _body(event: str, data: dict[str, Any]) -> str:
    return json.dumps({"type": event, "timestamp": clock.now().isoformat(), "data": data}, ensure_ascii=False, separators=(",", ":"))
