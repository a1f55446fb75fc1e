"""Calls a supervisor for a handoff that nobody takes, once, and tells its customer."""

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from handoffs import clock, roster, routing, transitions, waiting_room
from handoffs.dispatch import Free, Waiting
from handoffs.models import Handoff, Offer, PolicyVersion, Step
from handoffs.offers.dealing import tried_of
from handoffs.states import State

FAILED = (Offer.Outcome.DECLINED, Offer.Outcome.MISSED)


def call_if_too_many(handoff: Handoff) -> None:
    """Call the supervisor after as many offers in vain as the policy allows. In the transaction that ended the last of them."""
    in_vain = Offer.objects.filter(handoff=handoff, outcome__in=FAILED, ended_at__gte=handoff.waiting_since)
    if in_vain.count() >= PolicyVersion.in_force().alarm_after_offers:
        alarm(handoff)


def forsaken() -> list[Handoff]:
    """What waits although people are here, because each of them who may take it was asked or gave it up: nobody is left to offer it to."""
    asked, had = Offer.objects.filter(handoff=OuterRef("pk")), Step.objects.filter(handoff=OuterRef("pk"), verb="released")
    rows = _uncalled().filter(Exists(asked) | Exists(had), state=State.WAITING, offered_to=None, team__push=True).select_related("team", "conversation")
    handoffs = {str(handoff.pk): handoff for handoff in rows}
    if not handoffs:
        return []
    here, tried = roster.free_agents({handoff.team.code for handoff in rows}, clock.now()), tried_of(handoffs)
    return [handoff for key, handoff in handoffs.items() if _is_forsaken(routing.as_waiting(handoff, tried.get(key, frozenset())), here)]


def _is_forsaken(handoff: Waiting, here: tuple[Free, ...]) -> bool:
    team = [agent for agent in here if handoff.team in agent.teams]
    return bool(team) and not any(agent.may_take(handoff) for agent in team)


def alarm(handoff: Handoff) -> bool:
    """Call the supervisors and tell the customer; False when that was done since it waits."""
    now = clock.now()
    with transaction.atomic():
        transitions.lock(handoff.conversation_id)
        if not _uncalled().filter(pk=handoff.pk, state=State.WAITING).update(alarmed_at=now):
            return False
        handoff.alarmed_at = now
        transitions.note(handoff, "alarmed", by="baton")
        somebody = roster.here().filter(is_supervisor=True).exists()
        waiting_room.tell_anew(handoff, "alarmed", called=somebody)
    return True


def _uncalled() -> QuerySet[Handoff]:
    return Handoff.objects.filter(Q(alarmed_at__isnull=True) | Q(alarmed_at__lt=F("waiting_since")))
