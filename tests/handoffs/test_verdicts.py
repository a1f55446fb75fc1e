"""Judged answers: drawn by chance, counted once for each customer, and what follows from them."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from django.utils import timezone

from handoffs import proposals, tasks, turns, verdicts
from handoffs.models import Agent, Assistant, Conversation, Customer, Heartbeat, LearnedModel, PolicyVersion, ProposalRecord, Verdict
from handoffs.policy import Limits
from handoffs.snapshots import Action, Proposal

NUMBERS = count(1)
Talk = Callable[..., ProposalRecord]


def now(conversation: Conversation) -> Conversation:
    return Conversation.objects.select_related("answered_by").get(pk=conversation.pk)


@pytest.fixture
def talk(start: Callable[..., Conversation], juniper: Assistant) -> Talk:
    """A new customer asks, and the assistant proposes an answer with that confidence."""

    def make(confidence: float, **proposal: object) -> ProposalRecord:
        number = next(NUMBERS)
        conversation = start(customer=Customer.objects.create(assistant=juniper, external_id=f"customer-{number}"))
        turns.take(conversation, "How do I return it?")
        turns.propose(now(conversation), Proposal("Print the label.", confidence, **proposal), client_id=f"p-{number}")
        return conversation.proposals.get()

    return make


def judged(talk: Talk, by: Agent, *facts: tuple[float, bool], **proposal: object) -> None:
    for confidence, right in facts:
        verdicts.judge(talk(confidence, **proposal), right, by)


def test_an_answer_to_judge_is_any_that_nobody_judged(talk: Talk, cara: Agent) -> None:
    first, second = talk(0.9), talk(0.95)
    verdicts.judge(first, True, cara)
    assert verdicts.next_to_judge() == second
    assert verdicts.question_of(second) == "How do I return it?"
    verdicts.judge(second, False, cara)
    assert verdicts.next_to_judge() is None


def test_a_second_word_of_the_same_person_replaces_the_first(talk: Talk, cara: Agent) -> None:
    answer = talk(0.9)
    verdicts.judge(answer, True, cara)
    verdicts.judge(answer, False, cara)
    assert [verdict.right for verdict in Verdict.objects.all()] == [False]


def test_what_was_held_back_is_judged_only_when_chance_made_it_a_draft(talk: Talk, cara: Agent, policy: Callable[..., PolicyVersion]) -> None:
    talk(0.2)
    assert verdicts.next_to_judge() is None
    policy(shadow_share=1.0)
    drafted = talk(0.2)
    assert (drafted.shadow, drafted.action, verdicts.next_to_judge()) == (True, Action.HAND_OFF, drafted)


def test_chance_picks_its_share_and_the_same_ones_again() -> None:
    drawn = [verdicts.draws(f"{number}", 0.1) for number in range(5000)]
    assert 400 < sum(drawn) < 600
    assert drawn == [verdicts.draws(f"{number}", 0.1) for number in range(5000)]
    assert not any(verdicts.draws(f"{number}", 0.0) for number in range(1000))
    assert all(verdicts.draws(f"{number}", 1.0) for number in range(1000))


def test_the_built_in_assistant_drafts_what_it_was_not_asked(start: Callable[..., Conversation], front_desk: Assistant, cara: Agent,
                                                             policy: Callable[..., PolicyVersion]) -> None:
    policy(shadow_share=1.0)
    conversation = start(answered_by=front_desk)
    turns.take(conversation, "How long does delivery take? I want a real person")
    due = proposals.wanted().get()
    assert (due.text, verdicts.next_to_judge()) == ("", None)
    tasks.tidy()
    due.refresh_from_db()
    assert (bool(due.text), due.confidence is not None, due.turn, proposals.wanted().count()) == (True, True, None, 0)
    assert verdicts.next_to_judge() == due
    assert verdicts.question_of(due).startswith("How long")


def test_counts_tell_answers_from_drafts(talk: Talk, cara: Agent, policy: Callable[..., PolicyVersion]) -> None:
    policy(shadow_share=1.0)
    judged(talk, cara, (0.9, True), (0.3, False))
    talk(0.95)
    assert verdicts.counts() == verdicts.Counts(answers=2, judged=1, shadows=1, shadows_judged=1)


def test_reliability_is_the_share_right_in_each_bin(talk: Talk, cara: Agent) -> None:
    judged(talk, cara, (0.91, True), (0.92, False), (0.99, True), (0.86, True))
    found = verdicts.reliability()
    assert [(each.count, each.right) for each in found[8:]] == [(1, 1), (3, 2)]
    assert verdicts.measured() == verdicts.Measured(4)


def test_a_limit_rests_on_judged_answers_and_says_so(talk: Talk, cara: Agent) -> None:
    judged(talk, cara, *[(0.95, True)] * 25, *[(0.86, number % 2 == 0) for number in range(10)])
    found = verdicts.suggest("", 0.2)
    assert (found.limit, found.judged, found.wrong, found.moved) == (0.95, 25, 0, False)
    assert found.words == "From 0.95 on. Rests on 25 judged answers there, 0 of them wrong: with 95 % confidence at most 16.8% are."


def test_too_few_judged_answers_are_said_to_be_too_few(talk: Talk, cara: Agent) -> None:
    judged(talk, cara, (0.95, True))
    found = verdicts.suggest("", 0.05)
    assert (found.limit, found.words) == (None, "Needs at least 90 judged answers of different customers, there is 1.")


def test_a_limit_of_an_intent_rests_on_that_intent(talk: Talk, cara: Agent) -> None:
    judged(talk, cara, *[(0.95, True)] * 25, intent="returns")
    judged(talk, cara, *[(0.95, False)] * 5, intent="invoices")
    assert (verdicts.suggest("Returns", 0.2).limit, verdicts.suggest("invoices", 0.2).limit) == (0.95, None)
    assert verdicts.intents() == (verdicts.IntentCount("returns", 25, 25), verdicts.IntentCount("invoices", 5, 5))


def test_drafts_behind_words_that_were_handed_off_at_once_move_no_limit(talk: Talk, cara: Agent) -> None:
    judged(talk, cara, *[(0.95, True)] * 25)
    for number in range(30):
        held = talk(0.2)
        draft = ProposalRecord.objects.create(conversation=held.conversation, client_id=f"shadow-{number}", text="Hm.", confidence=0.97, shadow=True,
                                              action=Action.HAND_OFF)
        verdicts.judge(draft, False, cara)
    assert verdicts.suggest("", 0.2).limit == 0.95


def test_one_customer_is_one_witness(start: Callable[..., Conversation], cara: Agent) -> None:
    for number in range(30):
        conversation = start()
        turns.take(conversation, "How do I return it?")
        turns.propose(now(conversation), Proposal("Print the label.", 0.95), client_id=f"{number}")
        verdicts.judge(conversation.proposals.get(), True, cara)
    assert verdicts.suggest("", 0.2).words == "Needs at least 21 judged answers of different customers, there is 1."


def test_a_week_of_other_messages_makes_the_limit_stricter(talk: Talk, cara: Agent) -> None:
    judged(talk, cara, *[(0.86 + number % 12 / 100, number % 12 > 2) for number in range(72)])
    before = verdicts.suggest("", 0.3)
    ProposalRecord.objects.update(at=timezone.now() - timedelta(days=20))
    for _ in range(25):
        talk(0.86)
    after = verdicts.suggest("", 0.3)
    assert (before.moved, after.moved) == (False, True)
    assert after.limit is None or after.limit > before.limit
    assert "differ from the judged ones" in after.words


def test_once_a_day_a_limit_that_was_found_rises_with_the_mix(talk: Talk, cara: Agent, policy: Callable[..., PolicyVersion]) -> None:
    judged(talk, cara, *[(0.86 + number % 12 / 100, number % 12 > 2) for number in range(72)])
    ProposalRecord.objects.update(at=timezone.now() - timedelta(days=20))
    live = policy(answer_at=0.86, accepted_wrong=0.3, limits={"returns": {"answer_at": 0.9}})
    for _ in range(25):
        talk(0.86)
    Heartbeat.beat("watch")
    assert verdicts.watch() is None
    Heartbeat.objects.all().delete()
    raised = verdicts.watch()
    assert (PolicyVersion.live(), raised.pk > live.pk, raised.body["answer_at"] > 0.86, raised.body["accepted_wrong"]) == (raised, True, True, 0.3)
    assert raised.body["limits"]["returns"]["answer_at"] == 0.9
    assert raised.why.startswith("The mix of messages has moved")
    Heartbeat.objects.all().delete()
    assert verdicts.watch() is None


def test_limits_set_by_hand_stay(talk: Talk, cara: Agent, policy: Callable[..., PolicyVersion]) -> None:
    policy(answer_at=0.86)
    assert (verdicts.watch(), PolicyVersion.objects.count()) == (None, 1)


def test_proposals_fall_into_a_histogram_and_zones(talk: Talk) -> None:
    for confidence in (0.12, 0.8, 0.9, 0.95, 1.0):
        talk(confidence)
    talk(None)
    found = verdicts.confidences()
    assert (len(found.edges), len(found.counts), found.total, found.none, found.counts[2], found.counts[19]) == (21, 20, 5, 1, 1, 2)
    zones = verdicts.shares(Limits(answer_at=0.85, clarify_at=0.75), found)
    assert (zones.person, zones.ask, zones.answer) == pytest.approx((0.2, 0.2, 0.6))
    assert verdicts.shares(Limits(), verdicts.confidences(intent="nothing")) == verdicts.Zones()


def test_nothing_judged_is_nothing_known(db: None) -> None:
    assert (verdicts.trade_off(), verdicts.measured(), verdicts.intents()) == ((), verdicts.Measured(0), ())
    assert verdicts.suggest("", 0.1).limit is None


# What an outside assistant's confidence turned out to be worth


def ended(talk: Talk, *outcomes: tuple[float, bool]) -> None:
    """Conversations that ended without a person, or with one."""
    for confidence, well in outcomes:
        conversation = talk(confidence).conversation
        if not well:
            turns.take(now(conversation), "I want to talk to a human")
    Conversation.objects.update(last_turn_at=timezone.now() - timedelta(days=2))


def test_a_map_is_learned_from_how_answers_ended(talk: Talk, juniper: Assistant) -> None:
    ended(talk, *[(0.9 + number % 10 / 100, number % 10 >= 5) for number in range(60)])
    tasks.learn()
    learned = LearnedModel.objects.get()
    found = verdicts.worth(juniper)
    assert (learned.kind, learned.subject, learned.number, learned.in_use, found.outcomes) == ("confidence", "juniper", 1, True, 60)
    assert found.ece_after < found.ece_before
    assert dict(found.knots)[0.9] < 0.3 < 0.7 < dict(found.knots)[0.99]
    assert verdicts.learn(juniper) is None


def test_as_many_outcomes_as_before_teach_anew_after_a_week(talk: Talk, juniper: Assistant) -> None:
    ended(talk, *[(0.9 + number % 10 / 100, number % 10 >= 5) for number in range(60)])
    tasks.learn()
    LearnedModel.objects.update(made_at=timezone.now() - timedelta(days=8))
    assert verdicts.learn(juniper).number == 2


def test_few_outcomes_teach_nothing(talk: Talk, juniper: Assistant) -> None:
    ended(talk, (0.9, True), (0.9, False))
    assert (verdicts.learn(juniper), verdicts.worth(juniper), verdicts.maps()) == (None, None, {})


def test_a_policy_that_says_so_judges_by_what_the_confidence_is_worth(talk: Talk, juniper: Assistant, policy: Callable[..., PolicyVersion]) -> None:
    body = b'{"stated": [0.0, 1.0], "observed": [0.0, 0.5], "judged": 100}'
    LearnedModel.objects.create(kind="confidence", subject="juniper", number=1, body=body, in_use=True)
    assert talk(0.9).action == Action.ANSWER
    policy(calibrated=True)
    held = talk(0.9)
    assert (held.action, held.confidence, held.evidence["stated_confidence"]) == (Action.HAND_OFF, 0.45, 0.9)


def test_a_map_that_cannot_be_read_is_as_if_there_were_none(talk: Talk, juniper: Assistant, policy: Callable[..., PolicyVersion]) -> None:
    LearnedModel.objects.create(kind="confidence", subject="juniper", number=1, body=b"broken", in_use=True)
    policy(calibrated=True)
    assert (talk(0.9).action, verdicts.worth(juniper)) == (Action.ANSWER, None)
