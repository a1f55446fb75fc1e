"""Signing in, and saying whether one is available."""

from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse

from console.views.common import act, agent_of, back_to
from handoffs import roster
from handoffs.models import Agent

sign_in = LoginView.as_view(redirect_authenticated_user=True)


@act
def availability(request: HttpRequest) -> HttpResponse:
    status = request.POST.get("status", "")
    if status in Agent.Status.values:
        roster.set_status(agent_of(request), status)
    return back_to(request, request.POST.get("next") or request.headers.get("Referer", ""))
