"""Step 3: which team a handoff waits with, how urgent it is, and its place in the queue."""

import logging
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import CharField, Count, DateTimeField, F, IntegerField, Max, Min, OuterRef, Q, QuerySet, Subquery

from handoffs import clock, dispatch, transitions
from handoffs.dispatch import choose as choose
from handoffs.models import Demand, Handoff, Team
from handoffs.models.people import HEAVIEST, LIGHTEST
from handoffs.prepared import Asked, Given, Prepared, together
from handoffs.snapshots import Brief, Detection, Line, Mood, Route, TeamView
from handoffs.states import State

logger = logging.getLogger(__name__)

BY_MOOD = {Mood.ANGRY: 2, Mood.WORRIED: 3, Mood.FRUSTRATED: 3}
BY_TIER = {"business": 3, "enterprise": 3, "premium": 3}
WORD = re.compile(r"[\w']+")
URGENT = frozenset({"urgent", "critical", "high"})
_all_teams = Prepared(Team.objects.all)
_demand = Prepared(lambda: Demand.objects.filter(intent=Given("intent", CharField())))
_equals = Q(priority__lte=Given("priority", IntegerField()), created_at__lte=Given("arrived", DateTimeField()))
_line = Prepared(
    lambda: Handoff.objects.filter(team=Given("team", IntegerField()), state=State.WAITING).order_by().values("team")
    .annotate(count=Count("pk"), first=Min("waiting_since"), behind=Max("rank_at", filter=_equals)).values_list("count", "first", "behind")
)
_waiting = Prepared(lambda: _in_line(Given("team", IntegerField())).order_by().values("team").annotate(count=Count("pk")).values_list("count"))
_longest = Prepared(lambda: _not_in_front(Given("team", IntegerField())).annotate(newer=Subquery(_taken_before())).values_list("newer")[:1])


def teams() -> list[Team]:
    return _all_teams.all()


def asked() -> Asked[Team]:
    """The same, to be asked together with other things."""
    return _all_teams.asked()


def views(among: Iterable[Team]) -> tuple[TeamView, ...]:
    """The teams as the choice among them sees them, their words in small letters."""
    return tuple(TeamView(team.code, team.general, _small(team.intents), _small(team.keywords), _small(team.languages)) for team in among)


def route(brief: Brief, detections: tuple[Detection, ...], among: tuple[TeamView, ...], *, intent: str = "", said: tuple[Line, ...] = (),
          words: str = "", tier: str = "", urgency: str = "", language: str = "", wished: str = "") -> Route:
    """The team by topic, intent, words, then language; the general team when nothing fits. Pure; raises LookupError without teams.

    `intent` and `language` are what we were told, `wished` the team (code) of the page where it began; `said` are the customer's lines, with the
    intents learned models found in them.
    """
    spoken = language.lower().partition("-")[0]
    among = _speaking(among, spoken)
    need, sure = _need(among, said, intent)
    team, why = _team(detections, among, need.lower(), sure, words.lower()) or _nobodys(among, spoken, wished)
    return Route(team, _priority(brief, detections, tier.lower(), urgency.lower()), why, need)


def fallback(among: tuple[TeamView, ...]) -> Route:
    """Where a handoff goes when choosing failed: the general team."""
    return Route(_general(among).code, 3, "routing failed, so the general team")


def as_waiting(handoff: Handoff, tried: frozenset[str] = frozenset()) -> dispatch.Waiting:
    """The handoff as the choice of an agent sees it; `tried` are the agents (ids) who are not to have it."""
    return dispatch.Waiting(str(handoff.pk), handoff.team.code, handoff.rank_at, handoff.created_at, handoff.language,
                            dispatch.levels(handoff.skills), handoff.weight, tried)


def standing(team: Team, priority: int, arrived: datetime, intent: str, language: str) -> dict[str, Any]:
    """Where a new handoff stands in the team's queue as it is now, and what it asks of an agent, as its columns; one trip."""
    by_intent = [_demand.asked(intent=intent.lower())] if intent else []
    line, *found = together(_line.asked(team=team.pk, priority=priority, arrived=arrived), *by_intent)
    return {"rank_at": _rank_at(team, priority, arrived, line), **demand(found[0] if found else [], language)}


def demand(by_intent: list[Demand], language: str) -> dict[str, Any]:
    """By what the team's supervisors said of the intent, and by the customer's language."""
    found = next(iter(by_intent), None)
    spoken = language.lower().partition("-")[0]
    return {
        "language": spoken if len(spoken) in (2, 3) and spoken.isalpha() else "",
        "skills": dispatch.levels(found.skills) if found else {},
        "weight": found.weight if found and LIGHTEST <= found.weight <= HEAVIEST else 1.0,
    }


def still_asked(handoff: Handoff, team: Team) -> dict[str, int]:
    """The skills it asks for with another team: none when that does not cover its intent, since it was passed on for being about something else."""
    (view,) = views([team])
    return dispatch.levels(handoff.skills) if _covers(view, handoff.intent.lower()) else {}


def rank_at(team: Team, priority: int, arrived: datetime) -> datetime:
    """The queue's order as one moment, by how the team's line stands now."""
    return _rank_at(team, priority, arrived, _line.all(team=team.pk, priority=priority, arrived=arrived))


def better_place(handoff: Handoff, before: Handoff) -> dict[str, Any]:
    """The place of the two that is served first, as columns."""
    return {"rank_at": min(before.rank_at, handoff.rank_at), "priority": min(before.priority, handoff.priority)}


def _rank_at(team: Team, priority: int, arrived: datetime, line: list[tuple[Any, ...]]) -> datetime:
    count, first, behind = next(iter(line), (0, None, None))
    longest = clock.now() - first if first else timedelta(0)
    return dispatch.rank_at(arrived, priority, team.promise, dispatch.Line(count, longest, behind))


def let_through(team: Team) -> None:
    """Move to the front who was overtaken as often as one may be.

    Who has waited longest was overtaken most, so the first who may still wait ends the search.
    """
    count, longest = together(_waiting.asked(team=team.pk), _longest.asked(team=team.pk))
    limit = dispatch.limit(count[0][0]) if count else 0
    if not any((newer or 0) >= limit for (newer,) in longest):
        return
    waiting = _in_line(team)
    for handoff in _not_in_front(team).select_related("team")[:limit]:
        newer = Handoff.objects.filter(team=team, claimed_at__gte=handoff.waiting_since, waiting_since__gt=handoff.waiting_since)
        if newer.count() < limit:
            return
        # What somebody is just claiming is passed over: two who wait for each other's handoff would wait for ever.
        free = waiting.filter(pk=handoff.pk).select_for_update(skip_locked=True, no_key=True)
        if waiting.filter(pk__in=free.values("pk"), rank_at=handoff.rank_at).update(rank_at=dispatch.passed(handoff.waiting_since)):
            transitions.note(handoff, "let_through", by="baton", detail={"overtaken": limit})


def _in_line(team: Team | Given) -> QuerySet[Handoff]:
    return Handoff.objects.filter(team=team, state=State.WAITING)


def _not_in_front(team: Team | Given) -> QuerySet[Handoff]:
    """Who was not let through yet, the longest wait first."""
    return _in_line(team).filter(rank_at__gt=F("waiting_since") - dispatch.FRONT).order_by("waiting_since")


def _taken_before() -> QuerySet[Handoff, Any]:
    """How many newer ones of the same team were claimed while it waited."""
    since = OuterRef("waiting_since")
    newer = Handoff.objects.filter(team=OuterRef("team"), claimed_at__gte=since, waiting_since__gt=since)
    return newer.order_by().values("team").annotate(count=Count("pk")).values("count")


def why_here(handoff: Handoff) -> str:
    """Why it stands where it does in the queue, in a few words."""
    called_back = handoff.called_back_at is not None
    return dispatch.why(dispatch.Place(handoff.created_at, handoff.waiting_since, handoff.rank_at, handoff.team.promise, _because(handoff), called_back))


def _because(handoff: Handoff) -> str:
    """What its priority comes from."""
    tier = handoff.conversation.customer.tier
    if BY_TIER.get(tier.lower()) == handoff.priority:
        return f"{tier} customer"
    return handoff.mood if BY_MOOD.get(Mood(handoff.mood)) == handoff.priority else "urgent"


def _speaking(among: tuple[TeamView, ...], language: str) -> tuple[TeamView, ...]:
    """Who may take a customer of that language: teams for it first, then those for any; everybody when it is not known or nobody speaks it."""
    if not language:
        return among
    ours = tuple(team for team in among if language in team.languages)
    return (*ours, *(team for team in among if not team.languages)) or among


def _need(among: tuple[TeamView, ...], said: tuple[Line, ...], told: str) -> tuple[str, float | None]:
    """The intent to route by and its confidence when it was learned: what we were told if a team covers it, else the newest of the
    customer's lines that one covers, else whatever there is."""
    voiced = [(told, None), *((line.intent, line.intent_confidence) for line in reversed(said))]
    known = [(intent, sure) for intent, sure in voiced if intent]
    covered = [pair for pair in known if any(_covers(team, pair[0].lower()) for team in among)]
    return next(iter([*covered, *known]), ("", None))


def _team(detections: tuple[Detection, ...], among: tuple[TeamView, ...], intent: str, sure: float | None, words: str) -> tuple[str, str] | None:
    codes = {team.code for team in among}
    for detection in detections:
        if detection.team in codes:
            return detection.team, f"topic: {detection.reason.lower()}"
    for team in among:
        if intent and _covers(team, intent):
            return team.code, f"intent: {intent}" + (f", {sure:.0%} sure" if sure is not None else "")
    return _by_words(among, words)


def _nobodys(among: tuple[TeamView, ...], language: str, wished: str) -> tuple[str, str]:
    """Where what no team covers goes: to the team of the page where it began, to people of the customer's language, else to the general team."""
    if wished in (team.code for team in among):
        return wished, "the page it came from"
    if among and language in among[0].languages:
        return among[0].code, f"language: {language}"
    return _general(among).code, "no team covers this"


def _small(words: list[Any]) -> frozenset[str]:
    return frozenset(word.strip().lower() for word in words if isinstance(word, str))


def _covers(team: TeamView, intent: str) -> bool:
    return intent in team.intents or intent == team.code.lower()


def _by_words(among: tuple[TeamView, ...], words: str) -> tuple[str, str] | None:
    said = _apart(words)
    hits = [(sorted(keyword for keyword in team.keywords if WORD.search(keyword) and _apart(keyword) in said), team.code) for team in among]
    found, code = max(hits, key=lambda hit: len(hit[0]), default=([], ""))
    return (code, f"words: {', '.join(found[:3])}") if found else None


def _apart(text: str) -> str:
    """Its words alone, a space around each: "e-mail" and "charged twice" are found as single words are."""
    return f" {' '.join(WORD.findall(text))} "


def _general(among: tuple[TeamView, ...]) -> TeamView:
    general = [team for team in among if team.general] or list(among)
    if not general:
        raise LookupError("there is no team to hand over to")
    return general[0]


def _priority(brief: Brief, detections: tuple[Detection, ...], tier: str, urgency: str) -> int:
    if urgency in URGENT or any(detection.urgent or detection.trigger == "humans_only" for detection in detections):
        return 1
    return min(BY_MOOD.get(brief.feeling.mood, 4), BY_TIER.get(tier, 4))
