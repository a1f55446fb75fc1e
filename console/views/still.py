"""What is new in a conversation, for browsers without scripts: a frame of the page that loads itself again, so that nothing being written is lost."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from console.scene import said, scene
from console.views import fields
from console.views.addressed import addressed
from handoffs import addresses, clock, conversations, waiting_room
from handoffs.models import Conversation

EVERY = 15  # seconds; less than a page counts as open without a sign of life


@require_safe
@addressed
def show(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """The line as it stands, and the turns after `?after=`; `?state=` is how the page around it stood."""
    waiting_room.page_is_open(conversation)
    conversations.see(conversation, conversation.last_number)
    view = scene(conversation)
    has_changed = request.GET.get("state", view["state"]) != view["state"]
    turns = said(conversation, fields.number(request.GET, "after") or 0)
    own = {"turns": turns, "has_changed": has_changed, "token": addresses.token(conversation.pk), "every": EVERY, "now": clock.now()}
    return render(request, "customer/still.html", {**view, **own})
