"""The wall, for supervisors."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from console.streams.wall import Wall
from console.views.common import agent_of, page, panels
from handoffs import clock, corrections, publishing, quality


@page
def show(request: HttpRequest) -> HttpResponse:
    wall = Wall("all")
    if not wall.may_watch(agent_of(request)):
        raise PermissionDenied("The wall is for leads. Your queue has everything that waits for your teams.")
    view = {"section": "wall", "parts": wall.parts(), "review": publishing.review(), "panels": panels(request, wall, with_queue=False),
            "put_right": corrections.counts(clock.now() - quality.WEEK), "stale": corrections.out_of_date().values()}
    return render(request, "console/wall.html", view)
