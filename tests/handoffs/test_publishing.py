"""A policy comes into force by a draft, a replay of it, conversations looked at, and a supervisor's word why."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pydantic import ValidationError

from handoffs import publishing
from handoffs.differences import differences
from handoffs.models import Agent, Flip, PolicyVersion, Replay
from handoffs.policy import Limits, Policy, Topic
from handoffs.transitions import Forbidden

pytestmark = pytest.mark.django_db
LESS_SURE = {"clarify_at": 0.6}


@pytest.fixture
def draft(cara: Agent) -> PolicyVersion:
    return publishing.change(publishing.begin(cara), LESS_SURE, cara)


@pytest.fixture
def replayed(cara: Agent) -> Callable[..., Replay]:
    """A replay of the draft that is done and would change so many conversations."""

    def make(draft: PolicyVersion, flips: int = 0, looked_at: int = 0, **columns: Any) -> Replay:
        replay = Replay.objects.create(**{"draft": draft, "body": draft.body, "state": Replay.State.DONE, "asked_by": cara, **columns})
        for number in range(flips):
            flip = Flip.objects.create(replay=replay, words=f"Where is order {number}?")
            if number < looked_at:
                publishing.look_at(flip, number % 2 == 0, cara)
        return replay

    return make


def test_a_draft_is_a_copy_of_the_policy_in_force(policy: Callable[..., PolicyVersion], cara: Agent) -> None:
    policy(silent_after=17)
    made = publishing.begin(cara)
    assert (Policy.model_validate(made.body), publishing.draft(), made.made_by) == (PolicyVersion.in_force(), made, cara)


def test_there_is_one_draft(draft: PolicyVersion, cara: Agent) -> None:
    with pytest.raises(Forbidden):
        publishing.begin(cara)
    publishing.discard(draft, cara)
    assert publishing.draft() is None


def test_agents_do_not_set_the_policy(draft: PolicyVersion, ann: Agent, replayed: Callable[..., Replay]) -> None:
    replayed(draft)
    for act in (lambda: publishing.change(draft, {"silent_after": 9}, ann), lambda: publishing.publish(draft, ann, "why not"),
                lambda: publishing.discard(draft, ann), lambda: publishing.reviewed(ann)):
        with pytest.raises(Forbidden):
            act()
    assert PolicyVersion.in_force() == Policy()


def test_without_a_version_there_is_no_history(db: None) -> None:
    assert publishing.history() == []


def test_a_draft_changes_nothing_before_it_is_published(draft: PolicyVersion) -> None:
    assert (PolicyVersion.in_force().clarify_at, Policy.model_validate(draft.body).clarify_at) == (0.75, 0.6)


@pytest.mark.parametrize("values", [{"answer_at": 0.5}, {"check_in_every": 99999999999999}, {"humans_only": [{"label": "no code"}]}])
def test_values_that_make_no_policy_are_refused(draft: PolicyVersion, cara: Agent, values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        publishing.change(draft, values, cara)
    assert publishing.draft().body == draft.body


def test_who_looked_before_the_last_change_is_refused(draft: PolicyVersion, cara: Agent) -> None:
    seen = publishing.draft()
    publishing.change(draft, {"silent_after": 9}, cara)
    for act in (lambda: publishing.change(seen, {"silent_after": 5}, cara), lambda: publishing.discard(seen, cara)):
        with pytest.raises(publishing.Behind):
            act()
    assert publishing.draft().body["silent_after"] == 9


def test_publishing_needs_a_replay_of_these_values(draft: PolicyVersion, cara: Agent, replayed: Callable[..., Replay]) -> None:
    assert publishing.gate(draft).why_closed == "Replay the draft first."
    replayed(draft)
    publishing.change(draft, {"silent_after": 9}, cara)
    with pytest.raises(Forbidden, match="has changed since its replay"):
        publishing.publish(draft, cara, "quicker")
    replayed(draft, state=Replay.State.RUNNING)
    assert publishing.gate(draft).why_closed == "The replay is not done yet."
    replayed(draft, state=Replay.State.FAILED)
    assert publishing.gate(draft).why_closed == "The replay failed. Run it again."


@pytest.mark.parametrize(("flips", "looked_at", "left"), [(30, 0, 20), (30, 19, 1), (30, 20, 0), (5, 4, 1), (5, 5, 0), (0, 0, 0)])
def test_twenty_changed_conversations_are_looked_at_or_all_there_are(
    draft: PolicyVersion, replayed: Callable[..., Replay], flips: int, looked_at: int, left: int
) -> None:
    replayed(draft, flips, looked_at)
    gate = publishing.gate(draft)
    assert (gate.needed - gate.looked_at, gate.why_closed == "") == (left, left == 0)


def test_what_is_published_is_in_force_and_says_who_and_why(draft: PolicyVersion, cara: Agent, replayed: Callable[..., Replay]) -> None:
    replayed(draft)
    with pytest.raises(Forbidden, match="say why"):
        publishing.publish(draft, cara, "  ")
    publishing.publish(draft, cara, "Too many handoffs")
    live = PolicyVersion.live()
    assert (PolicyVersion.in_force().clarify_at, live.published_by, live.why, publishing.draft()) == (0.6, cara, "Too many handoffs", None)
    assert publishing.history()[0] == (live, ["Hand over under: 0.60 instead of 0.75."])


def test_going_back_is_a_draft_like_any_other(policy: Callable[..., PolicyVersion], cara: Agent) -> None:
    first = policy(silent_after=11)
    policy(silent_after=99)
    made = publishing.go_back(first, cara)
    assert (made.body["silent_after"], PolicyVersion.in_force().silent_after) == (11, 99)


def test_the_people_only_list_is_due_for_review_every_month(cara: Agent) -> None:
    assert publishing.review().is_due
    publishing.reviewed(cara)
    review = publishing.review()
    assert (review.is_due, review.by) == (False, cara)
    PolicyVersion.objects.update(reviewed_at=timezone.now() - timedelta(days=31))
    assert publishing.review().is_due


def test_a_review_survives_the_next_version(draft: PolicyVersion, cara: Agent, replayed: Callable[..., Replay]) -> None:
    publishing.reviewed(cara)
    replayed(draft)
    publishing.publish(draft, cara, "quicker")
    assert not publishing.review().is_due


def test_half_a_hundredth_of_a_confidence_is_said() -> None:
    """Limits that are found come in steps of 0.005."""
    policy = Policy.model_validate({"answer_at": 0.855, "limits": {"refund": {"answer_at": 0.855}}})
    assert differences(Policy(), policy) == [
        "Answer from: 0.855 instead of 0.85.", "Refund: a person under 0.75, an answer from 0.855.",
    ]


def test_differences_are_sentences() -> None:
    pets = Topic(code="pets", label="pets", phrases=("my dog",))
    old = Policy(limits={"refund": Limits(answer_at=0.9)})
    new = Policy(answer_at=0.9, shadow_share=0.1, calibrated=True, humans_only=(pets, *old.humans_only[1:]), limits={"bank_fee": Limits(clarify_at=0.8)})
    assert differences(old, old) == []
    assert differences(old, new) == [
        "Answer from: 0.90 instead of 0.85.",
        "Bank fee: a person under 0.80, an answer from 0.85.",
        "Refund has no limits of its own any more.",
        "What an assistant’s confidence turned out to be worth: used instead of not used.",
        "Drafts to judge, of what is handed over: 10 % instead of 0 %.",
        "People only: “pets” comes onto the list.",
        "People only: “someone may be in danger” leaves the list.",
    ]
