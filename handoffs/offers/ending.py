"""How an offer ends without a claim: declined, missed, or moved on because its agent is not there any more."""

from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from handoffs import clock, roster, transitions
from handoffs.models import Agent, Conversation, Handoff, Offer, PolicyVersion
from handoffs.offers.alarm import call_if_too_many
from handoffs.signals import Change, announce
from handoffs.transitions import Stale

# So long a miss is worth a word to whom it happened.
LATELY = timedelta(hours=1)
OPEN, DECLINED, MISSED, WITHDRAWN = Offer.Outcome.OPEN, Offer.Outcome.DECLINED, Offer.Outcome.MISSED, Offer.Outcome.WITHDRAWN


def open_to(agent: Agent) -> QuerySet[Offer]:
    """What is held for the agent now, the eldest first."""
    rows = Offer.objects.filter(agent=agent, outcome=OPEN).select_related("agent", "handoff__team", "handoff__offered_to", "handoff__conversation__customer")
    return rows.order_by("expires_at", "pk")


def missed_by(agent: Agent) -> Offer | None:
    """The last offer the agent missed a while ago, as long as they have answered none since."""
    if not agent.missed_offers:
        return None
    missed = Offer.objects.filter(agent=agent, outcome=MISSED, ended_at__gt=clock.now() - LATELY)
    return missed.select_related("handoff__conversation__customer").order_by("-ended_at").first()


def is_held(handoff: Handoff) -> bool:
    """Whether its offer still keeps others away: one whose time is over does not, even if nobody has ended it yet."""
    return Offer.objects.filter(handoff=handoff, outcome=OPEN, expires_at__gt=clock.now()).exists()


def decline(offer: Offer) -> None:
    """Its agent says no; it goes to the next. Raises Stale when the offer is over."""
    _end(offer, DECLINED, by="agent")


def lapsed() -> QuerySet[Offer]:
    """Open offers whose time is over, or whose agent is gone, takes no work any more or is not of the team any more."""
    now = clock.now()
    gone = Q(agent__lease_until__isnull=True) | Q(agent__lease_until__lte=now) | Q(agent__is_active=False) | ~Q(agent__status=Agent.Status.AVAILABLE)
    member = Agent.teams.through.objects.filter(agent=OuterRef("agent"), team=OuterRef("handoff__team"))
    rows = Offer.objects.filter(Q(expires_at__lte=now) | gone | ~Exists(member), outcome=OPEN)
    return rows.select_related("agent", "handoff__team", "handoff__conversation").order_by("expires_at", "pk")


def lapse(offer: Offer) -> None:
    """End an offer that `lapsed` found. It was missed only by somebody who was there to take it. Raises Stale when it is over already."""
    could = roster.takes_work(offer.agent, clock.now()) and offer.agent.teams.filter(pk=offer.handoff.team_id).exists()
    _end(offer, MISSED if could else WITHDRAWN, by="baton")


def keep_to_room(agent: Agent) -> None:
    """Withdraw the newest offers to an agent while they hold more than they have room for: something they let go of came back."""
    for offer in open_to(agent).reverse():
        if roster.load(agent) <= agent.capacity:
            return
        with suppress(Stale):
            _end(offer, WITHDRAWN, by="baton")


def _end(offer: Offer, outcome: Offer.Outcome, *, by: str) -> None:
    """The handoff waits on as before, by the same rank; whoever is next for it is asked after the commit."""
    handoff, now = offer.handoff, clock.now()
    with transaction.atomic():
        transitions.lock(handoff.conversation_id)
        if not Offer.objects.filter(pk=offer.pk, outcome=OPEN).update(outcome=outcome, ended_at=now):
            raise Stale(Conversation.objects.get(pk=handoff.conversation_id), "this is not offered to you any more")
        if outcome == DECLINED:
            Agent.objects.filter(pk=offer.agent_id).update(missed_offers=0)
        elif outcome == MISSED:
            # Before the next is dealt: who is set away must not be asked once more.
            _count_miss(offer.agent)
        Handoff.objects.filter(pk=handoff.pk, offered_to=offer.agent_id).update(offered_to=None)
        handoff.offered_to = None
        transitions.note(handoff, outcome.value, by=by, agent=offer.agent)
        call_if_too_many(handoff)
        announce(Change(handoff.conversation_id, handoff.pk, frozenset([handoff.team.code]), frozenset([offer.agent_id]), deal=True))


def _count_miss(agent: Agent) -> None:
    """Who misses too many in a row is set away: they seem not to be there. Whoever resets the count does it, once."""
    rows = Agent.objects.filter(pk=agent.pk)
    rows.update(missed_offers=F("missed_offers") + 1)
    available = rows.filter(status=Agent.Status.AVAILABLE)
    if available.filter(missed_offers__gte=PolicyVersion.in_force().away_after_misses).update(missed_offers=0):
        agent.refresh_from_db()
        roster.set_status(agent, Agent.Status.AWAY, why=roster.MISSED)
