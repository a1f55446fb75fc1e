"""What was said and tried in a conversation so far, as values for the pure parts."""

from typing import Any

from handoffs import feeling
from handoffs.models import Conversation, Turn
from handoffs.snapshots import Author, Feeling, Line, Mood, Outcome, Transcript, Tried

LINES_JUDGED = 200


def transcript(conversation: Conversation) -> Transcript:
    """What was said and tried since the assistant took over."""
    since = conversation.assistant_since
    turns = conversation.turns.filter(number__gt=since).exclude(author=Author.WAITING_ROOM).order_by("-number")[:LINES_JUDGED]
    attempts = reversed(conversation.attempts.filter(after_number__gte=since).order_by("-id")[:LINES_JUDGED])
    tried = tuple(
        Tried(attempt.step, Outcome(attempt.outcome), attempt.detail, attempt.shown, attempt.after_number or None, attempt.at) for attempt in attempts
    )
    return Transcript(lines=tuple(line(turn) for turn in reversed(turns)), tried=tried, facts=known(conversation), copilot=copilot(conversation))


def copilot(conversation: Conversation) -> str:
    """The code of the assistant when a person checks its answers first."""
    return conversation.answered_by.code if conversation.answered_by.copilot else ""


def known(conversation: Conversation) -> dict[str, Any]:
    """What is known beside what was said: the customer's record, and what the assistant said it knows."""
    customer = conversation.customer
    return {"name": customer.name, "account": customer.account, "orders": customer.orders, **facts(conversation)}


def facts(conversation: Conversation) -> dict[str, Any]:
    """What the assistant said it knows, the latest value of each."""
    known: dict[str, Any] = {}
    for stored in conversation.proposals.order_by("id").values_list("facts", flat=True):
        known |= stored
    return known


def felt(conversation: Conversation) -> Feeling:
    """How the customer feels now, by their newest turns, whoever has the conversation."""
    newest = conversation.turns.filter(author=Author.CUSTOMER).order_by("-number")[: feeling.LOOK_BACK]
    return feeling.over(tuple(line(turn) for turn in reversed(newest)))


def line(turn: Turn) -> Line:
    """A stored turn as a value."""
    mood = Mood(turn.mood) if turn.mood else None
    return Line(
        Author(turn.author), turn.text, turn.number, intent=turn.intent, intent_confidence=turn.intent_confidence, language=turn.language,
        clarifying=turn.clarifying, mood=mood, tension=turn.tension or 0.0,
    )
