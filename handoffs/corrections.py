"""What people put right in a brief: a row that says who, when, before and after, and the brief revised, in one transaction."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count

from handoffs import briefs, history, packaging, transitions
from handoffs.briefing import masking, mentions
from handoffs.briefing.fields import BY_CODE
from handoffs.briefing.putting_right import Fix, Moved, Wrong, key_of, put_right
from handoffs.models import Agent, Correction, Handoff, Turn
from handoffs.snapshots import Author, Brief, Fact, Feeling, Source
from handoffs.states import HELD, State
from handoffs.transitions import Forbidden, Stale

MOST_BY_CUSTOMER = 20  # rows of one handoff: they come from strangers
LONGEST_NAME = 200  # characters, as the column has it
SHOWN = 4  # signs of what is sensitive
MOST_SOURCES = 50


def by_agent(handoff: Handoff, agent: Agent, fix: Fix) -> Correction | None:
    """The agent who holds the handoff, a supervisor, or while it waits an agent of its team puts something right; None when it was so already.

    Raises Stale when it is over, with somebody else, or what was to be changed is gone; Wrong for a value that is none.
    """
    with _open(handoff) as now:
        cares = now.agent_id == agent.pk if now.state in HELD else agent.teams.filter(pk=now.team_id).exists()
        if not agent.is_supervisor and not cares:
            raise Stale(now.conversation, "this conversation is not with you")
        return _put(now, fix, agent)


def by_customer(handoff: Handoff, fix: Fix) -> Correction | None:
    """The customer puts their need or a fact they were shown right. Raises Wrong, Forbidden after too many, Stale when it is over."""
    with _open(handoff) as now:
        may_say = {fact.name for fact in told(now.what_to_know) if not is_sensitive(fact)}
        if not fix.after or not (fix.field == "goal" or (fix.field == "fact" and fix.name in may_say)):
            raise Wrong("say what is right instead")
        if now.corrections.filter(agent=None).count() >= MOST_BY_CUSTOMER:
            raise Forbidden("that is enough to put right, please write it as a message")
        return _put(now, fix, None)


def told(brief: Brief) -> tuple[Fact, ...]:
    """The facts a customer may read: what they said themselves; what is sensitive shows its last signs alone."""
    own = (fact for fact in brief.facts if fact.by == "customer")
    return tuple(fact.model_copy(update={"value": f"••••{fact.value[-SHOWN:] if len(fact.value) > 2 * SHOWN else ''}"}) if is_sensitive(fact) else fact
                 for fact in own)


def is_sensitive(fact: Fact) -> bool:
    return fact.name in BY_CODE and BY_CODE[fact.name].sensitive


def feeling_of(handoff: Handoff, brief: Brief) -> Feeling:
    """How the customer feels now: by their newest words, unless a person has said otherwise."""
    felt = history.felt(handoff.conversation)
    if "feeling" not in brief.corrected:
        return felt
    return felt.model_copy(update={"mood": brief.feeling.mood, "read": True, "how_to_open": brief.feeling.how_to_open})


def sources_of(handoff: Handoff, brief: Brief) -> tuple[Source, ...]:
    """What the assistant read: the sources of its turns and of the brief, each once, at most the newest MOST_SOURCES, with the marks of people."""
    said = [Source(title=source.get("title", ""), url=source.get("url", ""))
            for turn in handoff.conversation.turns.exclude(sources=[]).order_by("number") for source in turn.sources]
    read = {key_of(source): source for source in (*said, *brief.sources)}
    return marked([*read.values()][-MOST_SOURCES:], handoff.conversation.answered_by_id)


def marked(sources: Iterable[Source], assistant: int) -> tuple[Source, ...]:
    """The sources, each once, out of date as people have said of this assistant's; one query."""
    read = {key: source for source in sources if (key := key_of(source))}
    marks = out_of_date(assistant, list(read)) if read else {}
    return tuple(source.model_copy(update={"out_of_date": key[:LONGEST_NAME] in marks}) for key, source in read.items())


def out_of_date(assistant: int | None = None, among: list[str] | None = None) -> dict[str, Correction]:
    """The sources marked out of date and not taken back since, by name, each with its newest correction; of one assistant, or of all."""
    rows = Correction.objects.filter(field=Correction.Field.SOURCE).select_related("agent", "handoff__conversation__answered_by").order_by("id")
    if assistant is not None:
        rows = rows.filter(handoff__conversation__answered_by=assistant)
    if among is not None:
        rows = rows.filter(name__in=[name[:LONGEST_NAME] for name in among])
    newest = {(row.handoff.conversation.answered_by_id, row.name): row for row in rows}
    return {name: row for (_, name), row in newest.items() if row.after}


def counts(since: datetime) -> dict[str, int]:
    """Of the handoffs claimed since then (`read`): in how many agents put the need, the feeling, a fact or a step right."""
    read = Handoff.objects.filter(claimed_at__gte=since)
    rows = Correction.objects.filter(handoff__in=read, agent__isnull=False).values_list("field").annotate(n=Count("handoff", distinct=True))
    return {"read": read.count(), **dict.fromkeys(("goal", "feeling", "fact", "attempt"), 0), **dict(rows.order_by())}


def feelings() -> Iterator[tuple[str, str]]:
    """Each feeling an agent has put right, with the customer's newest words at that time: a mood and a text, as the model of feelings learns them."""
    for row in Correction.objects.filter(field=Correction.Field.FEELING, agent__isnull=False).select_related("handoff"):
        said = Turn.objects.filter(conversation=row.handoff.conversation_id, author=Author.CUSTOMER, at__lte=row.at).order_by("-number").first()
        if said:
            yield str(row.after), said.text


def _put(handoff: Handoff, fix: Fix, agent: Agent | None) -> Correction | None:
    before: Any = None
    fix = _without_secrets(fix)

    def change(brief: Brief) -> Brief | None:
        nonlocal before
        shown = _as_shown(handoff, brief, fix)
        before, revised = put_right(shown, fix, "agent" if agent else "customer")
        if revised is shown:
            return None
        return packaging.opened_plainly(revised, handoff.conversation.customer.name) if fix.field == "goal" else revised

    try:
        revised = briefs.revise(handoff.pk, change)
    except Moved as moved:
        raise Stale(handoff.conversation, str(moved)) from None
    if revised is None:
        return None
    return Correction.objects.create(handoff=handoff, agent=agent, field=fix.field, name=fix.name[:LONGEST_NAME], before=before, after=fix.after)


def _without_secrets(fix: Fix) -> Fix:
    """As a brief may keep it: without card numbers and what opens things."""
    if not isinstance(fix.after, str) or not fix.after.strip():
        return fix
    opens = fix.field == "fact" and fix.name in mentions.SECRET and fix.name != "card number"
    return replace(fix, after=masking.HIDDEN if opens else masking.masked(fix.after))


def _as_shown(handoff: Handoff, brief: Brief, fix: Fix) -> Brief:
    """The brief with what the desk shows in place of what was stored: the feeling of now, and everything the assistant read."""
    if fix.field == "feeling":
        return brief.model_copy(update={"feeling": feeling_of(handoff, brief)})
    return brief.model_copy(update={"sources": sources_of(handoff, brief)}) if fix.field == "source" else brief


@contextmanager
def _open(handoff: Handoff) -> Iterator[Handoff]:
    """The handoff as it is now, held until the end. Raises Stale when it neither waits nor is with an agent."""
    with transaction.atomic():
        transitions.lock(handoff.conversation_id)
        now = Handoff.objects.select_related("team", "agent", "conversation__answered_by", "conversation__customer").get(pk=handoff.pk)
        if now.state not in (State.WAITING, *HELD):
            raise Stale(now.conversation, "this handoff is over")
        yield now
