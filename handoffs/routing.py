"""Step 3: which team a handoff waits with, how urgent it is, and the order of the queue."""

import logging
import re
from datetime import datetime, timedelta

from handoffs.models import Team
from handoffs.snapshots import Brief, Detection, Line, Mood, Route, TeamView

logger = logging.getLogger(__name__)

HEAD_START = {1: timedelta(seconds=180), 2: timedelta(seconds=90), 3: timedelta(seconds=45), 4: timedelta(0)}
BY_MOOD = {Mood.ANGRY: 2, Mood.WORRIED: 3, Mood.FRUSTRATED: 3}
BY_TIER = {"business": 3, "enterprise": 3, "premium": 3}
URGENT = frozenset({"urgent", "critical", "high"})


def teams() -> tuple[TeamView, ...]:
    return tuple(
        TeamView(team.code, team.general, frozenset(team.intents), frozenset(team.keywords), frozenset(team.languages)) for team in Team.objects.all()
    )


def route(brief: Brief, detections: tuple[Detection, ...], among: tuple[TeamView, ...], *, intent: str = "", said: tuple[Line, ...] = (),
          words: str = "", tier: str = "", urgency: str = "", language: str = "") -> Route:
    """The team by topic, intent, words, then language; the general team when nothing fits. Pure; raises LookupError without teams.

    `intent` and `language` are what we were told; `said` are the customer's lines, with the intents learned models found in them.
    """
    spoken = language.lower().partition("-")[0]
    among = _speaking(among, spoken)
    need, sure = _need(among, said, intent)
    team, why = _team(detections, among, need.lower(), sure, words.lower()) or _nobodys(among, spoken)
    return Route(team, _priority(brief, detections, tier.lower(), urgency.lower()), why, need)


def fallback(among: tuple[TeamView, ...]) -> Route:
    """Where a handoff goes when choosing failed: the general team."""
    return Route(_general(among).code, 3, "routing failed, so the general team")


def rank_at(priority: int, waiting_since: datetime, promise: int) -> datetime:
    """The queue's order as one moment: when the promise falls due, less the head start of the priority."""
    return waiting_since + timedelta(seconds=promise) - HEAD_START[priority]


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


def _nobodys(among: tuple[TeamView, ...], language: str) -> tuple[str, str]:
    """Where what no team covers goes: to people of the customer's language, else to the general team."""
    if among and language in among[0].languages:
        return among[0].code, f"language: {language}"
    return _general(among).code, "no team covers this"


def _covers(team: TeamView, intent: str) -> bool:
    return intent in team.intents or intent == team.code


def _by_words(among: tuple[TeamView, ...], words: str) -> tuple[str, str] | None:
    said = re.findall(r"[\w']+", words)
    hits = [([word for word in said if word in team.keywords], team.code) for team in among]
    found, code = max(hits, key=lambda hit: len(set(hit[0])), default=([], ""))
    return (code, f"words: {', '.join(sorted(set(found))[:3])}") if found else None


def _general(among: tuple[TeamView, ...]) -> TeamView:
    general = [team for team in among if team.general] or list(among)
    if not general:
        raise LookupError("there is no team to hand over to")
    return general[0]


def _priority(brief: Brief, detections: tuple[Detection, ...], tier: str, urgency: str) -> int:
    if urgency in URGENT or any(detection.urgent or detection.trigger == "humans_only" for detection in detections):
        return 1
    return min(BY_MOOD.get(brief.feeling.mood, 4), BY_TIER.get(tier, 4))
