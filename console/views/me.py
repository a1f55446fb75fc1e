"""The agent's own page: their keys, tones, notifications and how they send."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from console import keys, preferences
from console.preferences import SWITCHES, Preferences
from console.views import fields
from console.views.common import act, agent_of, page, panels, see_other


@page
def show(request: HttpRequest) -> HttpResponse:
    return _page(request, preferences.of(agent_of(request)), saved="saved" in request.GET)


@act
def save(request: HttpRequest) -> HttpResponse:
    """Keep all of it; keys that cannot be come back with words beside them, and nothing typed is lost."""
    switches = {name: name in request.POST for name in SWITCHES}
    typed = {name: request.POST.get(f"key.{name}", "") for name in keys.BY_NAME if f"key.{name}" in request.POST}
    try:
        preferences.save(agent_of(request), switches, typed)
    except preferences.Unfit as unfit:
        return _page(request, Preferences(typed, switches), unfit.errors, status=422)
    return _saved()


@act
def reset(request: HttpRequest) -> HttpResponse:
    """All keys as they came; everything else stays."""
    preferences.reset_keys(agent_of(request))
    return _saved()


@act
def switch(request: HttpRequest) -> HttpResponse:
    """One switch alone, as a key of the page turns it."""
    name = fields.words(request, "name")
    if name in SWITCHES:
        preferences.switch(agent_of(request), name, bool(fields.words(request, "on")))
    return HttpResponse(status=204 if name in SWITCHES else 400)


def _saved() -> HttpResponse:
    response = see_other("me")
    response["Location"] += "?saved"
    return response


def _page(request: HttpRequest, shown: Preferences, errors: Mapping[str, str] | None = None, *, saved: bool = False, status: int = 200) -> HttpResponse:
    now = keys.all_keys(shown.keys)
    rows = [(group, [{"action": action, "key": keys.shown(now[action.name]), "wrong": (errors or {}).get(action.name, "")} for action in members])
            for group, members in keys.grouped(agent_of(request).is_supervisor)]
    view = {"section": "me", "rows": rows, "switches": shown.switches, "errors": errors, "saved": saved, "changed": shown.keys,
            "panels": panels(request, with_queue=False)}
    return render(request, "console/me.html", view, status=status)
