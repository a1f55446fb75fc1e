"""A replay as a row: asked for, done by a worker that says how far it is, taken over when its worker dies."""

import dataclasses
import logging
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from handoffs import clock, routing, shelf, verdicts
from handoffs.learned import languages
from handoffs.models import Agent, Flip, PolicyVersion, Replay
from handoffs.policy import Policy
from handoffs.simulation import imported, staffing, stored
from handoffs.simulation.engine import Engine
from handoffs.simulation.gathering import Gathering
from handoffs.simulation.imported import Unfit
from handoffs.simulation.result import result
from handoffs.simulation.stories import Story
from handoffs.snapshots import Brief, Detection, Line, Transcript

logger = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=30)
LARGEST_IMPORT = 64 * 2**20
SAY_EVERY = 1.0
LOST_AFTER = timedelta(seconds=30)
GIVE_UP_AFTER = timedelta(hours=1)
WORDS_KEPT = 300
LOST = "It was stopped again and again before it was done. Run it again, or ask whoever runs the workers."


class Cancelled(Exception):
    """The row is gone or another worker's."""


def ask(draft: PolicyVersion, by: Agent, *, imported: bytes | None = None, since: datetime | None = None) -> Replay:
    """Ask for a replay of the draft as it is now, on our own history since then (None: 30 days) or on an import. An unfinished one is cancelled.

    Raises Unfit, a ValueError, when the import is no gzip or too large.
    """
    if imported is not None:
        _check(imported)
    with transaction.atomic():
        draft.replays.filter(state__in=[Replay.State.DUE, Replay.State.RUNNING]).delete()
        return Replay.objects.create(draft=draft, body=draft.body, asked_by=by, imported=imported, since=since or clock.now() - LOOK_BACK)


def cancel(replay: Replay) -> None:
    """Forget it; its worker notices within a second or so."""
    Replay.objects.filter(pk=replay.pk).delete()


def newest(draft: PolicyVersion) -> Replay | None:
    return draft.replays.defer("imported").order_by("asked_at", "pk").last()


def work() -> Replay | None:
    """Do the oldest replay that is due, or whose worker was lost. One at a time: the other workers have customers to serve."""
    now = clock.now()
    lost = Q(state=Replay.State.RUNNING, beat_at__lt=now - LOST_AFTER)
    if Replay.objects.filter(state=Replay.State.RUNNING, beat_at__gte=now - LOST_AFTER).exists():
        return None
    Replay.objects.filter(lost, started_at__lt=now - GIVE_UP_AFTER).update(state=Replay.State.FAILED, error=LOST, ended_at=now, imported=None)
    replay = Replay.objects.filter(Q(state=Replay.State.DUE) | lost).order_by("asked_at", "pk").first()
    if replay is None or not _take(replay, now):
        return None
    try:
        _run(replay)
    except Cancelled:
        return None
    except Exception as error:
        logger.exception("replay %s failed", replay.pk)
        words = str(error) if isinstance(error, Unfit) else f"It could not be done: {type(error).__name__}."
        _update(replay, state=Replay.State.FAILED, error=words, ended_at=clock.now(), imported=None)
    return replay


def _take(replay: Replay, now: datetime) -> bool:
    as_seen = Replay.objects.filter(pk=replay.pk, state=replay.state, beat_at=replay.beat_at)
    started = replay.started_at or now
    if not as_seen.update(state=Replay.State.RUNNING, started_at=started, beat_at=now, done=0, error=""):
        return False
    replay.state, replay.started_at, replay.beat_at = Replay.State.RUNNING, started, now
    return True


def _run(replay: Replay) -> None:
    begun = time.monotonic()
    live, draft = PolicyVersion.in_force(), Policy.model_validate(replay.body)
    engine, gathered, broken = Engine(live, draft, _router(), verdicts.maps()), Gathering(staffing.hour_of), imported.Broken()
    _update(replay, total=_total(replay))
    done, said = 0, time.monotonic()
    for story in _stories(replay, broken):
        done += 1
        if story:
            _replay(story, engine, gathered, broken, done)
        if time.monotonic() - said > SAY_EVERY:
            said = time.monotonic()
            _update(replay, done=done)
    found = result(gathered, draft, staffing.staff(clock.now()), staffing.names())
    found |= {
        "source": "import" if replay.imported else "history", "seconds": round(time.monotonic() - begun, 2),
        "broken": {"count": broken.count, "first": broken.first},
    }
    with transaction.atomic():
        _update(replay, state=Replay.State.DONE, done=done, total=done, result=found, ended_at=clock.now(), imported=None)
        Flip.objects.bulk_create(_flips(replay, gathered, stored_here=not replay.imported))


def _replay(story: Story, engine: Engine, gathered: Gathering, broken: imported.Broken, place: int) -> None:
    try:
        outcome = engine.replay(story)
    except Exception:
        # One conversation that nobody foresaw must not cost the others their replay.
        logger.exception("conversation %s could not be replayed", story.name)
        broken.add(place, f"{story.name} could not be replayed")
    else:
        gathered.add(story, outcome)


def _update(replay: Replay, **columns: Any) -> None:
    """Write to the row and beat; raises Cancelled when it is gone, or another worker has it."""
    now = clock.now()
    if not Replay.objects.filter(pk=replay.pk, state=Replay.State.RUNNING, beat_at=replay.beat_at).update(beat_at=now, **columns):
        raise Cancelled
    replay.beat_at = now


def _stories(replay: Replay, broken: imported.Broken) -> Iterator[Story | None]:
    return imported.stories(bytes(replay.imported), broken, _heard) if replay.imported else stored.stories(replay.since)


def _heard(line: Line) -> Line:
    """An imported customer's words with their language and intent, found as when they are said live."""
    return shelf.voiced(line if line.language else dataclasses.replace(line, language=languages.detect(line.text)))


def _total(replay: Replay) -> int:
    return sum(1 for _ in imported.lines(bytes(replay.imported))) if replay.imported else stored.conversations(replay.since).count()


def _flips(replay: Replay, gathered: Gathering, *, stored_here: bool) -> list[Flip]:
    return [
        Flip(
            replay=replay, conversation_id=name if stored_here else None, name="" if stored_here else name, words=flip.words[:WORDS_KEPT],
            before=flip.before, after=flip.after,
        )
        for name, flip in gathered.flips
    ]


def _router() -> Any:
    """Where a handoff would wait, by the teams as they are now."""
    teams = routing.views(routing.teams())

    def route(story: Story, transcript: Transcript, found: tuple[Detection, ...]) -> str:
        said, proposal = transcript.said, transcript.proposal
        intent = proposal.intent if proposal else said[-1].intent if said else ""
        words = " ".join(line.text for line in said)
        language = story.language or next((line.language for line in reversed(said) if line.language), "")
        try:
            return routing.route(Brief(), found, teams, intent=intent, said=said, words=words, tier=story.tier, language=language).team
        except Exception:
            # As live: the general team takes what could not be routed.
            return routing.fallback(teams).team if teams else ""

    return route


def _check(body: bytes) -> None:
    if len(body) > LARGEST_IMPORT:
        raise Unfit(f"The file is larger than {LARGEST_IMPORT // 2**20} MB.")
    if next(imported.lines(body), None) is None:
        raise Unfit("There is nothing in the file: JSON lines packed with gzip are needed.")
