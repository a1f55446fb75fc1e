"""The wrap-up after a handoff: an assistant's plan of parts, each due at a time of its own, until a deadline. The customer can go on asking meanwhile.

The row is the queue: whoever moves its due time does what is due, in one transaction with the mark that it is done.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from handoffs import clock, plugins, transitions, waiting_room
from handoffs.models import Conversation, Handoff, PolicyVersion, Survey, Turn, WrapUp
from handoffs.snapshots import Author, Part
from handoffs.states import Owner
from handoffs.wrapped import told_apart

logger = logging.getLogger(__name__)

# Of an assistant that names none of its own: it has half a minute to say that it is back.
PLAN = (Part("confirm", after=30), Part("articles"), Part("survey"), Part("callback"), Part("remind", after=3600))
MOST_ARTICLES = 3


def begin(handoff: Handoff) -> WrapUp:
    """Keep the plan of the assistant that has the conversation now, or the usual one. Call inside the transaction that hands it back."""
    plugin = plugins.load("handoffs.assistants").get(handoff.conversation.answered_by.plugin)
    try:
        with transaction.atomic():
            return _keep(handoff, getattr(plugin, "plan", PLAN), _articles(plugin, handoff))
    except Exception:
        logger.exception("the plan of %s cannot be kept; the wrap-up is the usual one", handoff.conversation.answered_by)
        return _keep(handoff, PLAN, [])


def due() -> QuerySet[WrapUp]:
    rows = WrapUp.objects.filter(due_at__lte=clock.now()).order_by("due_at")
    return rows.select_related("handoff__agent", "handoff__team", "handoff__conversation__answered_by")


def work(row: WrapUp) -> None:
    """Do the parts that are due, and end it at its deadline."""
    now = clock.now()
    with transaction.atomic():
        transitions.lock(row.handoff.conversation_id)
        ready = [each for each in row.plan if not each["done"] and datetime.fromisoformat(each["at"]) <= now]
        plan = [{**each, "done": each["done"] or each in ready} for each in row.plan]
        over = now >= row.deadline_at
        changes: dict[str, Any] = {"due_at": None, "ended_at": now} if over else {"due_at": _next(plan, row.deadline_at)}
        if not WrapUp.objects.filter(pk=row.pk, due_at=row.due_at, ended_at__isnull=True).update(plan=plan, **changes):
            return
        conversation = Conversation.objects.select_related("answered_by").get(pk=row.handoff.conversation_id)
        for each in ready if conversation.owner == Owner.ASSISTANT and _is_newest(row.handoff) else ():
            ACTS[each["part"]](row.handoff, conversation)
        if over:
            transitions.touch(row.handoff)


def shown(handoff: Handoff) -> WrapUp | None:
    """The wrap-up a customer's page shows; none once it is over."""
    return WrapUp.objects.filter(handoff=handoff, ended_at__isnull=True).first()


def has(row: WrapUp | None, part: str) -> bool:
    return row is None or any(each["part"] == part for each in row.plan)


def _is_newest(handoff: Handoff) -> bool:
    """Whether none came after it in its conversation: that one has a wrap-up of its own, which says the same."""
    return not Handoff.objects.filter(conversation=handoff.conversation_id, created_at__gt=handoff.created_at).exists()


def _confirm(handoff: Handoff, conversation: Conversation) -> None:
    """The assistant had its time to say that it is back: say it in its place."""
    since = conversation.turns.filter(number__gt=conversation.assistant_since, author__in=[Author.ASSISTANT, Author.CUSTOMER])
    if not since.exists():
        text = waiting_room.words("wrapped_up", conversation, assistant=conversation.answered_by.name, tone=handoff.team.tone)
        waiting_room.tell(conversation, text, Turn.Kind.NOTICE)


def _remind(handoff: Handoff, conversation: Conversation) -> None:
    """The two questions once more, by letter, to who closed the page without an answer."""
    if not conversation.reply_by_email or waiting_room.is_here(conversation) or Survey.objects.filter(handoff=handoff).exists():
        return
    text = waiting_room.words("asked_again", conversation, agent=handoff.agent.public_name if handoff.agent else "", tone=handoff.team.tone)
    waiting_room.tell(conversation, text, Turn.Kind.NOTICE)


ACTS: dict[str, Callable[[Handoff, Conversation], None]] = {"confirm": _confirm, "remind": _remind}


def _keep(handoff: Handoff, parts: Iterable[Part], articles: list[dict[str, str]]) -> WrapUp:
    now = clock.now()
    deadline = now + timedelta(seconds=PolicyVersion.in_force().wrap_up_for)
    plan = [{"part": part.name, "at": min(now + timedelta(seconds=part.after), deadline).isoformat(), "done": part.name not in ACTS} for part in parts]
    return WrapUp.objects.create(handoff=handoff, plan=plan, articles=articles, upcoming=list(told_apart(handoff.done)[1]),
                                 due_at=_next(plan, deadline), deadline_at=deadline)


def _next(plan: list[dict[str, Any]], deadline: datetime) -> datetime:
    return min([deadline, *(datetime.fromisoformat(each["at"]) for each in plan if not each["done"])])


def _articles(plugin: Any, handoff: Handoff) -> list[dict[str, str]]:
    """What the assistant thinks helps, as the customer reads it; a plug-in that fails costs nobody their wrap-up."""
    if not hasattr(plugin, "helpful"):
        return []
    try:
        found = islice(plugin.helpful(handoff.what_to_know, handoff.resolution), MOST_ARTICLES)
        return [{"title": str(article["title"]), "text": str(article["text"])} for article in found]
    except Exception:
        logger.exception("no articles for the wrap-up")
        return []
