"""Don't ask again: a message against a brief, and what is counted once it was sent."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from handoffs import quality, receiving, repeats, turns
from handoffs.models import Agent, Customer, Handoff, RepeatAsk, Survey
from handoffs.snapshots import Brief, BriefAttempt, Fact, Outcome, Record
from tests.conftest import reload

ORDER = Fact(name="order number", value="A-20817", turn=3)
BRIEF = Brief(
    facts=(ORDER, Fact(name="date", value="Monday", turn=2), Fact(name="date", value="3 May", turn=4), Fact(name="birth date", value="3 May 1990", turn=5),
           Fact(name="PIN", value="••34", turn=6), Fact(name="seatPreference", value="window", by="assistant")),
    attempts=(BriefAttempt(step="Restarted the router", outcome=Outcome.FAILED, turn=4), BriefAttempt(step="Looked up order A-20817", outcome=Outcome.DONE)),
    record=Record(account={"plan": "Plus", "blocked": True, "notes": {"a": 1}}, orders=({"number": "B-1"},)),
)


def found(text: str, customer: Customer | None = None) -> list[tuple[str, str, int | None]]:
    return [(each.field, each.value, each.turn) for each in repeats.check(BRIEF, text, customer)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Could you tell me your order number?", [("order number", "A-20817", 3)]),
        ("Which plan are you on?", [("plan", "Plus", None)]),
        ("Do you have a seat preference?", [("seatPreference", "window", None)]),
        ("What is your date of birth?", []),
        ("What's your PIN?", []),
        ("So it is A-20817, right?", []),
        ("Could you tell me your phone number?", []),
        ("On which date did you order it?", []),
        ("Please try restarting the router.", [("Restarted the router", "", 4)]),
        ("I have restarted the router for you.", []),
        ("Could you look at order A-20817 again?", []),
        ("", []),
    ],
)
def test_a_message_against_a_brief(text: str, expected: list[tuple[str, str, int | None]]) -> None:
    assert found(text) == expected


def test_a_date_is_asked_for_again_only_when_it_is_about_the_same_matter() -> None:
    brief, said = Brief(facts=(Fact(name="date", value="Monday", turn=4),)), {3: "When was the parcel delivered?", 4: "Monday"}
    asked = [repeats.check(brief, text, said=said) for text in ("On what date was it delivered?", "On what date did you pay?")]
    assert [[each.field for each in found] for found in asked] == [["date"], []]


def test_another_one_is_no_repeat_nor_is_a_name_without_words() -> None:
    brief = Brief(facts=(ORDER, Fact(name="for", value="a friend", turn=1), Fact(name="product", value="kettle", turn=2)))
    for text in ("Is there anything else that I can do for you?", "Would you like another product?", "Would you like me to send the product again?"):
        assert repeats.check(brief, text) == ()


def test_a_tried_step_says_what_came_of_it() -> None:
    assert [each.outcome for each in repeats.check(BRIEF, "Could you restart your router, please?")] == ["failed"]


def test_the_customers_row_is_known_as_well() -> None:
    amara = Customer(name="Amara Osei", email="amara@example.com")
    asked = found("Could I have your name and your e-mail address?", amara)
    assert sorted(asked) == [("e-mail", "amara@example.com", None), ("name", "Amara Osei", None)]


def test_an_empty_brief_knows_nothing() -> None:
    assert repeats.check(Brief(), "Could you tell me your order number?") == ()


def rows(handoff: Handoff) -> list[tuple[str, int | None, bool, bool]]:
    return list(handoff.repeat_asks.order_by("id").values_list("field", "known_turn", "warned", "excused"))


def test_a_repeat_ask_is_counted_when_it_is_sent(claimed: Handoff, ann: Agent) -> None:
    receiving.say(claimed, ann, "Could you tell me your order number?", client_id="1", warned=["order number"])
    receiving.say(claimed, ann, "Could you tell me your order number?", client_id="1")
    receiving.say(claimed, ann, "So A-20817, right?")
    assert rows(claimed) == [("order number", 1, True, False)]


def test_what_is_needed_all_the_same_is_kept_as_excused(claimed: Handoff, ann: Agent) -> None:
    receiving.say(claimed, ann, "What's your order number?", warned=["order number"], excused=["order number", "nonsense"])
    assert rows(claimed) == [("order number", 1, True, True)]


def test_a_message_goes_out_whatever_the_brief_holds(claimed: Handoff, ann: Agent) -> None:
    Handoff.objects.filter(pk=claimed.pk).update(brief={"facts": 7})
    assert receiving.say(reload(claimed), ann, "What's your order number?").number
    assert rows(claimed) == []


def test_the_customers_answer_proves_what_was_not_sure(claimed: Handoff, ann: Agent) -> None:
    unsure = "I wonder what your order number is."
    receiving.say(claimed, ann, unsure)
    assert rows(claimed) == []
    turns.take(claimed.conversation, "It is A-20817, as I said", client_id="9")
    assert rows(claimed) == [("order number", 1, False, False)]
    turns.take(claimed.conversation, "A-20817!!", client_id="10")
    assert RepeatAsk.objects.count() == 1


def test_the_rate_counts_conversations_with_an_unexcused_repeat(hand_off: Callable[..., Handoff], ann: Agent, bob: Agent) -> None:
    asking = "What's your order number?"
    for agent, words, excused in ((ann, asking, ()), (ann, asking, ["order number"]), (bob, "Hello, I am on it.", ())):
        handoff = hand_off()
        receiving.claim(handoff, agent)
        receiving.say(reload(handoff), agent, words, excused=excused)
        Survey.objects.create(handoff=handoff, repeated=Survey.Repeated.YES if agent == ann and not excused else Survey.Repeated.NO)
    hand_off()
    measured = quality.repeat_asks(timezone.now() - timedelta(days=7))
    assert (measured.whole.count, measured.whole.of) == (1, 3)
    assert [(team, rate.count, rate.of) for team, rate in measured.teams] == [("Billing", 1, 3)]
    assert measured.fields == [("order number", 1)]
    assert 0 < measured.whole.low < 1 / 3 < measured.whole.high < 1
