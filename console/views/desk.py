"""The desk: one handoff before and after claiming, and everything an agent does with it."""

from collections.abc import Callable
from functools import partial
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from console import transcript
from console.streams.desk import Desk, context_of
from console.views import beside, fields
from console.views.common import act, agent_of, asked_by_script, back_to, find, owner_words, page, panels, refused, see_other
from handoffs import copilot, files, lookups, passing, receiving, repeats, snoozing, unanswered
from handoffs.models import Agent, Handoff, Step, Team
from handoffs.states import State
from handoffs.transitions import Forbidden, Stale

LONGEST_NOTE = 4000


@page
@beside.may_be_framed
def show(request: HttpRequest, key: UUID) -> HttpResponse:
    return _desk(request, find(request, key))


@act
def claim(request: HttpRequest, key: UUID) -> HttpResponse:
    handoff = find(request, key)
    try:
        receiving.claim(handoff, agent_of(request))
    except (Stale, Forbidden) as refusal:
        status = 409 if isinstance(refusal, Stale) else 403
        return _desk(request, find(request, key), problem=str(refusal), status=status)
    return see_other("desk", handoff.pk)


@act
def say(request: HttpRequest, key: UUID) -> HttpResponse:
    """Send a message. A repeat of `client_id` is sent once; the page reads the turn from its stream."""
    handoff, text = find(request, key), fields.words(request, "text")
    if not text or not fields.fits(text):
        return refused(request, "Write something first" if not text else "This is too long to send at once", 400)
    turn = receiving.say(handoff, agent_of(request), text, client_id=fields.words(request, "client_id")[:100], draft=fields.number(request.POST, "draft"),
                         warned=fields.several(request, "warned"), excused=fields.several(request, "excused"))
    return JsonResponse({"number": turn.number}, status=201) if asked_by_script(request) else see_other("desk", handoff.pk)


@act
def check(request: HttpRequest, key: UUID) -> HttpResponse:
    """What the agent is writing asks for that is known already, as lines above the composer; nothing (204) when it asks for none of it."""
    handoff, text = find(request, key), fields.words(request, "text")
    if handoff.state != State.CLAIMED or handoff.agent_id != agent_of(request).pk:
        raise Forbidden("this conversation is not with you")
    if not fields.fits(text):
        return refused(request, "This is too long to send at once", 400)
    found = repeats.of(handoff, text)[: repeats.MOST_SHOWN] if text else ()
    return render(request, "console/_partials/repeats.html", {"found": found}) if found else HttpResponse(status=204)


@act
def note(request: HttpRequest, key: UUID) -> HttpResponse:
    handoff, text = find(request, key), fields.words(request, "text")
    if text:
        receiving.note(handoff, agent_of(request), text[:LONGEST_NOTE], client_id=fields.words(request, "client_id")[:100])
    return JsonResponse({}, status=201) if asked_by_script(request) else see_other("desk", handoff.pk)


@act
def reject_draft(request: HttpRequest, key: UUID) -> HttpResponse:
    """The copilot's draft is of no use; why is a note for the team."""
    why = fields.words(request, "why")[:LONGEST_NOTE]
    copilot.reject(find(request, key), agent_of(request), fields.number(request.POST, "draft") or 0, why=why)
    return see_other("desk", key)


@act
def transfer(request: HttpRequest, key: UUID) -> HttpResponse:
    """Pass it on to another team; from the wall as a supervisor as well."""
    handoff, agent = find(request, key), agent_of(request)
    team = Team.objects.filter(code=fields.words(request, "team")).first()
    if team is None:
        raise Forbidden("choose a team first")
    passing.transfer(handoff, agent, team, note=fields.words(request, "note")[:LONGEST_NOTE], seen=fields.number(request.GET, "seen"))
    return see_other("wall" if request.GET.get("from") == "wall" and agent.is_supervisor else "queue")


@act
def release(request: HttpRequest, key: UUID) -> HttpResponse:
    handoff = find(request, key)
    receiving.release(handoff, agent_of(request), note=fields.words(request, "note")[:LONGEST_NOTE], seen=fields.number(request.GET, "seen"))
    return see_other("queue")


@act
def take_from(request: HttpRequest, key: UUID) -> HttpResponse:
    """A supervisor gives what its agent does not answer to somebody else."""
    receiving.take_from(find(request, key), agent_of(request), seen=fields.number(request.GET, "seen") or 0)
    return back_to(request, request.headers.get("Referer", ""))


@act
def settle(request: HttpRequest, key: UUID) -> HttpResponse:
    """Nothing the customer said, as far as the agent has read it, needs an answer."""
    handoff = find(request, key)
    unanswered.settle(handoff, agent_of(request), heard=handoff.conversation.agent_seen)
    return back_to(request, request.headers.get("Referer", ""))


@act
@beside.may_be_framed
def resolve(request: HttpRequest, key: UUID) -> HttpResponse:
    return _let_go(request, key, partial(receiving.resolve, hands_back=request.POST.get("then") != "close"))


@act
@beside.may_be_framed
def hand_back(request: HttpRequest, key: UUID) -> HttpResponse:
    return _let_go(request, key, passing.hand_back)


@act
def undo(request: HttpRequest, key: UUID) -> HttpResponse:
    handoff = find(request, key)
    passing.undo(handoff, agent_of(request))
    return see_other("desk", handoff.pk)


@act
def look_up(request: HttpRequest, key: UUID, source: str) -> HttpResponse:
    """Ask a source of records once more; what it says comes with the panel."""
    lookups.again(find(request, key).conversation.customer, source)
    return JsonResponse({}, status=202) if asked_by_script(request) else see_other("desk", key)


@act
def seen(request: HttpRequest, key: UUID) -> HttpResponse:
    """The agent's page has shown the conversation up to a number."""
    receiving.saw(find(request, key), agent_of(request), fields.number(request.POST, "number") or 0)
    return HttpResponse(status=204)


def _let_go(request: HttpRequest, key: UUID, verb: Callable[..., Step]) -> HttpResponse:
    """End it with what was done; what the customer said a moment before is shown first, and what was done stays typed in."""
    done = fields.words(request, "resolution")[:LONGEST_NOTE]
    try:
        verb(find(request, key), agent_of(request), resolution=done, heard=fields.number(request.POST, "heard"))
    except receiving.Unheard as unheard:
        handoff = find(request, key)
        handoff.resolution = done
        return _desk(request, handoff, problem=str(unheard), status=409)
    return see_other("queue")


def _desk(request: HttpRequest, handoff: Handoff, *, problem: str = "", status: int = 200) -> HttpResponse:
    agent, desk = agent_of(request), Desk(str(handoff.pk))
    conversation, held = handoff.conversation, hold(handoff, agent)
    receiving.saw(handoff, agent, conversation.last_number)
    context = {
        **context_of(handoff),
        **beside.shown(request, handoff),
        "section": "queue",
        "parts": desk.parts(),
        "entries": transcript.entries(conversation),
        "hold": held,
        "snooze": snoozing.choices(handoff.team),
        "client_id": uuid4().hex,
        "files_allowed": files.allowed(),
        "other_teams": Team.objects.exclude(pk=handoff.team_id),
        "problem": problem,
        "owner_words": owner_words(conversation, agent) if problem and held != "mine" else "",
        "panels": panels(request, desk, after=conversation.last_number),
    }
    return render(request, "console/desk.html", context, status=status)


def hold(handoff: Handoff, agent: Agent) -> str:
    """What the handoff is to who looks: waiting, mine, somebody else's, or over."""
    if handoff.state == State.WAITING:
        return "waiting"
    if handoff.state == State.CLAIMED:
        return "mine" if handoff.agent_id == agent.pk else "other"
    return "over"
