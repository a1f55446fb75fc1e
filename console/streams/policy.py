"""The policy page's live half: which version is open, what it changes, and how its replay stands."""

from typing import Any, ClassVar

from django.db.models import QuerySet

from console.policy.replayed import shown
from console.streams.supervisors import SupervisorsPage
from handoffs import publishing, waiting_room
from handoffs.differences import differences
from handoffs.models import Flip, PolicyVersion, Replay

# Marked ones give way five at a time, so that nothing moves under a hand that judges, and the last word can be taken back.
FLIPS_SHOWN, FLIPS_KEPT = 6, 5


class PolicyPage(SupervisorsPage):
    """The policy page's live half."""

    code: ClassVar[str] = "policy"
    check_every: ClassVar[float] = 2.0  # a replay says how far it is in its row alone
    names: ClassVar[tuple[str, ...]] = ("rail-count", "policy-head", "policy-changes", "policy-replay")

    def context(self) -> dict[str, Any]:
        return context_now()


def context_now() -> dict[str, Any]:
    draft, live = publishing.draft(), PolicyVersion.live()
    gate = publishing.gate(draft) if draft else publishing.Gate(why_closed="Change something first.")
    return {
        "count": waiting_room.queue().count(),
        "draft": draft,
        "live": live,
        "mark": publishing.mark(draft or live),
        "changes": differences(PolicyVersion.in_force(), draft.says()) if draft else [],
        "gate": gate,
        **(_replay(gate, gate.replay, draft) if draft and gate.replay else {}),
    }


def _replay(gate: publishing.Gate, replay: Replay, draft: PolicyVersion) -> dict[str, Any]:
    flips = replay.flips.select_related("by")
    following = flips.filter(right__isnull=True).first()
    outdated = replay.body != draft.body
    return {
        "replay": replay,
        "result": replay.result,
        "runs": replay.state in (Replay.State.DUE, Replay.State.RUNNING),
        "failed": replay.state == Replay.State.FAILED,
        "outdated": outdated,
        "progress": 100 * replay.done / replay.total if replay.total else 0.0,
        "flips": _window(flips, following),
        "next": None if outdated else following,
        **(shown(replay.result) if replay.state == Replay.State.DONE else {}),
    }


def _window(flips: QuerySet[Flip], following: Flip | None) -> list[Flip]:
    """Some flips around the first that nobody has marked."""
    place = flips.filter(pk__lt=following.pk).count() if following else flips.count()
    start = max(0, place - 1) // FLIPS_KEPT * FLIPS_KEPT
    return list(flips[start : start + FLIPS_SHOWN])
