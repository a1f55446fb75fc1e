"""The policy, for supervisors: draft, replay, look at what would change, publish."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django_htmx.http import reselect, reswap, retarget

from console.frames import out_of_band
from console.policy.edits import edit
from console.policy.form import Form, Unfilled
from console.policy.page import context
from console.policy.worth import band_now
from console.streams.policy import PolicyPage
from console.views import fields
from console.views.common import act, agent_of, page, panels, see_other
from handoffs import publishing, simulation
from handoffs.models import PolicyVersion, Replay
from handoffs.policy import Policy
from handoffs.transitions import Forbidden

View = Callable[..., HttpResponseBase]
LONGEST_WHY = 2000


def for_supervisors(view: View) -> View:
    """What is refused becomes words on the policy page itself."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not agent_of(request).is_supervisor:
            raise PermissionDenied("The policy is for leads. It says when assistants hand over to you.")
        try:
            return view(request, *args, **kwargs)
        except Unfilled as unfilled:
            if _saves_quietly(request):
                return _saved(request, unfilled.errors)
            return _page(request, 422, problem=str(unfilled), typed=fields.every(request), errors=unfilled.errors)
        except (Forbidden, simulation.Unfit) as refused:
            return _page(request, 409, problem=str(refused))

    return wrapper


@page
@for_supervisors
def show(request: HttpRequest) -> HttpResponse:
    return _page(request)


@act
@for_supervisors
def save(request: HttpRequest) -> HttpResponse:
    """Save the draft's fields; a button of the form also adds, removes or finds something."""
    typed, version = fields.every(request), _as_seen(request)
    policy = _policy_of(version)
    changed = edit(policy, typed)
    agent = agent_of(request)
    if changed != publishing.body_of(policy):
        publishing.change(publishing.begin(agent) if version is None or version.published_at else version, changed, agent)
    return _saved(request) if _saves_quietly(request) else _done(request)


@act
@for_supervisors
def discard(request: HttpRequest) -> HttpResponse:
    publishing.discard(_draft_as_seen(request), agent_of(request))
    return _done(request)


@act
@for_supervisors
def publish(request: HttpRequest) -> HttpResponse:
    publishing.publish(_draft_as_seen(request), agent_of(request), fields.words(request, "why")[:LONGEST_WHY])
    return _done(request)


@act
@for_supervisors
def go_back(request: HttpRequest, number: int) -> HttpResponse:
    publishing.go_back(get_object_or_404(PolicyVersion, pk=number, published_at__isnull=False), agent_of(request))
    return _done(request)


@act
@for_supervisors
def reviewed(request: HttpRequest) -> HttpResponse:
    publishing.reviewed(agent_of(request))
    return _done(request)


@act
@for_supervisors
def replay(request: HttpRequest) -> HttpResponse:
    """Run the draft on our own history, since a day if one is given, or on the conversations of a file."""
    draft, file = publishing.draft(), request.FILES.get("file")
    if draft is None:
        raise Forbidden("there is no draft to replay")
    # One byte more than may be is enough to be refused.
    body = file.read(simulation.LARGEST_IMPORT + 1) if file else None
    simulation.ask(draft, agent_of(request), imported=body, since=fields.day(request.POST, "since"))
    return _live_half(request)


@act
@for_supervisors
def cancel(request: HttpRequest) -> HttpResponse:
    draft = publishing.draft()
    asked = simulation.newest(draft) if draft else None
    if asked and asked.state in (Replay.State.DUE, Replay.State.RUNNING):
        simulation.cancel(asked)
    return _live_half(request)


def _live_half(request: HttpRequest) -> HttpResponse:
    return HttpResponse(out_of_band(PolicyPage("all").parts())) if request.htmx else see_other("policy")  # type: ignore[attr-defined]


def _policy_of(version: PolicyVersion | None) -> Policy:
    return version.says() if version else Policy.model_validate({})


def _as_seen(request: HttpRequest) -> PolicyVersion | None:
    """The version the page showed: the draft, or what is in force. Raises Behind when it has changed since."""
    version = publishing.draft() or PolicyVersion.live()
    if request.POST.get("mark", "") != publishing.mark(version):
        raise publishing.Behind
    return version


def _draft_as_seen(request: HttpRequest) -> PolicyVersion:
    version = _as_seen(request)
    if version is None or version.published_at:
        raise Forbidden("there is no draft")
    return version


def _done(request: HttpRequest) -> HttpResponse:
    return _page(request) if request.htmx else see_other("policy")  # type: ignore[attr-defined]


def _saves_quietly(request: HttpRequest) -> bool:
    """Whether a field was left: then nothing is replaced that a hand may be on."""
    return bool(request.htmx) and not any(name in request.POST for name in ("add", "remove", "find"))  # type: ignore[attr-defined]


def _saved(request: HttpRequest, errors: Mapping[str, str] | None = None) -> HttpResponse:
    """What a saved draft changes on the page around its fields."""
    version = publishing.draft() or PolicyVersion.live()
    policy = _policy_of(version)
    # A copilot that answers nothing alone has a field all the same.
    form = Form(policy, errors={**{name: "" for name in request.POST if name.startswith("autonomy.")}, **(errors or {})})
    around = {"mark": publishing.mark(version), "fields": form.all(), "form": form, "band": band_now(policy, PolicyVersion.in_force())}
    parts = {**PolicyPage("all").parts(), "policy-band": render_to_string("console/_partials/policy_band.html", around)}
    return HttpResponse(out_of_band(parts) + render_to_string("console/_partials/policy_saved.html", around))


def _page(request: HttpRequest, status: int = 200, *, problem: str = "", typed: dict[str, str] | None = None,
          errors: Mapping[str, str] | None = None) -> HttpResponse:
    live_half = PolicyPage("all")
    version = publishing.draft() or PolicyVersion.live()
    policy = _policy_of(version)
    view = {**context(policy, Form(policy, typed, errors)), "section": "policy", "parts": live_half.parts(),
            "problem": problem.rstrip("."), "marked": bool(errors), "mark": publishing.mark(version), "panels": panels(request, live_half, with_queue=False)}
    if not request.htmx:  # type: ignore[attr-defined]
        return render(request, "console/policy.html", view, status=status)
    return reselect(retarget(reswap(render(request, "console/policy.html", view), "outerHTML"), "#policy"), "#policy")
