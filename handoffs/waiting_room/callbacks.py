"""Callbacks: a time in a team's opening hours, kept for one customer, who may move it or take it back."""

import re
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, QuerySet

from handoffs import clock, hours, transitions
from handoffs.models import Callback, Conversation, Handoff, PolicyVersion, Team, Turn
from handoffs.states import Owner, State
from handoffs.transitions import Stale
from handoffs.waiting_room.leaving import BOOKED, leave_line
from handoffs.waiting_room.slots import is_slot, offered
from handoffs.waiting_room.telling import reach_again, tell, words

PHONE = re.compile(r"\+?[\d\s().\-/]{6,30}")
LEAST_DIGITS, MOST_DIGITS = 6, 15


class Unfit(Exception):
    """This time cannot be had, or nobody could be reached at it; `why` is past, outside, full, reach, phone, none or person."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def booked(conversation: Conversation) -> Callback | None:
    return Callback.objects.select_related("team").filter(conversation=conversation, state=Callback.State.BOOKED).first()


def times(team: Team) -> list[datetime]:
    """The times that can still be had, as moments in UTC."""
    now, every = clock.now(), timedelta(minutes=team.callback_every or 30)
    if not team.callback_limit:
        return []
    moments = offered(team.opening_hours, now, every)
    taken = Counter(_taken(team).filter(at__gt=now).values_list("at", flat=True))
    return [moment for moment in moments if taken[moment] < team.callback_limit]


def choices(team: Team, own: Callback | None) -> list[datetime]:
    """The times a customer can choose among: their own is theirs until it comes, whatever else there is."""
    kept = {own.at} if own and own.at > clock.now() else set()
    return sorted({*times(team), *kept})


def team_for(conversation: Conversation) -> Team:
    """Who would call: the team it waits with, else that of its last handoff, else the general one."""
    if conversation.owner == Owner.TEAM and conversation.team:
        return conversation.team
    last = Handoff.objects.select_related("team").filter(conversation=conversation).order_by("-created_at").first()
    return last.team if last else Team.objects.order_by("-general", "pk")[0]


def book(conversation: Conversation, at: datetime, *, phone: str = "", email: str = "", zone: str = "") -> Callback:
    """Keep this time for the customer; who waits leaves the line for it and keeps their place. One booked before is moved; the same again does nothing.

    Raises Unfit, and Stale when a person has them or it is closed.
    """
    phone, zone = _phone(phone or conversation.reply_by_phone), str(hours.named(zone) or "")
    if not (phone or email or _works(conversation)):
        raise Unfit("reach")
    with transaction.atomic():
        transitions.lock(conversation.pk)
        now = Conversation.objects.select_related("team", "answered_by").get(pk=conversation.pk)
        if now.owner not in (Owner.TEAM, Owner.ASSISTANT):
            raise Stale(now, "a person has this conversation, or it is closed")
        before = booked(now)
        if before and now.owner == Owner.ASSISTANT and before.at == at and phone in ("", before.phone) and email in ("", _works(now)):
            return before
        team = before.team if before else team_for(now)
        _keep_free(team, at, before)
        _reach(now, phone, email, zone)
        return _move(before, at, phone, zone) if before else _book(now, team, at, phone, zone)


def cancel(conversation: Conversation) -> bool:
    """The customer takes it back; False when there was none."""
    with transaction.atomic():
        transitions.lock(conversation.pk)
        callback = booked(conversation)
        if callback is None or not _open(callback).update(state=Callback.State.CANCELLED, due_at=None):
            return False
        tell(conversation, words("unbooked", conversation, **view(callback)), Turn.Kind.NOTICE)
    return True


def remind(callback: Callback) -> bool:
    """Say that it is about to be; whoever moves the due time says it, of how it stands by then."""
    with transaction.atomic():
        transitions.lock(callback.conversation_id)
        if not _open(callback).filter(due_at=callback.due_at).update(due_at=F("at"), reminded_at=clock.now()):
            return False
        now = Callback.objects.select_related("team", "conversation__answered_by", "conversation__customer").get(pk=callback.pk)
        tell(now.conversation, words("reminder", now.conversation, **view(now)), Turn.Kind.NOTICE)
    return True


def view(callback: Callback) -> dict[str, Any]:
    """As template variables: the time by the customer's own clock where that is known, else by the team's."""
    zone = callback.time_zone or str(callback.team.opening_hours.zone)
    at, team = callback.at.astimezone(ZoneInfo(zone)).replace(tzinfo=None), callback.team
    return {"at": at, "zone": zone.replace("_", " "), "team": team.public_name, "phone": callback.phone, "email": callback.conversation.reply_by_email,
            "moved": callback.moved, "tone": team.tone}


def _book(conversation: Conversation, team: Team, at: datetime, phone: str, zone: str) -> Callback:
    callback = Callback(conversation=conversation, team=team, at=at, phone=phone, time_zone=zone, due_at=_due(at))
    callback.save()
    return _confirm(callback, moved=False)


def _move(callback: Callback, at: datetime, phone: str, zone: str) -> Callback:
    moved = at != callback.at
    # Of the same time they were reminded already, or will be.
    due: dict[str, Any] = {"at": at, "due_at": _due(at), "reminded_at": None} if moved else {}
    _open(callback).update(phone=phone or callback.phone, time_zone=zone or callback.time_zone, moved=F("moved") + 1, **due)
    callback.refresh_from_db()
    return _confirm(callback, moved=moved)


def _confirm(callback: Callback, *, moved: bool) -> Callback:
    """Tell the customer; who waits leaves the line for it, and of two places the better one is kept."""
    conversation, said = callback.conversation, {**view(callback), "moved": moved}
    waiting = Handoff.objects.select_related("team", "conversation__answered_by").filter(conversation=conversation, state=State.WAITING).first()
    if waiting is None:
        tell(conversation, words(BOOKED, conversation, assistant=conversation.answered_by.name, **said), Turn.Kind.BOOKED)
        return callback
    if callback.asked_in is None or waiting.rank_at < callback.asked_in.rank_at:
        callback.asked_in = waiting
        callback.save(update_fields=["asked_in"])
    leave_line(waiting, State.HANDED_BACK, BOOKED, Turn.Kind.BOOKED, **said)
    return callback


def _keep_free(team: Team, at: datetime, before: Callback | None) -> None:
    """Raises Unfit unless the time is theirs already or has room. The team's row is held, so that two who ask at once are counted one after the other."""
    now, every = clock.now(), timedelta(minutes=team.callback_every or 30)
    if at <= now:
        raise Unfit("past")
    if before and before.at == at:
        return
    if not team.callback_limit:
        raise Unfit("none")
    if not is_slot(team.opening_hours, now, every, at):
        raise Unfit("outside")
    Team.objects.filter(pk=team.pk).update(callback_limit=F("callback_limit"))
    if _taken(team).filter(at=at).count() >= team.callback_limit:
        raise Unfit("full")


def _taken(team: Team) -> QuerySet[Callback]:
    return Callback.objects.filter(team=team, state=Callback.State.BOOKED)


def _open(callback: Callback) -> QuerySet[Callback]:
    return Callback.objects.filter(pk=callback.pk, state=Callback.State.BOOKED)


def _due(at: datetime) -> datetime:
    return at - timedelta(seconds=PolicyVersion.in_force().remind_before)


def _works(conversation: Conversation) -> str:
    """The address they left, unless it turned out that nothing arrives there."""
    return "" if conversation.reply_failed_at else conversation.reply_by_email


def _reach(conversation: Conversation, phone: str, email: str, zone: str) -> None:
    given = {"reply_by_phone": phone, "reply_by_email": email, "time_zone": zone}
    Conversation.objects.filter(pk=conversation.pk).update(**{name: value for name, value in given.items() if value})
    if email:
        reach_again(conversation)
    conversation.refresh_from_db()


def _phone(text: str) -> str:
    """A number people can dial, as it was typed. Raises Unfit for anything else."""
    plain = " ".join(text.split())
    digits = sum(character.isdigit() for character in plain)
    if plain and not (PHONE.fullmatch(plain) and LEAST_DIGITS <= digits <= MOST_DIGITS):
        raise Unfit("phone")
    return plain
