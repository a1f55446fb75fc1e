"""What a customer's page shows at this moment, as template variables: the page and every push read the same."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from console import brief, whispers
from handoffs import addresses, attending, clock, roster, waiting, waiting_room, wrapping
from handoffs.models import Conversation, Handoff, Rating, Step, Survey, Team, Turn, WrapUp
from handoffs.snapshots import Author
from handoffs.states import Owner
from handoffs.waiting import Forecast
from handoffs.waiting_room import callbacks, forecasts
from handoffs.wrapped import told_apart

UPDATES = (Turn.Kind.HANDED_OFF, Turn.Kind.CHECK_IN, Turn.Kind.MOVED, Turn.Kind.RETURNED)
PASSES = (Turn.Kind.HANDED_OFF, Turn.Kind.MOVED, Turn.Kind.RETURNED)
MOST_DOTS = 5
MOST_TURNS = 500
# Turns after which there is something to say about the assistant alone.
ANSWERED = 4
# Up to which place each step forward is shown at once, and how much a step is further back.
NEAR, STEP = 20, 1.05


@dataclass(frozen=True)
class Said:
    """A turn as the customer's page shows it: `team` is where a handoff went, `note` its words without what the page says anyway."""

    turn: Turn
    team: str = ""
    note: str = ""
    done: tuple[str, ...] = ()
    upcoming: tuple[str, ...] = ()
    who: str = ""
    shows_name: bool = False

    @property
    def is_update(self) -> bool:
        return self.turn.kind in UPDATES


def scene(conversation: Conversation) -> dict[str, Any]:
    """Everything the parts of the page need."""
    handoff = Handoff.objects.select_related("team", "agent").filter(conversation=conversation).order_by("-created_at").first()
    state = _state(conversation)
    view: dict[str, Any] = {"conversation": conversation, "customer": conversation.customer, "assistant": conversation.answered_by,
                            "handoff": handoff, "state": state, "address": addresses.token(conversation.pk), "brand": settings.BRAND}
    if state == "waiting" and handoff:
        view |= in_line(handoff) | brief.told(handoff.what_to_know) | {"offer": attending.solution(handoff), "calls": handoff.team.callback_limit > 0}
    elif state in ("assistant", "after"):
        view |= usual()
    if state in ("assistant", "after", "closed") and handoff and handoff.agent:
        view |= wrapped_up(handoff)
    elif state in ("assistant", "after") and conversation.last_number >= ANSWERED:
        view |= {"rate_alone": True, "rating": Rating.objects.filter(conversation=conversation).first()}
    view |= called_back(conversation, state)
    view["typist"] = whispers.typist(conversation.agent_id) if state == "agent" else ""
    view["owes_answer"] = state in ("assistant", "after") and conversation.silence_due_at is not None
    return view


def wrapped_up(handoff: Handoff) -> dict[str, Any]:
    """What follows a handoff, part by part, until its deadline; the answers stay."""
    row = WrapUp.objects.filter(handoff=handoff).first()
    over = row is not None and row.ended_at is not None
    parts = {part: not over and wrapping.has(row, part) for part in ("articles", "survey", "callback")}
    survey = Survey.objects.filter(handoff=handoff).first()
    return {"survey": survey, "ask_survey": handoff if parts["survey"] or survey else None, "articles": row.articles if row and parts["articles"] else [],
            "offers_callback": parts["callback"]}


def called_back(conversation: Conversation, state: str) -> dict[str, Any]:
    """The callback that is booked."""
    callback = callbacks.booked(conversation) if state in ("assistant", "after") else None
    return {"booked": callbacks.view(callback), "booked_at": callback.at} if callback else {}


def in_line(handoff: Handoff, look: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The waiting room: the outlook, the place it began at when that was another, and dots, the customer's own the last.

    `look` is how the line looks from there, when that was read already.
    """
    view = {"handoff": handoff, **waiting_room.outlook(handoff, look)}
    place, first = view["place"], max(handoff.first_place, view["place"])
    shown = min(first, MOST_DOTS)
    view["began_at"] = first if from_afar(first) > from_afar(place) else None
    view |= {"served": range(max(0, shown - min(place, shown))), "ahead": range(min(place, shown) - 1)}
    return view


def from_afar(place: int) -> int:
    """The same number for places that need not be told apart: far back, one of five in a hundred is not worth being shown anew."""
    return place if place <= NEAR else NEAR + 1 + int(math.log(place / NEAR) / math.log(STEP))


def usual() -> dict[str, Any]:
    """What somebody who asked for a person now could expect, over all teams that can tell."""
    someone_here = roster.here().exists()
    if not someone_here:
        return {"someone_here": False}
    now, known = clock.now(), [found for team in Team.objects.all() if (found := forecasts.usual(team))]
    lows, highs = [each.low for each in known if each.low is not None], [each.high for each in known if each.high is not None]
    return {"someone_here": True, **waiting.in_words(Forecast(1, min(lows), max(highs), None, now) if lows else None, now)}


def said(conversation: Conversation, after: int = 0) -> list[Said]:
    """The turns after a number, oldest first."""
    turns = list(conversation.turns.select_related("agent").prefetch_related("files").filter(number__gt=after).order_by("-number")[:MOST_TURNS])[::-1]
    if not turns:
        return []
    before = conversation.turns.select_related("agent").filter(number__lt=turns[0].number).order_by("-number").first()
    return list(_told(conversation, turns, before))


def _told(conversation: Conversation, turns: Iterable[Turn], before: Turn | None) -> Iterator[Said]:
    teams, handoffs = _teams(conversation, turns), list(conversation.handoffs.select_related("agent").order_by("created_at"))
    for turn in turns:
        handoff = next((one for one in handoffs[::-1] if one.created_at <= turn.at), None)
        done, upcoming = told_apart(handoff.done if handoff and turn.kind in (Turn.Kind.HANDED_BACK, Turn.Kind.CLOSED) else ())
        same = before is not None and before.author == Author.AGENT == turn.author and before.agent_id == turn.agent_id
        who = handoff.agent.public_name if handoff and handoff.agent else ""
        yield Said(turn, teams.get(turn.number, ""), _note(turn, handoff, conversation), done, upcoming, who, shows_name=not same)
        before = turn


def _teams(conversation: Conversation, turns: Iterable[Turn]) -> dict[int, str]:
    """The public name of the team at each passing: passings and their audit steps come in the same order."""
    if not any(turn.kind in PASSES for turn in turns):
        return {}
    names = dict(Team.objects.values_list("code", "public_name"))
    passes = conversation.turns.filter(kind__in=PASSES).values_list("number", flat=True)
    verbs = ("handed_off", "transferred", "overflowed", "released", "returned")
    steps = Step.objects.filter(handoff__conversation=conversation, verb__in=verbs).order_by("id")
    return {number: names.get(step.detail.get("team", ""), "") for number, step in zip(passes, steps, strict=False)}


def _note(turn: Turn, handoff: Handoff | None, conversation: Conversation) -> str:
    """The words of an update; the waiting room's heading already says why."""
    if turn.kind != Turn.Kind.HANDED_OFF or handoff is None:
        return turn.text
    return turn.text.removeprefix(waiting_room.words("_why", conversation, trigger=handoff.trigger)).strip() or turn.text


def _state(conversation: Conversation) -> str:
    """assistant, waiting, agent, after (handed back, nothing said since) or closed."""
    if conversation.owner == Owner.ASSISTANT:
        return "after" if _just_back(conversation) else "assistant"
    return {Owner.TEAM: "waiting", Owner.AGENT: "agent", Owner.NOBODY: "closed"}[Owner(conversation.owner)]


def _just_back(conversation: Conversation) -> bool:
    since = conversation.assistant_since
    return bool(since) and not conversation.turns.filter(number__gt=since, author=Author.CUSTOMER).exists()
