"""Reading conversations to judge: those a draft policy would change, and answers assistants gave or would have given."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from console import transcript
from console.frames import out_of_band
from console.streams.policy import PolicyPage
from console.views.common import act, agent_of, page, panels, see_other
from console.views.policy import for_supervisors
from handoffs import publishing, verdicts
from handoffs.models import Flip


@page
@for_supervisors
def flip(request: HttpRequest, number: int) -> HttpResponse:
    """One conversation that would change, to read and to mark."""
    row = get_object_or_404(Flip.objects.select_related("replay__draft", "conversation__customer", "conversation__answered_by", "by"), pk=number)
    others = row.replay.flips
    view = {
        "flip": row,
        "before": others.filter(pk__lt=row.pk).order_by("-pk").first(),
        "after": others.filter(pk__gt=row.pk).order_by("pk").first(),
        "conversation": row.conversation,
        "entries": transcript.entries(row.conversation) if row.conversation else [],
        "gate": publishing.gate(row.replay.draft),
        "turn": row.after.get("number") or row.before.get("number"),
    }
    return render(request, "console/policy_flip.html", {**view, "section": "policy", "panels": panels(request, with_queue=False)})


@act
@for_supervisors
def mark(request: HttpRequest, number: int) -> HttpResponse:
    row = get_object_or_404(Flip.objects.select_related("replay"), pk=number)
    publishing.look_at(row, verdict(request), agent_of(request))
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(out_of_band(PolicyPage("all").parts()))
    following = row.replay.flips.filter(right__isnull=True).order_by("pk").first() if "go_on" in request.POST else None
    return see_other("policy_flip", following.pk) if following else see_other("policy")


@page
@for_supervisors
def answers(request: HttpRequest) -> HttpResponse:
    """The next answer to judge, with what was said before it."""
    proposal = verdicts.next_to_judge()
    view: dict[str, Any] = {"proposal": proposal, "counts": verdicts.counts()}
    if proposal:
        said = transcript.entries(proposal.conversation)
        view |= {"conversation": proposal.conversation, "question": verdicts.question_of(proposal),
                 "entries": [entry for entry in said if entry.turn.number <= proposal.after_number]}
    return render(request, "console/policy_answer.html", {**view, "section": "policy", "panels": panels(request, with_queue=False)})


@act
@for_supervisors
def judge(request: HttpRequest, number: int) -> HttpResponse:
    verdicts.judge(get_object_or_404(verdicts.judgeable(), pk=number), verdict(request), agent_of(request))
    return see_other("policy_answers")


def verdict(request: HttpRequest) -> bool:
    """The pressed button's word. Raises Http404 for anything else."""
    if request.POST.get("right") not in ("yes", "no"):
        raise Http404
    return request.POST["right"] == "yes"
