"""The customer's page: reached by its signed address, no log-in, works without scripts."""


from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from console.views import fields
from console.views.addressed import addressed, done, refused, shown
from console.views.common import see_other
from console.views.framing import for_customers
from console.views.lonely import LONELY, private
from handoffs import addresses, conversations, corrections, crowding, handback, tongue, turns, waiting_room
from handoffs.briefing.putting_right import Fix, Wrong
from handoffs.models import Conversation, Handoff, Survey
from handoffs.transitions import Forbidden, Stale

MOST_TOLD = 50  # fields of one form


class Rating(forms.Form):
    repeated = forms.ChoiceField(choices=Survey.Repeated.choices, required=False)
    help = forms.IntegerField(min_value=1, max_value=5, required=False)


class Address(forms.Form):
    email = forms.EmailField(max_length=254)


class Start(forms.Form):
    name = forms.CharField(max_length=200, required=False)
    email = forms.EmailField(max_length=254, required=False)


@require_safe
@addressed
def page(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    waiting_room.page_is_open(conversation)
    return shown(request, conversation)


@require_POST
@addressed
def say(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    text, client_id = fields.words(request, "text"), fields.words(request, "client_id")[:100]
    if not fields.fits(text):
        return refused(request, conversation, "too_long", 413, text=text)
    if not text:
        return done(request, conversation)
    try:
        (crowding.hold if crowding.is_crowded(conversation) else turns.take)(conversation, text, client_id=client_id)
    except Forbidden:
        return refused(request, conversation, "closed", 409, text=text)
    return done(request, conversation)


@require_POST
@addressed
def speak(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """The customer chooses the language; what they were writing stays in the box."""
    if language := tongue.offered(fields.words(request, "language")):
        conversations.speak(conversation, language)
    with tongue.speaking(conversation):
        return shown(request, conversation, typed={"text": fields.words(request, "text")})


@require_POST
@addressed
def ask(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    try:
        turns.ask_for_person(conversation)
    except Forbidden:
        return refused(request, conversation, "closed", 409)
    return done(request, conversation, "room")


@require_POST
@addressed
def leave_email(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    form = Address(request.POST)
    if not form.is_valid():
        return refused(request, conversation, "email", 422, email=request.POST.get("email", ""))
    waiting_room.leave_email(conversation, form.cleaned_data["email"])
    return done(request, conversation, "room")


@require_POST
@addressed
def put_right(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """The customer puts right what the team was told of them: every value that is not as it was shown."""
    handoff = waiting_room.open_handoff(conversation)
    if handoff is None:
        return refused(request, conversation, "closed", 409)
    try:
        for fix in _fixes(request):
            corrections.by_customer(handoff, fix)
    except Wrong:
        return refused(request, conversation, "told", 422)
    except Stale:
        return refused(request, conversation, "moved", 409)
    except Forbidden:
        return refused(request, conversation, "enough", 429)
    return done(request, conversation, "told")


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
        return refused(request, conversation, "survey", 422)
    skipped = "skip" in request.POST
    if not skipped and not any(form.cleaned_data.values()):
        return refused(request, conversation, "survey", 422)
    handback.rate(handoff, **({} if skipped else form.cleaned_data))
    return done(request, conversation, "after")


@require_POST
@addressed
def seen(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    conversations.see(conversation, fields.number(request.POST, "number") or 0, zone=fields.words(request, "zone")[:64])
    return HttpResponse(status=204)


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def chat_new(request: HttpRequest) -> HttpResponse:
    """A page with one button that starts a conversation with the built-in assistant."""
    form = Start(request.POST if request.method == "POST" else None, initial={"team": request.GET.get("team", "")})
    if form.is_bound and form.is_valid():
        conversation = conversations.begin(**form.cleaned_data, language=translation.get_language(), team=fields.words(request, "team")[:50])
        return private(see_other("customer", addresses.token(conversation.pk)))
    status = 422 if form.is_bound else 200
    view = {**LONELY, "form": form, "team": request.GET.get("team", ""), "assistant": conversations.front_desk().name}
    return render(request, "customer/new.html", view, status=status)
