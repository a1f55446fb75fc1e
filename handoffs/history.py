"""What was said and tried in a conversation so far, and what is known of its customer, as values for the pure parts."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, IntegerField, OuterRef, Q, QuerySet, Subquery, UUIDField

from handoffs import briefing, feeling
from handoffs.briefing.goal import goal_of
from handoffs.models import Attempt, Conversation, Customer, Handoff, ProposalRecord, Turn
from handoffs.prepared import Asked, Given, Prepared, together
from handoffs.snapshots import Author, Earlier, Feeling, Line, Mood, Outcome, Record, Transcript, Tried

LINES_JUDGED = 200
# Earlier handoffs, and earlier conversations without one, that a brief tells of.
EARLIER = 5
_conversation = Given("conversation", UUIDField())
# What nobody said in words: the names of files are no facts, and no feelings.
NO_WORDS = Q(author=Author.WAITING_ROOM) | Q(kind=Turn.Kind.FILE)
# What of a turn and of an attempt makes a Line and a Tried, in the order of their fields.
LINE = ("author", "text", "number", "intent", "intent_confidence", "language", "clarifying", "mood", "tension")
STEP = ("step", "outcome", "detail", "shown", "after_number", "at")


def transcript(conversation: Conversation) -> Transcript:
    """What was said and tried since the assistant took over."""
    return _transcript(conversation, *together(*_asked(conversation.pk)))


def locked(conversation: UUID) -> Conversation:
    """The conversation as it is now, its row held until the transaction ends."""
    # On SQLite the transaction itself, which is immediate, keeps everybody else from writing.
    return _held.one(conversation=conversation)


def held(conversation: UUID, assistant: int | None = None, *, beside: Iterable[Asked[Any]] = ()) -> tuple[Conversation, Transcript, list[list[Any]]]:
    """The same with what was said and tried since its assistant took over, and what is answered to questions asked `beside` it, in one trip.

    With an `assistant` (id) only one that it began. Raises Conversation.DoesNotExist.
    """
    row = _held.asked(conversation=conversation) if assistant is None else _held_own.asked(conversation=conversation, assistant=assistant)
    found, turns, attempts, stored, *answers = together(row, *_asked(conversation), *beside)
    if not found:
        raise Conversation.DoesNotExist(f"no conversation {conversation}")
    return found[0], _transcript(found[0], turns, attempts, stored), answers


def _asked(conversation: UUID) -> list[Asked[Any]]:
    return [each.asked(conversation=conversation) for each in (_newest_turns, _newest_attempts, _told_facts)]


def _transcript(conversation: Conversation, turns: list[Any], attempts: list[Any], stored: list[Any]) -> Transcript:
    told, sources = _latest(stored), tuple(source for *_, read in reversed(turns) for source in read if isinstance(source, dict))
    lines, tried = tuple(_line(*turn) for *turn, _ in reversed(turns)), tuple(_step(*attempt) for attempt in reversed(attempts))
    return Transcript(lines=lines, tried=tried, facts=known(conversation, told), told=told, copilot=copilot(conversation), sources=sources)


def whole(conversation: Conversation, judged: Transcript) -> Transcript:
    """What was judged, with all that was said and tried however long ago, and the sources of all answers: what a brief is made from. At most two queries."""
    if not conversation.assistant_since and max(len(judged.lines), len(judged.tried)) < LINES_JUDGED:
        return judged
    since = conversation.assistant_since
    turns = list(conversation.turns.exclude(NO_WORDS).order_by("number"))
    attempts = conversation.attempts.filter(after_number__gte=since).order_by("id")
    return replace(
        judged,
        lines=tuple(line(turn) for turn in turns if turn.number > since),
        before=tuple(line(turn) for turn in turns if turn.number <= since),
        tried=tuple(step(attempt) for attempt in attempts),
        sources=_sources(turns),
    )


def _sources(turns: list[Turn]) -> tuple[dict[str, str], ...]:
    return tuple(source for turn in turns for source in turn.sources if isinstance(source, dict))


def record(conversation: Conversation) -> Record:
    """What the firm knows of the customer, and what came of their earlier handoffs and conversations, the newest first. Two queries."""
    return record_of(conversation.customer, *together(*of_record(conversation.pk)))


def of_record(conversation: UUID) -> tuple[Asked[Handoff], Asked[Conversation]]:
    """What `record_of` is made from, of a conversation's customer."""
    return _their_handoffs.asked(conversation=conversation), _their_others.asked(conversation=conversation)


def record_of(customer: Customer, handoffs: list[Handoff], others: list[Conversation]) -> Record:
    earlier = [*map(_handed_over, handoffs), *map(_answered, others)]
    return Record(
        account=customer.account if isinstance(customer.account, dict) else {},
        orders=tuple(order for order in customer.orders if isinstance(order, dict)) if isinstance(customer.orders, list) else (),
        earlier=tuple(sorted(earlier, key=lambda one: one.at, reverse=True)),
    )


def _handed_over(handoff: Handoff) -> Earlier:
    return Earlier(goal=handoff.goal or handoff.reason, at=handoff.created_at, team=handoff.team.name, outcome="; ".join(handoff.done)[:200])


def _answered(conversation: Conversation) -> Earlier:
    """A conversation that its assistant answered alone, by its first words."""
    said = Line(Author.CUSTOMER, conversation.words or "")  # type: ignore[attr-defined]
    goal = briefing.part("earlier goal", lambda: goal_of((said,)), briefing.first_words(Transcript((said,))))
    return Earlier(goal=goal.text, at=conversation.last_turn_at, outcome=f"Answered by {conversation.answered_by.name}")


def copilot(conversation: Conversation) -> str:
    """The code of the assistant when a person checks its answers first."""
    return conversation.answered_by.code if conversation.answered_by.copilot else ""


def known(conversation: Conversation, told: dict[str, Any]) -> dict[str, Any]:
    """What is known beside what was said: the customer's record, and what the assistant said it knows."""
    customer = conversation.customer
    return {"name": customer.name, "account": customer.account, "orders": customer.orders, **told}


def facts(conversation: Conversation) -> dict[str, Any]:
    """What the assistant said it knows, the latest value of each."""
    return _latest(_told_facts.all(conversation=conversation.pk))


def _latest(stored: list[tuple[Any, ...]]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for (facts,) in stored:
        told |= facts
    return told


def felt(conversation: Conversation) -> Feeling:
    """How the customer feels now, by their newest turns, whoever has the conversation."""
    newest = conversation.turns.filter(author=Author.CUSTOMER).exclude(NO_WORDS).order_by("-number")[: feeling.LOOK_BACK]
    return feeling.over(tuple(line(turn) for turn in reversed(newest)))


def step(attempt: Attempt) -> Tried:
    """A stored attempt as a value."""
    return _step(*(getattr(attempt, name) for name in STEP))


def line(turn: Turn) -> Line:
    """A stored turn as a value."""
    return _line(*(getattr(turn, name) for name in LINE))


def _step(step: str, outcome: str, detail: str, shown: bool, after_number: int, at: datetime) -> Tried:
    return Tried(step, Outcome(outcome), detail, shown, after_number or None, at)


def _line(author: str, text: str, number: int, intent: str, sure: float | None, language: str, clarifying: bool, mood: str, tension: float | None) -> Line:
    return Line(Author(author), text, number, intent, sure, language, clarifying, Mood(mood) if mood else None, tension or 0.0)


def _customer() -> Subquery:
    return Subquery(Conversation.objects.filter(pk=_conversation).values("customer"))


def _handoffs_of_customer() -> QuerySet[Handoff]:
    handoffs = Handoff.objects.filter(conversation__customer=_customer()).select_related("team").order_by("-created_at")
    return handoffs.only("goal", "reason", "created_at", "resolution", "team__name")[:EARLIER]


def _conversations_of_customer() -> QuerySet[Conversation]:
    """Those without a handoff, with their first `words`."""
    first = Turn.objects.filter(conversation=OuterRef("pk"), author=Author.CUSTOMER).exclude(NO_WORDS).order_by("number").values("text")[:1]
    others = Conversation.objects.filter(customer=_customer(), handoffs=None, last_number__gt=0).exclude(pk=_conversation)
    others = others.annotate(words=Subquery(first)).select_related("answered_by").order_by("-last_turn_at")
    return others.only("last_turn_at", "answered_by__name")[:EARLIER]


def _turns_since() -> QuerySet[Turn, tuple[Any, ...]]:
    turns = Turn.objects.filter(conversation=_conversation, number__gt=F("conversation__assistant_since")).exclude(NO_WORDS)
    return turns.order_by("-number").values_list(*LINE, "sources")[:LINES_JUDGED]


def _attempts_since() -> QuerySet[Attempt, tuple[Any, ...]]:
    attempts = Attempt.objects.filter(conversation=_conversation, after_number__gte=F("conversation__assistant_since"))
    return attempts.order_by("-id").values_list(*STEP)[:LINES_JUDGED]


def _row_held() -> QuerySet[Conversation]:
    rows = Conversation.objects.select_for_update(of=("self",), no_key=True).select_related("customer", "assistant", "answered_by")
    return rows.filter(pk=_conversation)


_held, _held_own = Prepared(_row_held), Prepared(lambda: _row_held().filter(assistant=Given("assistant", IntegerField())))
_newest_turns, _newest_attempts = Prepared(_turns_since), Prepared(_attempts_since)
_told_facts = Prepared(lambda: ProposalRecord.objects.filter(conversation=_conversation).order_by("id").values_list("facts"))
_their_handoffs, _their_others = Prepared(_handoffs_of_customer), Prepared(_conversations_of_customer)
