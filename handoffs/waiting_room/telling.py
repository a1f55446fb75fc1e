"""Words to a customer: what the waiting room says, on the page and as a letter to who closed it."""

from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import UUIDField
from django.db.models.functions import Least
from django.template.loader import render_to_string
from django.utils import timezone

from handoffs import clock, tongue, transitions
from handoffs.models import Agent, Conversation, Letter, Team, Turn
from handoffs.prepared import Given, Prepared
from handoffs.snapshots import Author
from handoffs.waiting_room.presence import goes_by_phone, is_here, reads_elsewhere

OF_CALLBACKS = (Turn.Kind.BOOKED, Turn.Kind.NOTICE)
# What the waiting room says is true at its time alone.
WORTH_IT_LATER, HELD_FOR = (Author.AGENT, Author.ASSISTANT), timedelta(days=3)
A_TRY = timedelta(seconds=15)

_reached = Prepared(
    lambda: Conversation.objects.filter(pk=Given("conversation", UUIDField())).select_related("customer")
    .only("medium", "reply_by_email", "reply_failed_at", "page_open_until", "customer__phone")
)


def words(name: str, /, to: Conversation | None = None, *, tone: str = Team.Tone.PLAIN, **variables: Any) -> str:
    """One message in the customer's language: `templates/messages/TONE/NAME.txt` where there is one in the team's tone, else `templates/messages/NAME.txt`."""
    plain = f"messages/{name}.txt"
    template = plain if tone == Team.Tone.PLAIN else [f"messages/{tone}/{name}.txt", plain]
    with tongue.speaking(to), _clock_of(to):
        return " ".join(render_to_string(template, {"tone": tone, **variables}, using="text").split())


def _clock_of(to: Conversation | None) -> AbstractContextManager[None]:
    """Times in this block are by the customer's own clock, where that is known."""
    return timezone.override(ZoneInfo(to.time_zone)) if to and to.time_zone else nullcontext()


def tell(conversation: Conversation, text: str, kind: str, agent: Agent | None = None) -> Turn:
    """A turn of the waiting room; by e-mail as well when the customer left an address and closed the page."""
    with transaction.atomic(savepoint=False):
        turn = transitions.say(conversation.pk, Author.WAITING_ROOM, text, kind=kind, agent=agent)
        post(turn)
    return turn


def post(turn: Turn, held: Conversation | None = None) -> Letter | None:
    """Queue the turn as a letter when its customer has an address that works: a phone number where words go by message.

    While the page is open it is not due: it may be closed before the words are seen. `held` is the conversation by whom has its row
    locked, which spares a look. Who reads everything on a page of the firm's own is written to of a callback alone.
    """
    conversation = held or _reached.one(conversation=turn.conversation_id)
    if not (to := address(conversation)) or (reads_elsewhere(conversation) and turn.kind not in OF_CALLBACKS):
        return None
    due_at = conversation.page_open_until if conversation.page_open_until and is_here(conversation) else clock.now()
    medium = conversation.medium if goes_by_phone(conversation.medium) else "email"
    return Letter.objects.create(turn=turn, to=to, medium=medium, due_at=due_at)


def reach_again(conversation: Conversation) -> None:
    """What is sent to them arrives again: what people and assistants have said lately, since it did not, goes out unless they saw it. So do such letters
    that were held, to the address of now."""
    rows = Conversation.objects.filter(pk=conversation.pk)
    since = rows.values_list("reply_failed_at", flat=True).get()
    with transaction.atomic():
        if not since or not rows.filter(reply_failed_at=since).update(reply_failed_at=None, reply_failed_why=""):
            return
        now, oldest = rows.select_related("customer").get(), clock.now() - HELD_FOR
        held = Letter.objects.filter(turn__conversation=now, sent_at__isnull=True)
        held.exclude(turn__author__in=WORTH_IT_LATER, turn__at__gte=oldest).delete()
        # One that is being sent just now is due no sooner than that is over.
        held.update(tries=0, due_at=Least("due_at", clock.now() + A_TRY))
        said = now.turns.filter(author__in=WORTH_IT_LATER, at__gte=max(since, oldest), number__gt=now.customer_seen)
        for turn in said.filter(letter__isnull=True):
            post(turn, now)


def address(conversation: Conversation) -> str:
    """Where letters to this customer go now: a number or an e-mail; empty without one, or when it turned out that nothing arrives there."""
    if conversation.reply_failed_at:
        return ""
    return conversation.customer.phone if goes_by_phone(conversation.medium) else conversation.reply_by_email
