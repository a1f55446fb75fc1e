"""The four steps in order: detection, brief, route, and the customer told, in one transaction. Receiving is the agent's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from handoffs import clock, corrections, history, lookups, outbox, overflow, packaging, rewriting, routing, transitions, waiting_room
from handoffs.models import Conversation, Handoff, PolicyVersion, RecordSource, Step, Team, Turn
from handoffs.policy import Policy
from handoffs.prepared import Asked, Insert, last, together
from handoffs.signals import Change, announce
from handoffs.snapshots import Author, Brief, Detection, Record, Route, TeamView, Transcript

_handoffs = Insert(Handoff)


def hand_off(conversation: Conversation, transcript: Transcript, detections: tuple[Detection, ...], *, seen: int | None = None,
             note: str = "", intent: str = "", urgency: str = "", place_of: Handoff | None = None,
             found: Sequence[list[Any]] = ()) -> Handoff:
    """Pass the conversation to a team: a handoff that waits, with its brief, and a customer who knows.

    Raises Stale when `seen` is no longer the epoch. Call it with the detections, the one that counts first; it stands no further back than `place_of`
    did; `found` is what was `asked`, if it was already.
    """
    known = _known(conversation, found or together(*asked(conversation.pk)))
    brief = _pack(conversation, history.whole(conversation, transcript), transcript, detections, known, note)
    # Whoever calls it in a transaction of theirs gives that up with it.
    with transaction.atomic(savepoint=False):
        route = _route(brief, detections, transcript, routing.views(known.teams), intent, conversation.customer.tier, urgency, conversation)
        first = next(each for each in known.teams if each.code == route.team)
        team = overflow.instead_of(first)
        handoff = _made(conversation, brief, detections, route, team, route.intent or intent, known.policy)
        if place_of:
            vars(handoff).update(routing.better_place(handoff, place_of))
        because = {"reason": brief.reason, "team": team.code, "routed": route.why, **({"instead_of": first.code} if team != first else {})}
        by = "customer" if detections[0].trigger == "explicit_request" else "assistant"
        _store(handoff, Step(handoff=handoff, verb="handed_off", by=by, to_state=handoff.state, note=note, detail=because), seen)
        lookups.want(conversation.customer, known.sources)
        rewriting.want(handoff)
        outbox.requested(handoff)
        announce(Change(conversation.pk, handoff.pk, frozenset([team.code]), deal=team.push))
    return handoff


@dataclass(frozen=True)
class _Known:
    """What is looked up for a handoff: what the firm knows of the customer, the teams, the policy, and where more is known."""

    record: Record
    teams: list[Team]
    policy: Policy
    sources: list[RecordSource]


def asked(conversation: UUID) -> tuple[Asked[Any], ...]:
    """The questions a handoff begins with, to be asked together with others."""
    return (*history.of_record(conversation), *lookups.asked(conversation), routing.asked(), PolicyVersion.asked())


def _known(conversation: Conversation, found: Sequence[list[Any]]) -> _Known:
    handoffs, others, said, sources, teams, policy = found
    customer = conversation.customer
    return _Known(lookups.so_far(history.record_of(customer, handoffs, others), customer, said), teams, PolicyVersion.of(policy), sources)


def _pack(conversation: Conversation, told: Transcript, judged: Transcript, detections: tuple[Detection, ...], known: _Known, note: str) -> Brief:
    proposed = judged.proposal.facts if judged.proposal else {}
    brief = packaging.pack(told, detections, name=conversation.customer.name, facts={**judged.told, **proposed}, note=note, record=known.record)
    return brief.model_copy(update={"sources": corrections.marked(brief.sources, conversation.answered_by_id)})


def _route(brief: Brief, detections: tuple[Detection, ...], transcript: Transcript, among: tuple[TeamView, ...], intent: str, tier: str, urgency: str,
           conversation: Conversation) -> Route:
    words = " ".join([brief.goal, *(line.text for line in transcript.said)])
    try:
        return routing.route(brief, detections, among, intent=intent, said=transcript.said, words=words, tier=tier, urgency=urgency,
                             language=conversation.language, wished=conversation.wished_team)
    except Exception:
        routing.logger.exception("routing failed, the general team takes it")
        return routing.fallback(among)


def _made(conversation: Conversation, brief: Brief, detections: tuple[Detection, ...], route: Route, team: Team, intent: str, policy: Policy) -> Handoff:
    now = clock.now()
    # An assistant that never got it back has nothing before this.
    before = conversation.handoffs.order_by("-created_at").first() if conversation.assistant_since else None
    return Handoff(
        conversation=conversation, follows=before, team=team, trigger=detections[0].trigger, reason=brief.reason[:200], goal=brief.goal[:200],
        detections=[{"trigger": d.trigger, "reason": d.reason, "evidence": d.evidence} for d in detections],
        brief=brief.model_dump(mode="json"), mood=brief.feeling.mood, trend=brief.feeling.trend, intent=intent[:100],
        **routing.standing(team, route.priority, now, intent, conversation.language), priority=route.priority, routed_because=route.why[:200],
        created_at=now, waiting_since=now, promise_due_at=now + timedelta(seconds=team.promise), due_at=now + timedelta(seconds=policy.check_in_every),
    )


def _store(handoff: Handoff, step: Step, seen: int | None) -> None:
    """The conversation passes to the team, and the handoff, what happened and the words to the customer are kept."""
    conversation, now = handoff.conversation, clock.now()
    step.epoch, number, line = transitions.queue(conversation.pk, handoff.team, now, seen=seen, beside=waiting_room.asked(handoff))
    text, nobody = waiting_room.join(handoff, "handed_off", line, trigger=handoff.trigger)
    turn = Turn(conversation=conversation, number=number, author=Author.WAITING_ROOM, kind=Turn.Kind.HANDED_OFF, text=text, at=now)
    handoff.first_steps = (step, *nobody)
    # A letter needs the turn's key at once.
    put = together if waiting_room.address(conversation) else last
    put(_handoffs.asked(handoff), transitions.steps.asked(*handoff.first_steps), transitions.turns.asked(turn))
    conversation.epoch = step.epoch
    outbox.said(turn)
    waiting_room.post(turn, conversation)
