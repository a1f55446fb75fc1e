"""Calls a supervisor for a handoff that nobody takes, once, and tells its customer."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from handoffs import clock, dispatch, roster, transitions, waiting_room
from handoffs.dispatch import Waiting
from handoffs.models import Agent, Handoff, Offer, PolicyVersion, Step, Team
from handoffs.offers.dealing import GAVE_UP
from handoffs.states import State

IN_VAIN = (Offer.Outcome.DECLINED, Offer.Outcome.MISSED, Offer.Outcome.WITHDRAWN)
# So long somebody who may come is waited for: who was here until just now, and whoever opens a team.
A_MOMENT = timedelta(minutes=2)
AT_ONCE = 50


def call_if_too_many(handoff: Handoff) -> None:
    """Call the supervisor after as many offers in vain as the policy allows. In the transaction that ended the last of them."""
    # By the steps: an offer that was withdrawn and made anew to the same agent is one row, and two in vain.
    in_vain = Step.objects.filter(handoff=handoff, verb__in=IN_VAIN, at__gte=handoff.waiting_since)
    if in_vain.count() >= PolicyVersion.in_force().alarm_after_offers:
        alarm(handoff)


def forsaken() -> list[Handoff]:
    """What is owed to its customer while nobody available may take it, with room or without: the first of each kind.

    It is owed once it was offered in vain or given up in a team that gives work out, once its promise is over, and at the time of a callback.
    Where nobody is to be expected, in a closed team without anybody, a callback alone is. Looked at by needs, as what is stranded.
    """
    return list(islice(_forsaken(clock.now()), AT_ONCE))


def _forsaken(now: datetime) -> Iterator[Handoff]:
    owed = _owed(now)
    needs = list(owed.order_by().values_list("team", "language", "skills", "tried").distinct())
    teams = Team.objects.in_bulk({team for team, *_ in needs})
    free = roster.free_agents({team.code for team in teams.values()}, now - A_MOMENT) if teams else ()
    for team_id, language, skills, tried in needs:
        need = Waiting("", teams[team_id].code, now, now, language, dispatch.levels(skills))
        able = [int(agent.id) for agent in free if agent.capacity and agent.may_take(need)]
        if able and not tried:
            continue
        rows = owed.filter(team=team_id, language=language, skills=skills, tried=tried)
        rows = rows.filter(~Exists(_untried(able))) if able else rows
        rows = rows if _is_expected(teams[team_id], now) else rows.filter(called_back_at__isnull=False)
        yield from rows.select_related("team", "conversation").order_by("rank_at")[:AT_ONCE]


def _owed(now: datetime) -> QuerySet[Any]:
    """What somebody should have by now, with whether anybody had their chance of it (`tried`)."""
    waits: QuerySet[Any] = _uncalled().filter(state=State.WAITING, offered_to=None).annotate(tried=_had_chance(handoff=OuterRef("pk")))
    return waits.filter(Q(promise_due_at__lte=now) | Q(called_back_at__isnull=False) | Q(tried=True, team__push=True))


def _untried(agents: list[int]) -> QuerySet[Agent]:
    """Who of them did not have their chance of a handoff."""
    return Agent.objects.filter(~_had_chance(handoff=OuterRef(OuterRef("pk")), agent=OuterRef("pk")), pk__in=agents)


def _had_chance(**of: OuterRef) -> Q:
    """By the rule of `tried_of`."""
    asked = Offer.objects.filter(**of).exclude(outcome=Offer.Outcome.WITHDRAWN)
    return Exists(asked) | Exists(Step.objects.filter(verb__in=GAVE_UP, agent__isnull=False, **of))


def _is_expected(team: Team, now: datetime) -> bool:
    """Whether somebody should be there: it has been open for a moment, or somebody is."""
    week = team.opening_hours
    return all(week.is_open(at) for at in (now - A_MOMENT, now)) or roster.is_somebody_in(team)


def alarm(handoff: Handoff) -> bool:
    """Call the supervisors and tell the customer; False when that was done since it waits, or somebody is being asked."""
    now = clock.now()
    with transaction.atomic():
        transitions.lock(handoff.conversation_id)
        if not _uncalled().filter(pk=handoff.pk, state=State.WAITING, offered_to=None).update(alarmed_at=now):
            return False
        handoff.alarmed_at = now
        transitions.note(handoff, "alarmed", by="baton")
        somebody = roster.here().filter(is_supervisor=True).exists()
        missed = handoff.called_back_at is not None and handoff.claimed_at is None
        waiting_room.tell_anew(handoff, "alarmed", called=somebody, missed_callback=missed)
    return True


def _uncalled() -> QuerySet[Handoff]:
    return Handoff.objects.filter(Q(alarmed_at__isnull=True) | Q(alarmed_at__lt=F("waiting_since")))
