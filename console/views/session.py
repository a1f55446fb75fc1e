"""Signing in, and saying whether one is available."""

from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from console.views.common import act, agent_of, see_other
from handoffs import roster
from handoffs.models import Agent

sign_in = LoginView.as_view(redirect_authenticated_user=True)


@act
def availability(request: HttpRequest) -> HttpResponse:
    status = request.POST.get("status", "")
    if status in Agent.Status.values:
        roster.set_status(agent_of(request), status)
    back = request.POST.get("next") or request.headers.get("Referer", "")
    return see_other(back if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}) else "queue")
