"""The customer's page: reached by its signed address, no log-in, works without scripts."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from console.scene import said, scene
from console.streams.customer import updates
from console.views import fields
from console.views.common import see_other
from console.views.framing import for_customers
from handoffs import addresses, conversations, corrections, handback, tongue, turns, waiting_room
from handoffs.briefing.putting_right import Fix, Wrong
from handoffs.models import Conversation, Handoff, Survey
from handoffs.snapshots import LONGEST_TEXT
from handoffs.transitions import Forbidden, Stale

# The address is the key to the conversation. "same-origin" keeps it from other sites; with "no-referrer" browsers would also hide
# the origin of the page's own forms ("Origin: null"), and those would be refused as forged.
PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex, nofollow"}

LONELY = {"brand": settings.BRAND, "origins": " ".join(settings.WIDGET_ORIGINS)}
MOST_TOLD = 50  # fields of one form
View = Callable[..., HttpResponse]


class Rating(forms.Form):
    repeated = forms.ChoiceField(choices=Survey.Repeated.choices, required=False)
    help = forms.IntegerField(min_value=1, max_value=5, required=False)


class Address(forms.Form):
    email = forms.EmailField(max_length=254)


class Start(forms.Form):
    name = forms.CharField(max_length=200, required=False)
    email = forms.EmailField(max_length=254, required=False)


def addressed(view: View) -> View:
    """Give the view the conversation its address names, or answer with a page that says what to do."""

    @for_customers
    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponse:
        try:
            found = Conversation.objects.select_related("customer", "assistant", "answered_by", "team", "agent").filter(pk=addresses.read(token)).first()
        except BadSignature:
            return _private(render(request, "customer/bad_address.html", LONELY, status=403))
        if found is None:
            return _private(render(request, "customer/gone.html", LONELY, status=404))
        with tongue.speaking(_asked(request, found)):
            return _private(view(request, found))

    return opened


def _asked(request: HttpRequest, conversation: Conversation) -> Conversation:
    """The conversation, with the language its customer's browser asked for first: workers speak to them, too."""
    if not conversation.browser_language:
        conversation.browser_language = translation.get_language()
        Conversation.objects.filter(pk=conversation.pk).update(browser_language=conversation.browser_language)
    return conversation


@require_safe
@addressed
def page(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    waiting_room.page_is_open(conversation)
    return _page(request, conversation)


@require_POST
@addressed
def say(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    text, client_id = fields.words(request, "text"), fields.words(request, "client_id")[:100]
    if not fields.fits(text):
        return _refused(request, conversation, "too_long", 413, text=text)
    if not text:
        return _done(request, conversation)
    try:
        turns.take(conversation, text, client_id=client_id)
    except Forbidden:
        return _refused(request, conversation, "closed", 409, text=text)
    return _done(request, conversation)


@require_POST
@addressed
def speak(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """The customer chooses the language; what they were writing stays in the box."""
    if language := tongue.offered(fields.words(request, "language")):
        conversations.speak(conversation, language)
    with tongue.speaking(conversation):
        return _page(request, conversation, typed={"text": fields.words(request, "text")})


@require_POST
@addressed
def ask(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    try:
        turns.ask_for_person(conversation)
    except Forbidden:
        return _refused(request, conversation, "closed", 409)
    return _done(request, conversation, "room")


@require_POST
@addressed
def leave_email(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    form = Address(request.POST)
    if not form.is_valid():
        return _refused(request, conversation, "email", 422, email=request.POST.get("email", ""))
    waiting_room.leave_email(conversation, form.cleaned_data["email"])
    return _done(request, conversation, "room")


@require_POST
@addressed
def put_right(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """The customer puts right what the team was told of them: every value that is not as it was shown."""
    handoff = waiting_room.open_handoff(conversation)
    if handoff is None:
        return _refused(request, conversation, "closed", 409)
    try:
        for fix in _fixes(request):
            corrections.by_customer(handoff, fix)
    except Wrong:
        return _refused(request, conversation, "told", 422)
    except Stale:
        return _refused(request, conversation, "moved", 409)
    except Forbidden:
        return _refused(request, conversation, "enough", 429)
    return _done(request, conversation, "told")


def _fixes(request: HttpRequest) -> list[Fix]:
    """The fields of the form: `name-N` (none: the need), `before-N`, `after-N`."""
    rows = [name.removeprefix("after-") for name in request.POST if name.startswith("after-")][:MOST_TOLD]
    values = [(fields.words(request, f"name-{row}"), fields.words(request, f"before-{row}"), fields.words(request, f"after-{row}")) for row in rows]
    return [Fix("fact" if name else "goal", after, name, before) for name, before, after in values if after != before]


@require_POST
@addressed
def survey(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    handoff = Handoff.objects.filter(conversation=conversation, ended_at__isnull=False, agent__isnull=False).order_by("-created_at").first()
    form = Rating(request.POST)
    if handoff is None or not form.is_valid():
        return _refused(request, conversation, "survey", 422)
    skipped = "skip" in request.POST
    if not skipped and not any(form.cleaned_data.values()):
        return _refused(request, conversation, "survey", 422)
    handback.rate(handoff, **({} if skipped else form.cleaned_data))
    return _done(request, conversation, "after")


@require_POST
@addressed
def seen(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    conversations.see(conversation, fields.number(request.POST, "number") or 0)
    return HttpResponse(status=204)


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def chat_new(request: HttpRequest) -> HttpResponse:
    """A page with one button that starts a conversation with the built-in assistant."""
    form = Start(request.POST if request.method == "POST" else None, initial={"team": request.GET.get("team", "")})
    if form.is_bound and form.is_valid():
        conversation = conversations.begin(**form.cleaned_data, language=translation.get_language(), team=fields.words(request, "team")[:50])
        return _private(see_other("customer", addresses.token(conversation.pk)))
    status = 422 if form.is_bound else 200
    view = {**LONELY, "form": form, "team": request.GET.get("team", ""), "assistant": conversations.front_desk().name}
    return render(request, "customer/new.html", view, status=status)


def _page(request: HttpRequest, conversation: Conversation, status: int = 200, **extra: Any) -> HttpResponse:
    talk = said(conversation)
    view = {**scene(conversation), "turns": talk, "updates": updates(talk), "token": addresses.token(conversation.pk),
            "last_number": talk[-1].turn.number if talk else 0, "client_id": uuid4(), "text_limit": LONGEST_TEXT, "origins": LONELY["origins"], **extra}
    return render(request, "customer/page.html", view, status=status)


def _done(request: HttpRequest, conversation: Conversation, anchor: str = "") -> HttpResponse:
    """To a script the news comes over its socket; a browser without scripts is sent to the page."""
    if _by_script(request):
        return HttpResponse(status=204)
    return see_other(reverse("customer", args=[addresses.token(conversation.pk)]) + (f"#{anchor}" if anchor else ""))


def _refused(request: HttpRequest, conversation: Conversation, why: str, status: int, **typed: str) -> HttpResponse:
    """Say why, and keep what was typed."""
    if _by_script(request):
        return HttpResponse(render_to_string("customer/_partials/refused.txt", {"why": why}).strip(), content_type="text/plain; charset=utf-8", status=status)
    conversation.refresh_from_db()
    return _page(request, conversation, status=status, refused=why, typed=typed)


def _by_script(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _private(response: HttpResponse) -> HttpResponse:
    for name, value in PRIVATE.items():
        response[name] = value
    return response
