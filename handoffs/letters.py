"""Sends what is due by e-mail: the row is the queue, a failed try is due again later."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.template.loader import render_to_string

from handoffs import addresses, clock, plugins
from handoffs.models import Handoff, Letter, Turn
from handoffs.snapshots import Author

logger = logging.getLogger(__name__)

MOST_TRIES = 8


def send(letter: Letter) -> bool:
    """Send one due letter. Whoever moves its due time sends it; a failure is tried again 15 s, 30 s, 1 min … later."""
    again = clock.now() + timedelta(seconds=15 * 2**letter.tries)
    mine = Letter.objects.filter(pk=letter.pk, sent_at__isnull=True, due_at=letter.due_at)
    if not mine.update(due_at=again, tries=F("tries") + 1):
        return False
    try:
        plugins.load("handoffs.mediums")["email"].send(letter.to, _subject(letter), _text(letter))
    except Exception as error:
        logger.warning("letter %s was not sent: %s", letter.pk, error)
        Letter.objects.filter(pk=letter.pk).update(error=f"{type(error).__name__}: {error}"[:500])
        return False
    Letter.objects.filter(pk=letter.pk).update(sent_at=clock.now(), error="")
    return True


def _subject(letter: Letter) -> str:
    return render_to_string("messages/letter_subject.txt", {"brand": settings.BRAND, "turn": letter.turn}, using="text")


def _text(letter: Letter) -> str:
    turn = letter.turn
    who = turn.agent.public_name if turn.author == Author.AGENT and turn.agent else ""
    link = addresses.url(turn.conversation_id)
    view = {"turn": turn, "who": who, "link": link, "brand": settings.BRAND, "done": _done(turn)}
    return render_to_string("messages/letter.txt", view, using="text")


def _done(turn: Turn) -> tuple[str, ...]:
    """What the agent did, when the turn gives the conversation back: the letter is all some customers read."""
    if turn.kind not in (Turn.Kind.HANDED_BACK, Turn.Kind.CLOSED):
        return ()
    handoff = Handoff.objects.filter(conversation=turn.conversation_id, created_at__lte=turn.at).order_by("-created_at").first()
    return handoff.done if handoff else ()
