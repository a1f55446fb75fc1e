"""What a waiting customer may do besides waiting: a callback, back to the assistant, no more need of us, or a yes to the assistant's offer."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from itertools import groupby

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from console.views import fields
from console.views.addressed import addressed, done, refused
from console.views.lonely import LONELY
from handoffs import addresses, attending, handback, waiting_room
from handoffs.models import Callback, Conversation
from handoffs.transitions import Stale
from handoffs.waiting_room import callbacks
from handoffs.waiting_room.calendar import ics

# What is wrong with a callback: the word for it and the status.
UNFIT = {"past": ("past", 422), "outside": ("outside", 422), "full": ("full", 409), "reach": ("reach", 422), "phone": ("phone", 422), "none": ("outside", 422)}


@require_http_methods(["GET", "HEAD", "POST"])
@addressed
def callback(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """A page with the times that can be had; there one is booked, moved or cancelled."""
    if request.method != "POST":
        return _choose(request, conversation)
    if "cancel" in request.POST:
        callbacks.cancel(conversation)
        return done(request, conversation, "booked")
    at, phone, email = _moment(fields.words(request, "at")), fields.words(request, "phone")[:32], fields.words(request, "email")[:254]
    if at is None:
        return _choose(request, conversation, "outside", 422)
    if email and not _is_email(email):
        return _choose(request, conversation, "email", 422)
    try:
        callbacks.book(conversation, at, phone=phone, email=email, zone=fields.words(request, "zone")[:64])
    except callbacks.Unfit as unfit:
        return _choose(request, conversation, *UNFIT[unfit.why])
    except Stale:
        return refused(request, conversation, "joined", 409)
    return done(request, conversation, "booked")


@require_POST
@addressed
def leave(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """Out of line: back to the assistant, or no more need of us."""
    return _out(request, conversation, partial(waiting_room.withdraw if "withdraw" in request.POST else waiting_room.go_back, conversation))


@require_POST
@addressed
def answer(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """The customer's yes or no to what the assistant offers as the solution."""
    number = fields.number(request.POST, "turn") or 0
    if "yes" in request.POST:
        return _out(request, conversation, partial(attending.solve, conversation, number))
    attending.keep_waiting(conversation, number)
    return done(request, conversation, "room")


@require_POST
@addressed
def rate(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """How the assistant alone did."""
    help_ = fields.number(request.POST, "help") or 0
    if help_ not in range(1, 6):
        return refused(request, conversation, "rating", 422)
    handback.rate_assistant(conversation, help_)
    return done(request, conversation, "after")


@require_safe
@addressed
def calendar(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """The booked callback as a file for the customer's own calendar."""
    rows = Callback.objects.select_related("team", "conversation").filter(conversation=conversation).order_by("-pk")
    if (newest := rows.first()) is None:
        raise Http404
    disposition = 'attachment; filename="callback.ics"'
    return HttpResponse(ics(newest, settings.BRAND), content_type="text/calendar; charset=utf-8", headers={"Content-Disposition": disposition})


def _out(request: HttpRequest, conversation: Conversation, go: Callable[[], object]) -> HttpResponse:
    """Out of line, unless a person has come in the meantime."""
    try:
        go()
    except Stale:
        return refused(request, conversation, "joined", 409)
    return done(request, conversation, "after")


def _choose(request: HttpRequest, conversation: Conversation, why: str = "", status: int = 200) -> HttpResponse:
    """The times by the team's own days; what was typed stays, and what is booked until another time is chosen."""
    booked = callbacks.booked(conversation)
    team = booked.team if booked else callbacks.team_for(conversation)
    zone, moments, typed = team.opening_hours.zone, callbacks.choices(team, booked), _moment(fields.words(request, "at"))
    local = [(moment, moment.astimezone(zone).replace(tzinfo=None)) for moment in moments]
    view = {"conversation": conversation, "token": addresses.token(conversation.pk), "team": team, "zone": str(zone).replace("_", " "),
            "days": [(day, list(times)) for day, times in groupby(local, key=lambda each: each[1].date())],
            "chosen": typed if typed in moments else booked and booked.at,
            "booked": callbacks.view(booked) if booked else None, "why": why, "typed": request.POST}
    return render(request, "customer/callback.html", {**LONELY, **view}, status=status)


def _moment(text: str) -> datetime | None:
    """A moment with its offset; nothing for a clock time that belongs nowhere."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
