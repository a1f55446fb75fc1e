"""A copilot never speaks to the customer itself: a person uses, changes or rejects what it would say, and that is learned from."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from handoffs import copilot, differences, handback, receiving, simulation, tasks, turns
from handoffs.copilot import corrects, review_of
from handoffs.models import Agent, Assistant, Conversation, Handoff, PolicyVersion, ProposalRecord, Step, Verdict
from handoffs.policy import Policy
from handoffs.simulation import stored
from handoffs.simulation.engine import Engine
from handoffs.snapshots import Action, Author, Proposal
from handoffs.states import Owner
from handoffs.transitions import Forbidden, Stale
from handoffs.verdicts.worth import outcomes
from tests.conftest import reload

Start = Callable[..., Conversation]
WITH_SOURCE = Proposal("It comes back within 5 days.", confidence=0.97, intent="refund", sources=({"title": "Refunds"},))


def now(conversation: Conversation) -> Conversation:
    return Conversation.objects.select_related("answered_by", "customer").get(pk=conversation.pk)


@pytest.fixture
def helper(juniper: Assistant) -> Assistant:
    """Juniper, as a copilot."""
    juniper.copilot = True
    juniper.save()
    return juniper


@pytest.fixture
def drafted(helper: Assistant, conversation: Conversation) -> Handoff:
    """A refund question whose answer waits as a draft."""
    turns.take(now(conversation), "When do I get my refund?", client_id="1")
    decision = turns.propose(now(conversation), WITH_SOURCE, client_id="a")
    assert decision.handoff is not None
    return reload(decision.handoff)


@pytest.fixture
def mine(drafted: Handoff, person: Callable[..., Agent]) -> tuple[Handoff, Agent]:
    """The same, claimed by an agent."""
    agent = person("eve", drafted.team.code)
    receiving.claim(drafted, agent)
    return reload(drafted), agent


def draft_of(handoff: Handoff) -> ProposalRecord:
    found = copilot.waiting_draft(handoff)
    assert found is not None
    return found


def test_its_answer_becomes_a_draft_behind_a_handoff_and_the_customer_reads_none_of_it(drafted: Handoff) -> None:
    assert (drafted.trigger, draft_of(drafted).text, draft_of(drafted).sources) == ("copilot", WITH_SOURCE.text, [{"title": "Refunds"}])
    assert WITH_SOURCE.text not in {turn.text for turn in drafted.conversation.turns.all()}


def test_the_policy_lets_it_answer_an_intent_alone(helper: Assistant, start: Start, policy: Callable[..., PolicyVersion]) -> None:
    policy(autonomy={"juniper": [" Refund"]})
    actions = []
    for intent in ("refund", "REFUND", "delivery", ""):
        conversation = start()
        turns.take(now(conversation), "When does it come?")
        actions.append(turns.propose(now(conversation), Proposal("Soon.", confidence=0.99, intent=intent), client_id="a").action)
    assert actions == [Action.ANSWER, Action.ANSWER, Action.HAND_OFF, Action.HAND_OFF]


def test_a_star_lets_it_answer_everything_and_only_that_assistant() -> None:
    policy = Policy(autonomy={"juniper": ("*",)})
    assert [policy.lets_answer(*asked) for asked in (("juniper", ""), ("juniper", "x"), ("other", "x"))] == [True, True, False]


def test_what_else_stands_against_an_answer_it_may_give_alone_still_counts(helper: Assistant, conversation: Conversation, policy: Any) -> None:
    policy(autonomy={"juniper": ["*"]})
    turns.take(now(conversation), "When do I get it?")
    assert turns.propose(now(conversation), Proposal("Perhaps soon.", confidence=0.2), client_id="a").trigger == "low_confidence"


@pytest.mark.parametrize("autonomy", [{"x": [""]}, {"x": ["a" * 101]}, {"x": ["a"] * 201}, {str(n): ["a"] for n in range(101)}, ["x"]])
def test_autonomy_has_bounds(autonomy: Any) -> None:
    with pytest.raises(ValidationError):
        Policy(autonomy=autonomy)


def test_a_change_of_autonomy_is_said_in_words() -> None:
    some, everything = Policy(autonomy={"juniper": ("refund", "order_status")}), Policy(autonomy={"juniper": ("*",)})
    assert differences.differences(Policy(), some) == ["As a copilot, juniper answers alone: Refund, Order status."]
    assert differences.differences(some, everything) == ["As a copilot, juniper answers alone: everything."]
    assert differences.differences(some, Policy()) == ["As a copilot, juniper answers alone: nothing."]


def test_while_people_have_it_a_proposal_is_the_newer_draft(mine: tuple[Handoff, Agent]) -> None:
    handoff, _ = mine
    older = draft_of(handoff)
    turns.take(now(handoff.conversation), "And can I keep the box?")
    decision = turns.propose(now(handoff.conversation), Proposal("Yes, keep it."), client_id="b", seen=handoff.conversation.epoch)
    older.refresh_from_db()
    assert (decision.action, decision.turn, decision.handoff) == (Action.DRAFT, None, handoff)
    assert (draft_of(handoff).text, older.review) == ("Yes, keep it.", "")
    assert now(handoff.conversation).owner == Owner.AGENT


def test_a_draft_sent_twice_is_one(drafted: Handoff) -> None:
    first, again = (turns.propose(now(drafted.conversation), Proposal("Yes."), client_id="b") for _ in range(2))
    assert (first.action, again.action) == (Action.DRAFT, Action.DRAFT)
    assert ProposalRecord.objects.filter(client_id="b").count() == 1


def test_a_draft_by_a_stale_epoch_is_refused_and_one_of_no_copilot_too(mine: tuple[Handoff, Agent], juniper: Assistant) -> None:
    handoff, _ = mine
    with pytest.raises(Stale):
        turns.propose(now(handoff.conversation), Proposal("Yes."), client_id="b", seen=1)
    Assistant.objects.update(copilot=False)
    with pytest.raises(Stale):
        turns.propose(now(handoff.conversation), Proposal("Yes."), client_id="b")
    assert not ProposalRecord.objects.filter(client_id="b").exists()


def test_once_resolved_it_drafts_no_more(mine: tuple[Handoff, Agent]) -> None:
    handoff, agent = mine
    receiving.resolve(handoff, agent)
    with pytest.raises(Stale):
        turns.propose(now(handoff.conversation), Proposal("Yes."), client_id="b")
    assert copilot.waiting_draft(reload(handoff)) is None


def test_the_built_in_assistant_drafts_when_the_customer_writes(start: Start, front_desk: Assistant, ann: Agent) -> None:
    Assistant.objects.filter(pk=front_desk.pk).update(copilot=True)
    front_desk.refresh_from_db()
    conversation = start(assistant=front_desk, answered_by=front_desk)
    turns.take(conversation, "I want a refund. Can I talk to a real person?")
    tasks.answer()
    handoff = reload(conversation.handoffs.get())
    first = copilot.waiting_draft(handoff)
    receiving.claim(handoff, ann)
    turns.take(now(conversation), "How long does delivery take?")
    tasks.answer()
    second = copilot.waiting_draft(reload(handoff))
    assert first is not None
    assert second is not None
    assert (second.action, second.intent) == (Action.DRAFT, "how_long_delivery_takes")
    assert not conversation.turns.filter(author=Author.ASSISTANT).exists()


def test_a_draft_due_at_the_claim_is_due_again(start: Start, front_desk: Assistant, ann: Agent) -> None:
    Assistant.objects.filter(pk=front_desk.pk).update(copilot=True)
    front_desk.refresh_from_db()
    conversation = start(assistant=front_desk, answered_by=front_desk)
    decision = turns.take(conversation, "I want a refund. Can I talk to a real person?")
    receiving.claim(reload(decision.handoff), ann)
    tasks.answer()
    assert copilot.waiting_draft(reload(decision.handoff)) is not None


@pytest.mark.parametrize(("text", "review", "right"), [
    ("It comes back  within 5 days.\n", "approved", True),
    ("It comes back within 3 days.", "edited", False),
    ("Good news: it comes back within 5 days.", "edited", None),
    ("It comes back soon.", "edited", None),
])
def test_what_is_sent_says_what_the_draft_was_worth(mine: tuple[Handoff, Agent], text: str, review: str, right: bool | None) -> None:
    handoff, agent = mine
    draft = draft_of(handoff)
    receiving.say(handoff, agent, text, client_id="x", draft=draft.pk)
    receiving.say(handoff, agent, text, client_id="x", draft=draft.pk)
    draft.refresh_from_db()
    verdict = Verdict.objects.filter(proposal=draft, by=agent).first()
    assert (draft.review, draft.reviewed_by, verdict.right if verdict else None) == (review, agent, right)
    assert list(Step.objects.filter(verb__startswith="draft_").values_list("verb", "detail")) == [(f"draft_{review}", {"proposal": draft.pk})]


def test_words_of_ones_own_pass_the_draft_over_without_a_verdict(mine: tuple[Handoff, Agent]) -> None:
    handoff, agent = mine
    draft = draft_of(handoff)
    receiving.say(handoff, agent, "One moment, I'll look.")
    draft.refresh_from_db()
    assert (draft.review, draft.reviewed_at, copilot.waiting_draft(handoff), Verdict.objects.count()) == ("", None, None, 0)


def test_an_agent_rejects_a_draft_and_says_why(mine: tuple[Handoff, Agent]) -> None:
    handoff, agent = mine
    draft = draft_of(handoff)
    copilot.reject(handoff, agent, draft.pk, why="wrong country")
    with pytest.raises(Forbidden):
        copilot.reject(handoff, agent, draft.pk)
    draft.refresh_from_db()
    assert (draft.review, draft.reviewed_by, Verdict.objects.get().right) == ("rejected", agent, False)
    assert Step.objects.get(verb="draft_rejected").note == "wrong country"


def test_only_who_holds_it_rejects_and_never_another_handoffs_draft(drafted: Handoff, ann: Agent, hand_off: Callable[..., Handoff]) -> None:
    other = hand_off()
    receiving.claim(other, ann)
    with pytest.raises(Stale):
        copilot.reject(drafted, ann, draft_of(drafted).pk)
    with pytest.raises(Forbidden):
        copilot.reject(reload(other), ann, draft_of(drafted).pk)
    receiving.say(reload(other), ann, WITH_SOURCE.text, draft=draft_of(drafted).pk)
    assert draft_of(drafted).reviewed_at is None


@pytest.mark.parametrize(("draft", "text", "expected"), [
    ("Refund of 40 € by Friday.", "Refund of 45 € by Friday.", True),
    ("Refund of 40 € by Friday.", "Refund of 40 € by Monday.", True),
    ("Refund of 40 € by Friday.", "You get your 40 € back by Friday.", False),
    ("Refund of 40 € by Friday.", "You get your money back.", False),
    ("Write to help@example.com please.", "Write to care@example.com please.", True),
])
def test_a_fact_that_was_replaced_counts_against_a_draft(draft: str, text: str, expected: bool) -> None:
    assert (review_of(draft, text), corrects(draft, text)) == ("edited", expected)


def test_a_lead_sees_what_became_of_drafts_by_intent(mine: tuple[Handoff, Agent], helper: Assistant) -> None:
    handoff, agent = mine
    receiving.say(handoff, agent, WITH_SOURCE.text, draft=draft_of(handoff).pk)
    for number, intent in enumerate(("refund", "refund", "box")):
        turns.propose(now(handoff.conversation), Proposal("Yes.", intent=intent), client_id=f"b{number}")
    refund, box = copilot.checked(helper)[0], copilot.checked(helper)[1:]
    assert (refund.intent, refund.approved, refund.edited, refund.rejected, refund.passed_over, box) == ("refund", 1, 0, 0, 2, [])
    share, low, high = refund.share
    assert (share, high) == (1.0, 1.0)
    assert 0.1 < low < 0.3


def test_reviews_teach_what_its_confidence_is_worth(mine: tuple[Handoff, Agent], helper: Assistant) -> None:
    handoff, agent = mine
    receiving.say(handoff, agent, WITH_SOURCE.text, draft=draft_of(handoff).pk)
    assert outcomes(helper) == ([0.97], [True])


def test_a_replay_honours_autonomy(mine: tuple[Handoff, Agent]) -> None:
    handoff, agent = mine
    copilot.reject(handoff, agent, draft_of(handoff).pk)
    story = next(story for story in stored.stories() if story.name == str(handoff.conversation_id))
    outcome = Engine(Policy(), Policy(autonomy={"juniper": ("refund",)}), lambda *_: "billing").replay(story)
    assert outcome.flip is not None
    assert [outcome.flip.before["action"], outcome.flip.before["trigger"], outcome.flip.after["action"]] == ["hand_off", "copilot", "answer"]
    assert [(answer.right, answer.chance) for answer in outcome.draft.answers] == [(False, 1.0)]


def test_nobody_says_a_wrap_up_for_a_copilot(start: Start, front_desk: Assistant, ann: Agent, policy: Any) -> None:
    Assistant.objects.filter(pk=front_desk.pk).update(copilot=True)
    for autonomy, expected in (({}, 0), ({"front_desk": ["wrap_up"]}, 1)):
        policy(autonomy=autonomy)
        conversation = start(assistant=front_desk, answered_by=Assistant.objects.get(pk=front_desk.pk))
        handoff = reload(turns.take(conversation, "I want a refund. Can I talk to a real person?").handoff)
        receiving.claim(handoff, ann)
        handback.hand_back(handoff, ann)
        assert conversation.turns.filter(author=Author.ASSISTANT).count() == expected


def test_a_replay_in_the_worker_counts_it(mine: tuple[Handoff, Agent], cara: Agent) -> None:
    draft = PolicyVersion.objects.create(body=Policy(autonomy={"juniper": ("*",)}).model_dump(mode="json"), made_by=cara, published_at=None)
    simulation.ask(draft, cara)
    replay = simulation.work()
    assert replay is not None
    assert replay.flips.get().after["action"] == "answer"
