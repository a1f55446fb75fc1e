"""Limits that were found for an accepted share of wrong answers are raised when the mix of messages moves."""

from datetime import timedelta

from handoffs import clock
from handoffs.models import Heartbeat, PolicyVersion
from handoffs.policy import Limits
from handoffs.verdicts.suggesting import suggest

EVERY = timedelta(days=1)
NOBODY = 1.0


def watch() -> PolicyVersion | None:
    """Once a day: put a version in force whose limits keep what the team accepts on today's messages; None when those in force do.

    Limits only rise here, and only those found for an accepted share; lowering them again is for people, after a replay.
    """
    if Heartbeat.objects.filter(name="watch", at__gt=clock.now() - EVERY).exists():
        return None
    Heartbeat.beat("watch")
    live, policy = PolicyVersion.live(), PolicyVersion.in_force()
    raised = {intent: limit for intent, limits in (("", policy), *policy.limits.items()) if (limit := _raised(intent, limits))}
    if not raised:
        return None
    own = {intent: limits.model_copy(update={"answer_at": raised.get(intent, limits.answer_at)}) for intent, limits in policy.limits.items()}
    stricter = policy.model_copy(update={"answer_at": raised.get("", policy.answer_at), "limits": own})
    names = ", ".join(f"{intent or 'all topics'} from {limit:g}" for intent, limit in raised.items())
    why = f"The mix of messages has moved, so limits found for an accepted share of wrong answers rise: {names}."
    # Finding limits takes seconds: what a supervisor published meanwhile stands, and is looked at tomorrow.
    return PolicyVersion.objects.create(body=stricter.model_dump(mode="json"), why=why) if PolicyVersion.live() == live else None


def _raised(intent: str, limits: Limits) -> float | None:
    """The higher limit that today's mix asks for. With enough judged answers and no limit that keeps the share, only the surest are answered."""
    if not limits.accepted_wrong:
        return None
    found = suggest(intent, limits.accepted_wrong)
    limit = found.limit if found.limit is not None or not found.enough else NOBODY
    return limit if found.moved and limit is not None and limit > limits.answer_at else None
