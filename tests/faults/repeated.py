"""What Baton says and does by itself, it says and does once, however many of its processes have come to it at the same time. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta

from tests.faults.ledger import Act
from tests.faults.stored import Stored, StoredTurn

# Longer than processes take that came to the same together, and shorter than it is until it is time to say something again.
TOGETHER = timedelta(seconds=10)
OURS = ("waiting_room", "assistant")
# What comes unasked; any other turn is somebody's words, or a move: afterwards the same may be said again.
UNASKED = ("message", "check_in", "notice", "meanwhile", "solution")
# What is done once while a handoff stays where it is.
ONCE = ("alarmed", "silent")


def words(acts: Iterable[Act], stored: Stored) -> Iterator[str]:
    """The same words twice within ten seconds, with nothing between that they could be about. What a caller said is not looked at."""
    by_callers, said = {(act.conversation, act.client_id) for act in acts if act.client_id}, dict[tuple[str, str, str], StoredTurn]()
    for turn in sorted(stored.turns, key=lambda turn: (turn.conversation, turn.number)):
        is_ours = turn.author in OURS and (turn.conversation, turn.client_id) not in by_callers
        key = (turn.conversation, turn.kind, turn.words)
        if is_ours and key in said and turn.at - said[key].at < TOGETHER:
            yield f"{turn.kind} {turn.words[:60]!r} stands as turns {said[key].number} and {turn.number} of {turn.conversation}"
        if not is_ours or turn.kind not in UNASKED:
            said.clear()
        if is_ours:
            said[key] = turn


def steps(stored: Stored) -> Iterator[str]:
    """Two check-ins of one due time, or two steps of one verb that is done once while a handoff stays where it is."""
    due, since = Counter((step.handoff, step.due) for step in stored.steps if step.due), set[tuple[str, str]]()
    yield from (f"{handoff} was told twice what was due {at}" for (handoff, at), times in due.items() if times > 1)
    for step in stored.steps:
        if step.to_state:
            since -= {(step.handoff, verb) for verb in ONCE}
        elif step.verb in ONCE and (step.handoff, step.verb) in since:
            yield f"{step.handoff} was {step.verb} twice"
        else:
            since.add((step.handoff, step.verb))
