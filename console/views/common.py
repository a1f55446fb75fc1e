"""What every page of the console shares: who asks, the live panels around it, and words for acts that were refused."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render, resolve_url
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from console import permissions
from console.streams.base import Stream
from console.streams.calls import Calls
from console.streams.queue import Queue
from console.streams.tray import Tray
from handoffs import passing, roster
from handoffs.models import Agent, Conversation, Handoff, Team
from handoffs.states import Owner
from handoffs.transitions import Forbidden, Stale

View = Callable[..., HttpResponseBase]


def agent_of(request: HttpRequest) -> Agent:
    if not isinstance(request.user, Agent):
        raise TypeError("a page for agents was opened without signing in")
    return request.user


def page(view: View) -> View:
    """A page for signed-in agents."""
    shown: View = require_safe(_for_agents(view))
    shown.is_page = True  # type: ignore[attr-defined]
    return shown


def act(view: View) -> View:
    """Something an agent does, by POST: what is refused becomes words, never an error page without a way on."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Stale as stale:
            return refused(request, str(stale), 409, stale.conversation)
        except Forbidden as forbidden:
            return refused(request, str(forbidden), 403)

    return require_POST(_for_agents(wrapper))


def _for_agents(view: View) -> View:
    """Each request is a sign of life, and what the agent may not see does not exist."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        roster.renew(agent_of(request))
        try:
            return view(request, *args, **kwargs)
        except permissions.NotFound:
            raise Http404 from None

    return never_cache(login_required(wrapper))


def refused(request: HttpRequest, words: str, status: int, conversation: Conversation | None = None) -> HttpResponse:
    """Say what was refused and who has the conversation now; scripts get the same words as JSON."""
    owner = owner_words(conversation, agent_of(request)) if conversation else ""
    if asked_by_script(request):
        return JsonResponse({"title": words, "owner": owner}, status=status)
    return render(request, "console/refused.html", {"problem": words, "owner": owner, "section": "queue", "panels": panels(request)}, status=status)


def owner_words(conversation: Conversation, reader: Agent) -> str:
    """Who has the conversation now, in a sentence."""
    if conversation.owner == Owner.AGENT and conversation.agent:
        return "It is with you." if conversation.agent_id == reader.pk else f"{conversation.agent.public_name} has it now."
    if conversation.owner == Owner.TEAM and conversation.team:
        return f"It waits with {conversation.team.name}."
    return "The assistant has it now." if conversation.owner == Owner.ASSISTANT else "It is closed."


def asked_by_script(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def see_other(to: str, *args: Any) -> HttpResponseRedirect:
    return HttpResponseRedirect(resolve_url(to, *args), status=303)


def back_to(request: HttpRequest, address: str) -> HttpResponseRedirect:
    """To a page of ours, otherwise to the queue: nothing foreign is opened, and nothing that takes acts alone."""
    is_ours = url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()})
    try:
        view = resolve(urlsplit(address).path).func if is_ours else None
    except Resolver404:
        view = None
    return see_other(address if hasattr(view, "is_page") else "queue")


def is_framed(request: HttpRequest) -> bool:
    """Whether the page is shown beside another one, in a frame; browsers say so only where the connection is safe."""
    return request.headers.get("Sec-Fetch-Dest") == "iframe" or "framed" in request.GET


def find(request: HttpRequest, key: object) -> Handoff:
    """The handoff of the address, if the agent may see it."""
    return permissions.handoff(agent_of(request), key)


def panels(request: HttpRequest, *more: Stream, after: int = 0, with_queue: bool = True) -> dict[str, Any]:
    """The live panels around every page: the queue and the tray, what the socket is asked for, and the teams to choose among."""
    agent = agent_of(request)
    queue, tray, calls = Queue.of(agent), Tray(str(agent.pk)), Calls(str(agent.pk))
    own = list(agent.teams.all())
    teams = list(Team.objects.all()) if agent.is_supervisor else own
    return {
        "queue": queue.parts(),
        "tray": tray.parts(),
        "calls": calls.parts(),
        # Pages without these columns have them out of sight: what comes is heard, counted and a key away everywhere.
        "hidden": not with_queue,
        "names": ",".join(stream.name for stream in (*(() if is_framed(request) else (queue, tray, calls)), *more)),
        "after": after,
        "teams": teams,
        "own": " ".join(team.code for team in own),
        "all": " ".join(team.code for team in teams),
        "undoable": passing.undoable(agent),
    }
