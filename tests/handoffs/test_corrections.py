"""People put a brief right: each fix is a row and a revised brief, by those who may, and nothing automatic undoes it."""

from collections.abc import Callable

import pytest

from handoffs import briefs, corrections, learning, receiving, turns
from handoffs.briefing.putting_right import LONGEST, Fix, Wrong, put_right
from handoffs.models import Agent, Conversation, Correction, Example, Handoff, Team, Turn
from handoffs.snapshots import Brief, BriefAttempt, Fact, Outcome, Proposal, Sentence, Source, Was
from handoffs.transitions import Forbidden, Stale
from tests.conftest import reload

HandOff = Callable[..., Handoff]
BRIEF = Brief(
    goal="Get A-20817 refunded", goal_turns=(1,), draft="I see A-20817.", next_step="Refund A-20817.",
    sentences=(Sentence(text="Amara was charged for A-20817.", turns=(1,)), Sentence(text="It failed for A-208170.", about="obstacle", turns=(2,))),
    facts=(Fact(name="order number", value="A-20817", turn=1), Fact(name="amount", value="€14", turn=1), Fact(name="amount", value="€28", turn=2)),
    attempts=(BriefAttempt(step="Refund", outcome=Outcome.FAILED), BriefAttempt(step="Refund", outcome=Outcome.DONE)),
)


def know(handoff: Handoff) -> Brief:
    return reload(handoff).what_to_know


def put(handoff: Handoff, **parts: object) -> None:
    briefs.revise(handoff.pk, lambda brief: brief.model_copy(update=parts))


def test_a_goal_put_right_says_so_in_the_summary_too() -> None:
    before, brief = put_right(BRIEF, Fix("goal", " Cancel\nPro  today "), "agent")
    assert (before, brief.goal, brief.goal_turns, brief.corrected) == ("Get A-20817 refunded", "Cancel Pro today", (), ("goal", "summary"))
    assert brief.summary == "Cancel Pro today. It failed for A-208170."


@pytest.mark.parametrize(("goal", "step", "better"), [
    ("Cancel Plus", "Do this by hand: cancel Plus.", "Do this by hand: cancel Pro today."),
    ("Refund: charged twice", "Do this by hand: refund (charged twice).", "Do this by hand: cancel Pro today."),
    ("Talk to a person", "Ask what they need; they have not said it yet.", "Solve this first: cancel Pro today."),
    ("Talk to a person", "Say what is safe now, then take it over yourself.", "Say what is safe now, then take it over yourself."),
])
def test_a_goal_put_right_is_the_next_step_too(goal: str, step: str, better: str) -> None:
    brief = BRIEF.model_copy(update={"goal": goal, "next_step": step})
    assert put_right(brief, Fix("goal", "cancel Pro today"), "agent")[1].next_step == better


def test_a_draft_does_not_tell_back_a_need_put_right(handoff: Handoff) -> None:
    put(handoff, goal="Cancel Plus", draft="Hi Amara, I’m {agent}. I’ve read everything above: you’d like to cancel Plus.")
    corrections.by_customer(handoff, Fix("goal", "Cancel Pro"))
    assert know(handoff).draft.endswith("I’ve read everything above, so you don’t need to repeat it.")


def test_a_feeling_put_right_opens_otherwise() -> None:
    before, brief = put_right(BRIEF, Fix("feeling", "worried"), "agent")
    assert (before, brief.feeling.mood, brief.feeling.how_to_open) == ("neutral", "worried", "Say what is already safe first.")


def test_a_fact_put_right_keeps_what_was_said_and_is_named_everywhere() -> None:
    before, brief = put_right(BRIEF, Fix("fact", "A-20991", "order number", "A-20817"), "customer")
    assert before == "A-20817"
    assert brief.facts[0] == Fact(name="order number", value="A-20991", by="customer", was=(Was(value="A-20817", turn=1),))
    assert (brief.goal, brief.draft, brief.next_step) == ("Get A-20991 refunded", "I see A-20991.", "Refund A-20991.")
    assert brief.summary == "Amara was charged for A-20991. It failed for A-208170."


def test_one_of_two_facts_of_a_name_is_changed() -> None:
    _, brief = put_right(BRIEF, Fix("fact", "€30", "amount", "€28"), "agent")
    assert [(fact.name, fact.value) for fact in brief.facts] == [("order number", "A-20817"), ("amount", "€14"), ("amount", "€30")]


def test_a_fact_is_added_and_taken_away() -> None:
    _, more = put_right(BRIEF, Fix("fact", "Pro", "plan"), "agent")
    assert more.facts[-1] == Fact(name="plan", value="Pro", by="agent")
    assert put_right(more, Fix("fact", None, "plan", "Pro"), "agent")[1].facts == BRIEF.facts


@pytest.mark.parametrize("fix", [
    Fix("fact", "A-20817", "order number"), Fix("goal", "Get A-20817 refunded"), Fix("attempt", "done", "Refund", "unknown"),
    Fix("fact", None, "plan"), Fix("fact", "€28", "amount", "€27"),
], ids=lambda fix: f"{fix.field} {fix.after}")
def test_what_is_so_already_stays(fix: Fix) -> None:
    assert put_right(BRIEF, fix, "agent")[1] is BRIEF


def test_an_attempts_outcome_is_put_right() -> None:
    _, brief = put_right(BRIEF, Fix("attempt", "unknown", "Refund", "failed"), "agent")
    assert [attempt.outcome for attempt in brief.attempts] == [Outcome.UNKNOWN, Outcome.DONE]


@pytest.mark.parametrize("fix", [
    Fix("goal", "  "), Fix("goal", "x" * (LONGEST + 1)), Fix("feeling", "hungry"), Fix("fact", "x", " "), Fix("fact", "", "plan"),
    Fix("attempt", "eaten", "Refund", "failed"),
], ids=lambda fix: f"{fix.field} {str(fix.after)[:9]}")
def test_values_that_are_none_are_refused(fix: Fix) -> None:
    with pytest.raises(Wrong):
        put_right(BRIEF, fix, "agent")


def test_a_fix_is_a_row_and_a_newer_brief(claimed: Handoff, ann: Agent) -> None:
    fix = Fix("goal", "Refund the second payment")
    row = corrections.by_agent(claimed, ann, fix)
    assert row is not None
    assert (row.agent, row.field, row.before, row.after) == (ann, "goal", claimed.goal, "Refund the second payment")
    assert (reload(claimed).goal, reload(claimed).brief_number) == ("Refund the second payment", claimed.brief_number + 1)
    assert corrections.by_agent(claimed, ann, fix) is None
    assert Correction.objects.count() == 1


def test_who_may_put_right(handoff: Handoff, ann: Agent, bob: Agent, cara: Agent, dan: Agent) -> None:
    corrections.by_agent(handoff, bob, Fix("goal", "One"))
    receiving.claim(reload(handoff), ann)
    corrections.by_agent(handoff, ann, Fix("goal", "Two"))
    corrections.by_agent(handoff, cara, Fix("goal", "Three"))
    for stranger in (bob, dan):
        with pytest.raises(Stale):
            corrections.by_agent(handoff, stranger, Fix("goal", "Four"))
    receiving.resolve(reload(handoff), ann)
    with pytest.raises(Stale):
        corrections.by_agent(handoff, ann, Fix("goal", "Five"))
    assert list(Correction.objects.values_list("after", flat=True)) == ["One", "Two", "Three"]


def test_a_refused_fix_leaves_nothing(claimed: Handoff, ann: Agent) -> None:
    with pytest.raises(Wrong):
        corrections.by_agent(claimed, ann, Fix("goal", ""))
    with pytest.raises(Stale):
        corrections.by_agent(claimed, ann, Fix("attempt", "done", "Nothing", "failed"))
    assert (Correction.objects.count(), reload(claimed).brief_number) == (0, claimed.brief_number)


def test_a_feeling_put_right_outlasts_what_is_said_later(claimed: Handoff, ann: Agent) -> None:
    row = corrections.by_agent(claimed, ann, Fix("feeling", "worried"))
    turns.take(claimed.conversation, "THIS IS RIDICULOUS!! You are useless!!", client_id="3")
    assert row is not None
    assert corrections.feeling_of(claimed, know(claimed)).mood == "worried"
    assert reload(claimed).mood == "worried"


def test_a_change_of_something_else_leaves_the_feeling_of_now_in_the_queue(handoff: Handoff) -> None:
    turns.take(handoff.conversation, "This is outrageous, you are all useless!!!", client_id="angry")
    felt = (reload(handoff).mood, reload(handoff).trend)
    put(handoff, next_step="Refund it.")
    assert (reload(handoff).mood, reload(handoff).trend) == felt != (handoff.mood, handoff.trend)


def test_what_was_shown_is_what_was_before(claimed: Handoff, ann: Agent) -> None:
    turns.take(claimed.conversation, "THIS IS RIDICULOUS!! You are useless, worst service ever!!", client_id="3")
    row = corrections.by_agent(claimed, ann, Fix("feeling", know(claimed).feeling.mood.value))
    assert row is not None
    assert row.before == "angry"


def test_a_source_out_of_date_is_marked_in_later_briefs_of_the_same_assistant(claimed: Handoff, hand_off: HandOff, ann: Agent) -> None:
    article = Source(title="Refunds", url="https://help.example/refunds")
    put(claimed, sources=(article,))
    corrections.by_agent(claimed, ann, Fix("source", True, article.url))
    assert know(claimed).sources == (article.model_copy(update={"out_of_date": True}),)
    later = hand_off()
    assert corrections.marked((article,), later.conversation.answered_by_id)[0].out_of_date
    assert not corrections.marked((article,), later.conversation.answered_by_id + 1)[0].out_of_date
    corrections.by_agent(claimed, ann, Fix("source", False, article.url))
    assert not corrections.marked((article,), later.conversation.answered_by_id)[0].out_of_date


def test_a_new_brief_that_cites_it_carries_the_mark(claimed: Handoff, ann: Agent, start: Callable[..., Conversation]) -> None:
    put(claimed, sources=(Source(title="Refunds"),))
    corrections.by_agent(claimed, ann, Fix("source", True, "Refunds"))
    other = start()
    turns.take(other, "How do refunds work?", client_id="1")
    other.refresh_from_db()
    decision = turns.propose(other, Proposal("Hm.", failed="no answer", sources=({"title": "Refunds"}, {"title": "Plans"})), client_id="a")
    assert decision.handoff is not None
    assert [(source.title, source.out_of_date) for source in know(decision.handoff).sources] == [("Refunds", True), ("Plans", False)]


def test_of_very_many_sources_the_newest_are_shown(claimed: Handoff) -> None:
    read = ([{"title": f"Page {turn}-{place}"} for place in range(20)] for turn in range(5))
    Turn.objects.bulk_create(Turn(conversation=claimed.conversation, number=100 + turn, author="assistant", sources=row) for turn, row in enumerate(read))
    shown = corrections.sources_of(claimed, know(claimed))
    assert (len(shown), shown[-1].title) == (corrections.MOST_SOURCES, "Page 4-19")


def test_no_fix_puts_a_card_or_a_password_into_a_brief(claimed: Handoff, ann: Agent) -> None:
    fixes = (Fix("goal", "Refund card 4111 1111 1111 1111"), Fix("fact", "4111111111111111", "card number"), Fix("fact", "hunter2", "password"))
    rows = [corrections.by_agent(claimed, ann, fix) for fix in fixes]
    assert [row and row.after for row in rows] == ["Refund card •••• 1111", "•••• 1111", "••••"]
    assert (know(claimed).goal, {fact.value for fact in know(claimed).facts} >= {"•••• 1111", "••••"}) == ("Refund card •••• 1111", True)


def test_a_customer_puts_right_what_they_were_told(handoff: Handoff) -> None:
    put(handoff, facts=(Fact(name="order number", value="A-1", turn=1), Fact(name="plan", value="Pro", by="record")))
    row = corrections.by_customer(handoff, Fix("fact", "A-2", "order number", "A-1"))
    assert row is not None
    assert (row.agent, know(handoff).facts[0].value, know(handoff).facts[0].by) == (None, "A-2", "customer")
    corrections.by_customer(handoff, Fix("goal", "Just the refund"))
    assert know(handoff).goal == "Just the refund"


@pytest.mark.parametrize("fix", [
    Fix("fact", "Max", "plan", "Pro"), Fix("fact", "new", "made up"), Fix("feeling", "content"), Fix("attempt", "done", "Refund", "failed"),
    Fix("source", True, "x"), Fix("fact", None, "order number", "A-1"), Fix("fact", "4111", "card number", "1111"), Fix("goal", ""),
], ids=lambda fix: f"{fix.field} {fix.name} {fix.after}")
def test_a_customer_puts_nothing_else_right(handoff: Handoff, fix: Fix) -> None:
    put(handoff, facts=(Fact(name="order number", value="A-1"), Fact(name="plan", value="Pro", by="record"), Fact(name="card number", value="1111")))
    with pytest.raises(Wrong):
        corrections.by_customer(handoff, fix)
    assert Correction.objects.count() == 0


def test_a_customer_cannot_fill_the_database(handoff: Handoff) -> None:
    for number in range(corrections.MOST_BY_CUSTOMER):
        corrections.by_customer(handoff, Fix("goal", f"Need {number}"))
    with pytest.raises(Forbidden):
        corrections.by_customer(handoff, Fix("goal", "One more"))
    assert Correction.objects.count() == corrections.MOST_BY_CUSTOMER


def test_sensitive_values_show_their_end_alone() -> None:
    facts = (Fact(name="account number", value="DE44500105175407324931"), Fact(name="card number", value="1111"),
             Fact(name="plan", value="Pro", by="assistant"))
    assert [(fact.name, fact.value) for fact in corrections.told(Brief(facts=facts))] == [("account number", "••••4931"), ("card number", "••••")]


def test_the_goal_put_right_is_what_is_learned(claimed: Handoff, ann: Agent, teams: dict[str, Team]) -> None:
    corrections.by_agent(claimed, ann, Fix("goal", "Refund the second payment"))
    receiving.resolve(reload(claimed), ann)
    learning.look_back()
    assert Example.objects.get().text == "Refund the second payment"


def test_what_was_put_right_is_counted_and_can_be_trained_on(claimed: Handoff, ann: Agent) -> None:
    corrections.by_agent(claimed, ann, Fix("feeling", "worried"))
    corrections.by_agent(claimed, ann, Fix("fact", "Pro", "plan"))
    corrections.by_customer(claimed, Fix("goal", "Mine"))
    assert corrections.counts(claimed.created_at) == {"read": 1, "goal": 0, "feeling": 1, "fact": 1, "attempt": 0}
    assert list(corrections.feelings()) == [("worried", "Can I talk to a real person?")]
