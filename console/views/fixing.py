"""Putting a brief right at the desk: the need, the feeling, a fact, an attempt's outcome, a source that is out of date."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from console.views import fields
from console.views.common import act, agent_of, asked_by_script, find, refused, see_other
from handoffs import corrections
from handoffs.briefing.putting_right import Fix, Wrong

VALUES = ("goal", "feeling", "fact", "attempt")


@act
def put_right(request: HttpRequest, key: UUID) -> HttpResponse:
    """One value of the brief; `remove` takes a fact away. A repeat changes nothing."""
    if (field := fields.words(request, "field")) not in VALUES:
        raise Http404
    after = None if field == "fact" and "remove" in request.POST else fields.words(request, "after")
    return _put(request, key, Fix(field, after, fields.words(request, "name"), fields.words(request, "before")))  # type: ignore[arg-type]


@act
def mark_source(request: HttpRequest, key: UUID) -> HttpResponse:
    """Which source is out of date, or is not any more: the pressed button names it."""
    stale = "out_of_date" in request.POST
    return _put(request, key, Fix("source", stale, fields.words(request, "out_of_date" if stale else "current")))


def _put(request: HttpRequest, key: UUID, fix: Fix) -> HttpResponse:
    handoff = find(request, key)
    try:
        corrections.by_agent(handoff, agent_of(request), fix)
    except Wrong as wrong:
        return refused(request, str(wrong), 422)
    return JsonResponse({}) if asked_by_script(request) else see_other("desk", handoff.pk)
