"""The four steps in order: detection, brief, route, and the customer told, in one transaction. Receiving is the agent's."""

from datetime import timedelta

from django.db import transaction

from handoffs import clock, corrections, history, lookups, outbox, overflow, packaging, rewriting, routing, transitions, waiting_room
from handoffs.models import Conversation, Handoff, PolicyVersion, Step, Team, Turn
from handoffs.prepared import Insert
from handoffs.signals import Change, announce
from handoffs.snapshots import Brief, Detection, Route, TeamView, Transcript
from handoffs.states import Owner

_handoffs = Insert(Handoff)


def hand_off(conversation: Conversation, transcript: Transcript, detections: tuple[Detection, ...], *, seen: int | None = None,
             note: str = "", intent: str = "", urgency: str = "") -> Handoff:
    """Pass the conversation to a team: a handoff that waits, with its brief, and a customer who knows.

    Raises Stale when `seen` is no longer the epoch. Call it with the detections, the one that counts first.
    """
    customer, proposed = conversation.customer, transcript.proposal.facts if transcript.proposal else {}
    told, record = history.whole(conversation, transcript), lookups.so_far(history.record(conversation), customer)
    brief = packaging.pack(told, detections, name=customer.name, facts={**transcript.told, **proposed}, note=note, record=record)
    brief = brief.model_copy(update={"sources": corrections.marked(brief.sources, conversation.answered_by_id)})
    # Whoever calls it in a transaction of theirs gives that up with it.
    with transaction.atomic(savepoint=False):
        teams = routing.teams()
        route = _route(brief, detections, transcript, routing.views(teams), intent, customer.tier, urgency, conversation)
        first = next(each for each in teams if each.code == route.team)
        team = overflow.instead_of(first)
        epoch = conversation.epoch = transitions.own(conversation.pk, Owner.TEAM, team=team, agent=None, seen=seen)
        handoff = _store(conversation, brief, detections, route, team, route.intent or intent)
        because = {"reason": brief.reason, "team": team.code, "routed": route.why, **({"instead_of": first.code} if team != first else {})}
        transitions.steps.all(Step(handoff=handoff, verb="handed_off", by="customer" if detections[0].trigger == "explicit_request" else "assistant",
                                   to_state=handoff.state, epoch=epoch, note=note, detail=because))
        waiting_room.stand_in_line(handoff, "handed_off", Turn.Kind.HANDED_OFF, trigger=detections[0].trigger)
        lookups.want(customer)
        rewriting.want(handoff)
        outbox.requested(handoff)
        announce(Change(conversation.pk, handoff.pk, frozenset([team.code]), deal=team.push))
    return handoff


def _route(brief: Brief, detections: tuple[Detection, ...], transcript: Transcript, among: tuple[TeamView, ...], intent: str, tier: str, urgency: str,
           conversation: Conversation) -> Route:
    words = " ".join([brief.goal, *(line.text for line in transcript.said)])
    try:
        return routing.route(brief, detections, among, intent=intent, said=transcript.said, words=words, tier=tier, urgency=urgency,
                             language=conversation.language, wished=conversation.wished_team)
    except Exception:
        routing.logger.exception("routing failed, the general team takes it")
        return routing.fallback(among)


def _store(conversation: Conversation, brief: Brief, detections: tuple[Detection, ...], route: Route, team: Team, intent: str) -> Handoff:
    now = clock.now()
    # An assistant that never got it back has nothing before this.
    before = conversation.handoffs.order_by("-created_at").first() if conversation.assistant_since else None
    (handoff,) = _handoffs.all(Handoff(
        conversation=conversation, follows=before, team=team, trigger=detections[0].trigger, reason=brief.reason[:200], goal=brief.goal[:200],
        detections=[{"trigger": d.trigger, "reason": d.reason, "evidence": d.evidence} for d in detections],
        brief=brief.model_dump(mode="json"), mood=brief.feeling.mood, trend=brief.feeling.trend, intent=intent[:100],
        **routing.demand(intent, conversation.language), priority=route.priority, routed_because=route.why[:200], created_at=now, waiting_since=now,
        rank_at=routing.rank_at(team, route.priority, now), promise_due_at=now + timedelta(seconds=team.promise),
        due_at=now + timedelta(seconds=PolicyVersion.in_force().check_in_every),
    ))
    return handoff
