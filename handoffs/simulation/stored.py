"""Our own history as stories: read in chunks, so many queries a chunk, whatever is in it."""

from bisect import bisect
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from handoffs import history
from handoffs.copilot import REVIEWED
from handoffs.models import Attempt, Conversation, Handoff, PolicyVersion, ProposalRecord, Turn, Verdict
from handoffs.policy import Policy
from handoffs.simulation.stories import Event, HandedBack, HandedOff, Proposed, Said, Story
from handoffs.snapshots import Action, Author, Detection, Outcome, Proposal, Tried
from handoffs.verdicts import SHADOW, WRAP_UP

CHUNK = 200
# Said when a conversation comes back, or drafted after a person has it: no policy judges these.
NOT_JUDGED = (WRAP_UP, SHADOW)
TURN = ("conversation_id", "number", "author", "kind", "text", "at", "mood", "tension", "language", "intent", "intent_confidence", "clarifying")
PROPOSED = ("id", "conversation_id", "client_id", "after_number", "turn__number", "text", "confidence", "intent", "intent_confidence", "failed", "facts",
            "sources", "clarifying", "shadow", "action", "evidence", "at", "review")
TRIED = ("conversation_id", "after_number", "step", "outcome", "detail", "shown", "at")
HANDED = ("conversation_id", "trigger", "reason", "detections")
Rows = Mapping[UUID, list[Any]]


def conversations(since: datetime | None = None) -> QuerySet[Conversation]:
    """The conversations a replay runs, those begun since then."""
    return Conversation.objects.filter(created_at__gte=since) if since else Conversation.objects.all()


def stories(since: datetime | None = None) -> Iterator[Story]:
    """Every conversation since then, the oldest first."""
    chances = Chances()
    last: tuple[datetime, UUID] | None = None
    while rows := _next(since, last):
        ids = [row.pk for row in rows]
        turns, tried, handed = _by(Turn, TURN, ids, "number"), _by(Attempt, TRIED, ids, "id"), _by(Handoff, HANDED, ids, "created_at")
        proposed, verdicts = _by(ProposalRecord, PROPOSED, ids, "id"), _verdicts(ids)
        for row in rows:
            events = _events(turns[row.pk], _proposals(proposed[row.pk], tried[row.pk], verdicts, chances), handed[row.pk])
            yield _story(row, events)
        last = (rows[-1].created_at, rows[-1].pk)


class Chances:
    """How likely what was held back at a moment was to be drafted for people to judge, by the policy in force then."""

    def __init__(self) -> None:
        versions = PolicyVersion.objects.filter(published_at__isnull=False).order_by("published_at", "pk")
        self._since = [version.published_at for version in versions if version.published_at]
        self._shares = [Policy.model_validate({}).shadow_share, *(version.says().shadow_share for version in versions)]

    def at(self, moment: datetime) -> float:
        return self._shares[bisect(self._since, moment)]


def _next(since: datetime | None, last: tuple[datetime, UUID] | None) -> list[Conversation]:
    rows = conversations(since).select_related("customer", "answered_by").order_by("created_at", "pk")
    if last:
        rows = rows.filter(Q(created_at__gt=last[0]) | Q(created_at=last[0], pk__gt=last[1]))
    return list(rows[:CHUNK])


def _by(model: Any, columns: tuple[str, ...], ids: list[UUID], order: str) -> Rows:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in model.objects.filter(conversation_id__in=ids).order_by(order).values_list(*columns, named=True):
        found[row.conversation_id].append(row)
    return found


def _verdicts(ids: list[UUID]) -> dict[int, bool]:
    """The latest verdict on each proposal."""
    return dict(Verdict.objects.filter(proposal__conversation_id__in=ids).order_by("at").values_list("proposal_id", "right"))


def _story(row: Conversation, events: tuple[Event, ...]) -> Story:
    customer = row.customer
    known = {"name": customer.name, "account": customer.account, "orders": customer.orders}
    return Story(str(row.pk), str(row.customer_id), events, row.created_at, True, customer.tier, known, row.answered_by.code, row.language,
                 copilot=history.copilot(row))


def _events(turns: list[Any], proposals: list[tuple[int, Proposed]], handoffs: list[Any]) -> tuple[Event, ...]:
    """Turns and proposals in the order in which they happened: a proposal stands after the turn it was made after."""
    ahead, passed = deque(proposals), iter(handoffs)
    events: list[Event] = []
    for turn in turns:
        while ahead and ahead[0][0] < turn.number:
            events.append(ahead.popleft()[1])
        if event := _turn(turn, passed):
            events.append(event)
    return (*events, *(proposal for _, proposal in ahead))


def _turn(turn: Any, passed: Iterator[Any]) -> Event | None:
    match turn.kind:
        case Turn.Kind.HANDED_OFF:
            return _handed_off(turn.at, next(passed, None))
        case Turn.Kind.HANDED_BACK:
            return HandedBack(turn.at)
    return None if turn.author == Author.WAITING_ROOM else Said(history.line(turn), turn.at)


def _handed_off(at: datetime, handoff: Any) -> HandedOff:
    first = handoff.detections[0] if handoff and handoff.detections else {}
    evidence = first.get("evidence") or {}
    if evidence.get("button") or first.get("trigger") == "assistant_decided":
        return HandedOff(at, Detection(first["trigger"], first.get("reason", ""), evidence))
    return HandedOff(at, silent_for=float(evidence.get("silent_for") or 0))


def _proposals(rows: list[Any], tried: Iterable[Any], verdicts: Mapping[int, bool], chances: Chances) -> list[tuple[int, Proposed]]:
    """Each judged proposal with the turn it came after. An attempt belongs to the proposal stored last before it."""
    judged = [row for row in rows if not row.client_id.startswith(NOT_JUDGED)]
    made_after, steps = defaultdict(list), defaultdict(list)
    for row in judged:
        made_after[row.after_number].append(row)
    for attempt in tried:
        if before := [row for row in made_after[attempt.after_number] if row.at <= attempt.at]:
            steps[before[-1].id].append(Tried(attempt.step, Outcome(attempt.outcome), attempt.detail, attempt.shown))
    return sorted(((_after(row), _proposed(row, tuple(steps[row.id]), verdicts, chances)) for row in judged), key=lambda pair: pair[0])


def _after(row: Any) -> int:
    return row.after_number or (row.turn__number or 1) - 1


def _proposed(row: Any, attempts: tuple[Tried, ...], verdicts: Mapping[int, bool], chances: Chances) -> Proposed:
    stated = row.evidence.get("stated_confidence", row.confidence)
    proposal = Proposal(row.text, stated, row.intent, row.intent_confidence, tuple(row.sources), attempts, row.facts, row.clarifying, row.failed)
    given = row.action == Action.ANSWER
    # An agent looks at each draft of a copilot that comes before them, not at a sample.
    looked_at = row.review in REVIEWED
    chance = 0.0 if given else 1.0 if looked_at else chances.at(row.at)
    return Proposed(proposal, row.at, given, verdicts.get(row.id), row.shadow or looked_at, chance)
