"""Finding conversations by their words, among those the agent may see."""

from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from console import permissions
from console.views import fields
from console.views.common import agent_of, page, panels
from handoffs import search
from handoffs.models import Handoff
from handoffs.search.phrases import phrases
from handoffs.states import State

STATES = {
    "waiting": ("Waiting", (State.WAITING,)),
    "with": ("With an agent", (State.CLAIMED, State.PASSING, State.RESOLVED)),
    "over": ("Over", (State.HANDED_BACK, State.CLOSED)),
}
FILTERS = ("mine", "team", "state", "since")
LONGEST_SHOWN = 500


@page
def show(request: HttpRequest) -> HttpResponse:
    asked = {name: request.GET.get(name, "").replace("\x00", "").strip()[:LONGEST_SHOWN] for name in ("q", *FILTERS)}
    is_asked = bool(phrases(asked["q"])) or any(asked[name] for name in FILTERS)
    found = search.find(_among(request, asked), asked["q"], after=request.GET.get("after", "")) if is_asked else None
    more = urlencode({**{name: value for name, value in asked.items() if value}, "after": found.after}) if found and found.after else ""
    view = {"section": "search", "asked": asked, "found": found, "more": more, "states": {code: label for code, (label, _) in STATES.items()},
            "filtered": any(asked[name] for name in FILTERS), "goes_on": "after" in request.GET, "panels": panels(request, with_queue=False)}
    return render(request, "console/search.html", view)


def _among(request: HttpRequest, asked: dict[str, str]) -> QuerySet[Handoff]:
    """What the agent may see, as far as the filters let it through."""
    agent = agent_of(request)
    rows = permissions.handoffs_of(agent)
    if asked["mine"]:
        rows = rows.filter(agent=agent)
    if asked["team"]:
        rows = rows.filter(team__code=asked["team"])
    if asked["state"] in STATES:
        rows = rows.filter(state__in=STATES[asked["state"]][1])
    since = fields.day(request.GET, "since")
    return rows.filter(created_at__gte=since) if since else rows
