"""What the views of a customer's page share: the conversation behind a signed address, the page itself, and its answers to forms and scripts."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from console.scene import said, scene
from console.streams.customer import updates
from console.views.common import see_other
from console.views.framing import for_customers
from console.views.lonely import LONELY, by_script, private
from handoffs import addresses, conversations, files, tongue
from handoffs.models import Conversation
from handoffs.snapshots import LONGEST_TEXT

View = Callable[..., HttpResponseBase]


def addressed(view: View) -> View:
    """Give the view the conversation its address names, or answer with a page that says what to do."""

    @for_customers
    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponseBase:
        try:
            found = Conversation.objects.select_related("customer", "assistant", "answered_by", "team", "agent").filter(pk=addresses.read(token)).first()
        except BadSignature:
            return private(render(request, "customer/bad_address.html", LONELY, status=403))
        if found is None:
            return private(render(request, "customer/gone.html", LONELY, status=404))
        if conversations.is_over(found):
            return private(render(request, "customer/over.html", LONELY, status=410))
        with tongue.speaking(_asked(request, found)):
            return private(view(request, found))

    return opened


def _asked(request: HttpRequest, conversation: Conversation) -> Conversation:
    """The conversation, with the language its customer's browser asked for first: workers speak to them, too."""
    if not conversation.browser_language:
        conversation.browser_language = translation.get_language()
        Conversation.objects.filter(pk=conversation.pk).update(browser_language=conversation.browser_language)
    return conversation


def shown(request: HttpRequest, conversation: Conversation, status: int = 200, **extra: Any) -> HttpResponse:
    talk = said(conversation)
    view = {**scene(conversation), "turns": talk, "updates": updates(talk), "token": addresses.token(conversation.pk),
            "last_number": talk[-1].turn.number if talk else 0, "client_id": uuid4(), "files_allowed": files.allowed(),
            "files_most": files.MOST_AT_ONCE, "files_largest": settings.FILES_LARGEST,
            "text_limit": LONGEST_TEXT, "origins": LONELY["origins"], **extra}
    return render(request, "customer/page.html", view, status=status)


def done(request: HttpRequest, conversation: Conversation, anchor: str = "") -> HttpResponse:
    """To a script the news comes over its socket; a browser without scripts is sent to the page."""
    if by_script(request):
        return HttpResponse(status=204)
    return see_other(reverse("customer", args=[addresses.token(conversation.pk)]) + (f"#{anchor}" if anchor else ""))


def refused(request: HttpRequest, conversation: Conversation, why: str, status: int, **typed: str) -> HttpResponse:
    """Say why, and keep what was typed."""
    if by_script(request):
        return HttpResponse(render_to_string("customer/_partials/refused.txt", {"why": why}).strip(), content_type="text/plain; charset=utf-8", status=status)
    conversation.refresh_from_db()
    return shown(request, conversation, status=status, refused=why, typed=typed)
