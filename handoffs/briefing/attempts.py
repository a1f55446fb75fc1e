"""What the assistant tried, repeats merged."""

from handoffs.snapshots import BriefAttempt, Outcome, Tried


def merge(tried: tuple[Tried, ...]) -> tuple[BriefAttempt, ...]:
    """Attempts in order, repeats of the same step and outcome merged into the latest."""
    rows: dict[tuple[str, Outcome], BriefAttempt] = {}
    for attempt in tried:
        key = (attempt.step.casefold(), attempt.outcome)
        before = rows.pop(key, None)
        rows[key] = BriefAttempt(step=attempt.step, detail=attempt.detail, outcome=attempt.outcome, shown=attempt.shown, turn=attempt.turn,
                                 at=attempt.at, times=before.times + 1 if before else 1)
    return tuple(rows.values())
