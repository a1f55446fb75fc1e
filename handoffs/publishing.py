"""How a policy comes into force: a draft, a replay of it, conversations looked at, and a supervisor's word why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q

from handoffs import clock, simulation
from handoffs.differences import differences
from handoffs.models import Agent, Flip, PolicyVersion, Replay
from handoffs.policy import Policy
from handoffs.transitions import Forbidden

ENOUGH = 20
REVIEW_EVERY = timedelta(days=30)
STANDARD = Policy.model_validate({})


class Behind(Forbidden):
    """The policy is not any more what the writer saw."""

    def __init__(self) -> None:
        super().__init__("somebody changed the policy while you looked at it")


@dataclass(frozen=True)
class Gate:
    """Whether a draft may be published: its replay, how many conversations must be looked at, and what was thought of them."""

    replay: Replay | None = None
    needed: int = 0
    right: int = 0
    wrong: int = 0
    why_closed: str = ""

    @property
    def looked_at(self) -> int:
        return self.right + self.wrong


@dataclass(frozen=True)
class Review:
    """When the people-only list was last read through, by whom, and when it is due again; None: never."""

    at: datetime | None = None
    by: Agent | None = None

    @property
    def due_at(self) -> datetime | None:
        return self.at + REVIEW_EVERY if self.at else None

    @property
    def is_due(self) -> bool:
        return self.due_at is None or self.due_at <= clock.now()


def draft() -> PolicyVersion | None:
    """The one open draft."""
    return PolicyVersion.objects.filter(published_at__isnull=True).select_related("made_by").first()


def mark(version: PolicyVersion | None) -> str:
    """What a page notes of the version it shows, to be refused when it has changed since."""
    return f"{version.pk} {version.changed_at.isoformat()}" if version else ""


def begin(by: Agent) -> PolicyVersion:
    """Open a draft: a copy of the policy in force. Raises Forbidden when there is one."""
    return _open(PolicyVersion.in_force(), by)


def go_back(version: PolicyVersion, by: Agent) -> PolicyVersion:
    """Open a draft with what an earlier version said. Raises Forbidden when there is a draft."""
    return _open(version.says(), by)


def change(draft: PolicyVersion, values: Mapping[str, Any], by: Agent) -> PolicyVersion:
    """Replace fields of the draft as the writer saw it. Raises pydantic's ValidationError, and Behind when somebody was first."""
    body = body_of(Policy.model_validate({**draft.body, **values}))
    if body != draft.body:
        _update(draft, by, body=body)
    return draft


def discard(draft: PolicyVersion, by: Agent) -> None:
    """Forget the draft and its replays. Raises Behind."""
    _may(by)
    if not _as_seen(draft).delete()[0]:
        raise Behind


def gate(draft: PolicyVersion) -> Gate:
    """Publishing opens when the latest replay is of exactly these values and enough of its flips were looked at."""
    replay = simulation.newest(draft)
    if replay is None:
        return Gate(why_closed="Replay the draft first.")
    if replay.body != draft.body:
        return Gate(replay, why_closed="The draft has changed since its replay. Run it again.")
    if replay.state == Replay.State.FAILED:
        return Gate(replay, why_closed="The replay failed. Run it again.")
    if replay.state != Replay.State.DONE:
        return Gate(replay, why_closed="The replay is not done yet.")
    if replay.result.get("source") == "import" and not replay.result.get("conversations"):
        return Gate(replay, why_closed="No conversation of the file could be read. Replay another, or your own history.")
    flips = replay.flips.aggregate(all=Count("pk"), good=Count("pk", filter=Q(right=True)), bad=Count("pk", filter=Q(right=False)))
    needed = min(ENOUGH, flips["all"])
    left = needed - flips["good"] - flips["bad"]
    why = f"Look at {left} more conversation{'s' if left > 1 else ''} that would change." if left > 0 else ""
    return Gate(replay, needed, flips["good"], flips["bad"], why)


def look_at(flip: Flip, right: bool, by: Agent) -> None:
    """Say whether the draft's decision is the better one."""
    _may(by)
    Flip.objects.filter(pk=flip.pk).update(right=right, by=by, at=clock.now())


def publish(draft: PolicyVersion, by: Agent, why: str) -> None:
    """Put the draft in force. Raises Forbidden while the gate is closed, and Behind."""
    if not why.strip():
        raise Forbidden("say why you publish this")
    Policy.model_validate(draft.body)
    with transaction.atomic():
        if words := gate(draft).why_closed:
            raise Forbidden(words)
        _update(draft, by, why=why.strip(), published_at=clock.now(), published_by=by)


def review() -> Review:
    """The last reading of the people-only list."""
    last = PolicyVersion.objects.filter(reviewed_at__isnull=False).order_by("reviewed_at").select_related("reviewed_by").last()
    return Review(last.reviewed_at, last.reviewed_by) if last else Review()


def reviewed(by: Agent) -> None:
    """Note that the people-only list in force was read through; the standard policy becomes a version for it."""
    _may(by)
    live = PolicyVersion.live() or PolicyVersion.objects.create(body=body_of(STANDARD), why="The standard policy", made_by=by, published_by=by)
    PolicyVersion.objects.filter(pk=live.pk).update(reviewed_at=clock.now(), reviewed_by=by)


def problems() -> tuple[str, ...]:
    """A sentence when the version in force cannot be read, so that an earlier one is used."""
    live = PolicyVersion.live()
    return (f"Version {live.pk} of the policy cannot be read; an earlier one is used.",) if live and not live.readable else ()


def history(limit: int = 20) -> list[tuple[PolicyVersion, list[str]]]:
    """Published versions, newest first, each with what it changed."""
    newest = PolicyVersion.objects.filter(published_at__isnull=False).order_by("-published_at", "-pk").select_related("made_by", "published_by")
    rows = [(row, row.says()) for row in newest[: limit + 1]]
    before = [policy for _, policy in rows[1:]] + [STANDARD]
    return [(row, differences(old, policy)) for (row, policy), old in zip(rows, before, strict=False)][:limit]


def body_of(policy: Policy) -> dict[str, Any]:
    """Every value, so that a version says the same whatever the standard values become."""
    return policy.model_dump(mode="json")


def _open(policy: Policy, by: Agent) -> PolicyVersion:
    _may(by)
    try:
        with transaction.atomic():
            return PolicyVersion.objects.create(body=body_of(policy), made_by=by, published_at=None)
    except IntegrityError:
        raise Forbidden("there is a draft already: publish or discard it first") from None


def _update(draft: PolicyVersion, by: Agent, **columns: Any) -> None:
    _may(by)
    columns["changed_at"] = clock.now()
    if not _as_seen(draft).update(**columns):
        raise Behind
    for name, value in columns.items():
        setattr(draft, name, value)


def _as_seen(draft: PolicyVersion) -> Any:
    return PolicyVersion.objects.filter(pk=draft.pk, published_at__isnull=True, changed_at=draft.changed_at)


def _may(by: Agent) -> None:
    if not by.is_supervisor:
        raise Forbidden("only leads set the policy")
