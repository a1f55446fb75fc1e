"""The waiting room: the place in line, an honest estimate, and a word from us before silence sets in."""

import time
from collections.abc import Collection
from datetime import timedelta
from statistics import median, quantiles
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, DateTimeField, F, IntegerField, OuterRef, Q, QuerySet, Subquery, UUIDField
from django.template.loader import render_to_string
from django.utils import timezone

from handoffs import roster, transitions
from handoffs.models import Agent, Conversation, Handoff, Letter, PolicyVersion, Step, Team, Turn
from handoffs.prepared import Given, Prepared
from handoffs.snapshots import Author
from handoffs.states import State

RECENT_WAITS = 200
TOO_LONG = 20 * 60
FRESH = 1.0  # seconds a team's recent waits are good for
# Steps that say what a customer who waits heard last of who is here; with nobody here, the first follows the others.
NOBODY, OVERFLOWED, CHECKED_IN = "nobody_here", "overflowed", "checked_in"
_team = Given("team", IntegerField())
_ahead = Prepared(
    lambda: Handoff.objects.filter(team=_team, state=State.WAITING, rank_at__lt=Given("rank_at", DateTimeField())).order_by().values("team")
    .annotate(count=Count("pk")).values_list("count")
)
# What waits again after somebody had it was claimed before it began to wait.
_last_claimed = Prepared(
    lambda: Handoff.objects.filter(team=_team, claimed_at__gte=F("waiting_since")).order_by("-claimed_at")[:RECENT_WAITS]
    .values_list("waiting_since", "claimed_at")
)
_reached = Prepared(lambda: Conversation.objects.only("reply_by_email", "page_open_until").filter(pk=Given("conversation", UUIDField())))
_waits: dict[int, tuple[float, list[float]]] = {}


def queue() -> QuerySet[Handoff]:
    """Everything that waits, most urgent first, ready to be shown."""
    waiting_now = Handoff.objects.filter(state=State.WAITING).select_related("team", "offered_to", "conversation__customer")
    return waiting_now.order_by("rank_at", "created_at")


def place(handoff: Handoff) -> int:
    """How many would be served before this one, plus one."""
    ahead = _ahead.first(team=handoff.team_id, rank_at=handoff.rank_at)
    return ahead[0] + 1 if ahead else 1


def estimate(team: Team, samples: int) -> tuple[int, int] | None:
    """Median and 80th percentile of the team's recent waits, in seconds; None with fewer than `samples` of them."""
    waits = _recent_waits(team.pk)
    if len(waits) < max(samples, 2):
        return None
    return round(median(waits)), round(quantiles(waits, n=5, method="inclusive")[-1])


def _recent_waits(team: int) -> list[float]:
    """Seconds, the newest first. Once there are as many as are looked at, they are read at most once in FRESH: one claim more changes little."""
    now, (read_at, waits) = time.monotonic(), _waits.get(team, (-FRESH, []))
    if now - read_at >= FRESH or len(waits) < RECENT_WAITS:
        waits = [(claimed - since).total_seconds() for since, claimed in _last_claimed.all(team=team) if claimed]
        _waits[team] = (now, waits)
    return waits


def in_words(seconds: tuple[int, int] | None) -> dict[str, Any]:
    """An estimate as template variables: whole minutes, rounded up; no minutes at all above 20."""
    if seconds is None:
        return {"low": None, "high": None, "too_long": False}
    low, high = (max(1, -(-value // 60)) for value in seconds)
    return {"low": low, "high": high, "too_long": seconds[1] > TOO_LONG}


def outlook(handoff: Handoff) -> dict[str, Any]:
    """What a waiting customer may know: place, estimate, and whether anyone is here. For templates and pages."""
    policy, someone_here = PolicyVersion.in_force(), roster.is_somebody_in(handoff.team)
    return {
        "place": place(handoff),
        "team": handoff.team.public_name,
        "goal": handoff.goal.rstrip(" .!?…"),
        "email": handoff.conversation.reply_by_email,
        "someone_here": someone_here,
        **({} if someone_here else opening(handoff.team)),
        **in_words(estimate(handoff.team, policy.wait_samples)),
    }


def opening(team: Team) -> dict[str, Any]:
    """When a closed team opens next, as template variables: the local time, how many days ahead, and whose clock; empty while it is open."""
    now, week = timezone.now(), team.opening_hours
    opens = None if week.is_open(now) else week.next_opening(now)
    if opens is None:
        return {}
    region, _, city = str(week.zone).rpartition("/")
    days = (opens.date() - now.astimezone(week.zone).date()).days
    return {"opens": opens.replace(tzinfo=None), "days": days, "clock": city.replace("_", " "), "of_a_city": bool(region)}


def words(name: str, /, **variables: Any) -> str:
    """One message to a customer, from `templates/messages/NAME.txt`."""
    return " ".join(render_to_string(f"messages/{name}.txt", variables, using="text").split())


def stand_in_line(handoff: Handoff, message: str, kind: str, **why: Any) -> Turn:
    """Tell a customer who begins to wait how it stands, and note when nobody is here. Call inside a transaction."""
    view = outlook(handoff)
    Handoff.objects.filter(pk=handoff.pk).update(first_place=view["place"], told_place=view["place"])
    _note_nobody(handoff, view)
    return tell(handoff.conversation, words(message, **why, **view), kind)


def knows_nobody_is_here() -> Subquery:
    """For rows of handoffs: `NOBODY` when that is the last their customer heard of who is here while they wait."""
    told = Step.objects.filter(handoff=OuterRef("pk"), verb__in=[NOBODY, OVERFLOWED, CHECKED_IN], at__gte=OuterRef("waiting_since"))
    return Subquery(told.order_by("-id").values("verb")[:1])


def _note_nobody(handoff: Handoff, view: dict[str, Any]) -> None:
    if not view["someone_here"]:
        opens = view.get("opens")
        transitions.note(handoff, NOBODY, by="baton", detail={"team": handoff.team.code, "opens": opens.isoformat(" ") if opens else ""})


def tell(conversation: Conversation, text: str, kind: str, agent: Agent | None = None) -> Turn:
    """A turn of the waiting room; by e-mail as well when the customer left an address and closed the page."""
    with transaction.atomic(savepoint=False):
        turn = transitions.say(conversation.pk, Author.WAITING_ROOM, text, kind=kind, agent=agent)
        post(turn)
    return turn


def post(turn: Turn) -> Letter | None:
    """Queue the turn as a letter when its customer is away and left an address."""
    conversation = _reached.one(conversation=turn.conversation_id)
    if not conversation.reply_by_email or is_here(conversation):
        return None
    return Letter.objects.create(turn=turn, to=conversation.reply_by_email)


def is_here(conversation: Conversation) -> bool:
    """Whether the customer's page is open."""
    return bool(conversation.page_open_until and conversation.page_open_until > timezone.now())


def page_is_open(conversation: Conversation) -> None:
    pages_are_open([conversation.pk])


def pages_are_open(conversations: Collection[UUID]) -> None:
    """Note that the customers of these conversations have their pages open; one that somebody is writing to is passed over until the next time."""
    with transaction.atomic():
        free = Conversation.objects.filter(pk__in=conversations).select_for_update(skip_locked=True, no_key=True)
        Conversation.objects.filter(pk__in=free.values("pk")).update(page_open_until=timezone.now() + roster.PAGE_LEASE)


def leave_email(conversation: Conversation, email: str) -> None:
    """Keep the place and go on by e-mail once the page is closed."""
    with transaction.atomic():
        Conversation.objects.filter(pk=conversation.pk).update(reply_by_email=email)
        handoff = open_handoff(conversation)
        if handoff:
            transitions.note(handoff, "left_email", by="customer")


def open_handoff(conversation: Conversation) -> Handoff | None:
    return Handoff.objects.select_related("team", "agent", "conversation").filter(conversation=conversation, ended_at__isnull=True).first()


def check_in(handoff: Handoff) -> Turn | None:
    """Say how it stands to a customer whose check-in is due; while nobody is here, that once. Whoever moves the due time says it; nobody says it twice."""
    policy = PolicyVersion.in_force()
    due = timezone.now() + timedelta(seconds=policy.check_in_every)
    with transaction.atomic():
        transitions.lock(handoff.conversation_id)
        rows = Handoff.objects.filter(pk=handoff.pk, state=State.WAITING, due_at=handoff.due_at)
        if not rows.update(due_at=due):
            return None
        view = outlook(handoff)
        if not view["someone_here"] and Handoff.objects.filter(pk=handoff.pk).annotate(told=knows_nobody_is_here()).filter(told=NOBODY).exists():
            return None
        moved_up, late = view["place"] < handoff.told_place, timezone.now() > handoff.promise_due_at and not _heard_sorry(handoff)
        text = words("check_in", moved_up=moved_up, late=late, count=handoff.check_ins, **view)
        Handoff.objects.filter(pk=handoff.pk).update(told_place=view["place"], check_ins=F("check_ins") + 1)
        turn = tell(handoff.conversation, text, Turn.Kind.CHECK_IN)
        transitions.note(handoff, CHECKED_IN, by="baton", detail={"place": view["place"], "turn": turn.number})
        _note_nobody(handoff, view)
    return turn


def _heard_sorry(handoff: Handoff) -> bool:
    """Whether this wait was apologised for: by an alarm, or by the first check-in after the promise was broken."""
    said = Step.objects.filter(handoff=handoff, at__gte=handoff.waiting_since)
    return said.filter(Q(verb="alarmed") | Q(verb=CHECKED_IN, at__gt=handoff.promise_due_at)).exists()
