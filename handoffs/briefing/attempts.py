"""What the assistant tried, repeats merged, and which of it an agent should read first."""

from handoffs.snapshots import BriefAttempt, Outcome, Tried

# Of more different steps than this the newest are kept, failures before others: a brief is read by a person.
MOST_ATTEMPTS = 60
REST = "Other steps, older"
WEIGHT = {Outcome.FAILED: 0, Outcome.REFUSED: 0, Outcome.UNKNOWN: 1, Outcome.DONE: 2}


def merge(tried: tuple[Tried, ...]) -> tuple[BriefAttempt, ...]:
    """Attempts in the order they were last tried; repeats of a step with the same outcome are one row with the latest detail, turn and time.

    A step that failed and later worked stays two rows: both are true, and the order tells which came last.
    """
    rows: dict[tuple[str, Outcome], BriefAttempt] = {}
    for attempt in tried:
        key = (" ".join(attempt.step.casefold().split()), attempt.outcome)
        before = rows.pop(key, None)
        rows[key] = BriefAttempt(
            step=attempt.step, detail=attempt.detail or (before.detail if before else ""), outcome=attempt.outcome,
            shown=attempt.shown or bool(before and before.shown), turn=attempt.turn, at=attempt.at, times=before.times + 1 if before else 1,
        )
    return tuple(rows.values())


def foremost(attempts: tuple[BriefAttempt, ...], count: int) -> tuple[BriefAttempt, ...]:
    """The attempts to read first, at most `count`: what failed or was refused, then what is not known, then what worked; the newest first."""
    return tuple(sorted(reversed(attempts), key=lambda attempt: WEIGHT[attempt.outcome])[:count])


def kept(attempts: tuple[BriefAttempt, ...]) -> tuple[BriefAttempt, ...]:
    """The foremost in their order, at most MOST_ATTEMPTS; what is left out is one row before them that says how many there were."""
    if len(attempts) <= MOST_ATTEMPTS:
        return attempts
    chosen = {id(attempt) for attempt in foremost(attempts, MOST_ATTEMPTS - 1)}
    left = [attempt for attempt in attempts if id(attempt) not in chosen]
    outcomes = {attempt.outcome for attempt in left}
    rest = BriefAttempt(step=REST, outcome=outcomes.pop() if len(outcomes) == 1 else Outcome.UNKNOWN, times=sum(attempt.times for attempt in left))
    return (rest, *(attempt for attempt in attempts if id(attempt) in chosen))
