"""The brief at the handoff: all of a conversation however long, the record, and whatever strange things stand in it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handoffs import handback, history, pipeline, receiving, turns
from handoffs.history import transcript
from handoffs.models import Attempt, Conversation, Customer, Handoff, Turn
from handoffs.snapshots import Author, Brief, Detection, Outcome, Proposal, Tried
from tests.conftest import forget_what_is_kept

ASKED = (Detection("explicit_request", "Asked for a person"),)
pytestmark = pytest.mark.django_db


def write(conversation: Conversation, *texts: str) -> Conversation:
    """Turns by customer and assistant in turn, the customer first."""
    authors = (Author.CUSTOMER, Author.ASSISTANT)
    begun = conversation.last_number
    rows = [Turn(conversation=conversation, number=begun + place + 1, author=authors[place % 2], text=text) for place, text in enumerate(texts)]
    Turn.objects.bulk_create(rows)
    Conversation.objects.filter(pk=conversation.pk).update(last_number=begun + len(texts))
    conversation.refresh_from_db()
    return conversation


def brief_of(conversation: Conversation, found: tuple[Detection, ...] = ASKED) -> Brief:
    return pipeline.hand_off(conversation, transcript(conversation), found).what_to_know


def queries(conversation: Conversation) -> int:
    judged = transcript(conversation)
    forget_what_is_kept()
    with CaptureQueriesContext(connection) as caught:
        pipeline.hand_off(conversation, judged, ASKED)
    return len(caught)


def test_the_number_of_queries_does_not_grow_with_turns(start: Callable[..., Conversation]) -> None:
    brief_of(write(start(), "hello"))
    short, long, longer = (write(start(), *["Where is order A-1?", "One moment."] * times) for times in (5, 150, 300))
    Attempt.objects.bulk_create(Attempt(conversation=long, after_number=1, step=f"Step {number}") for number in range(300))
    # Of what is short, all was read to judge it already.
    assert queries(short) + 2 == queries(long) == queries(longer)


def test_what_was_said_two_thousand_turns_ago_is_known(start: Callable[..., Conversation]) -> None:
    conversation = write(start(), "My order number is A-20817", "Thanks.", *["It is still broken", "Let me look."] * 999)
    assert [(fact.name, fact.value, fact.turn) for fact in brief_of(conversation).facts] == [("order number", "A-20817", 1)]


def test_facts_from_before_a_handback_count_and_the_goal_is_of_what_came_after(claimed: Handoff, ann: Any) -> None:
    receiving.resolve(claimed, ann, resolution="Refunded")
    claimed.refresh_from_db()
    handback.hand_back(claimed)
    conversation = Conversation.objects.get(pk=claimed.conversation_id)
    again = turns.take(conversation, "I want to cancel my Pro plan", client_id="3").handoff
    assert again is not None
    brief = again.what_to_know
    assert ("order number", "A-20817", 1) in [(fact.name, fact.value, fact.turn) for fact in brief.facts]
    assert "ancel" in brief.goal
    assert [(earlier.team, earlier.outcome) for earlier in brief.record.earlier] == [("Billing", "Refunded")]


def test_the_record_is_in_the_brief(start: Callable[..., Conversation], customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(account={"plan": "Pro"}, orders=[{"id": "A-1"}])
    customer.refresh_from_db()
    write(start(customer=customer), "How do I reset my camera?", "Hold the button.")
    record = brief_of(write(start(customer=customer), "human please")).record
    assert (record.account, record.orders) == ({"plan": "Pro"}, ({"id": "A-1"},))
    assert [(earlier.outcome, "amera" in earlier.goal) for earlier in record.earlier] == [("Answered by Juniper", True)]


def test_an_earlier_conversation_that_cannot_be_read_stops_no_handoff(start: Callable[..., Conversation], customer: Customer,
                                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    write(start(customer=customer), "How do I reset my camera?", "Hold the button.")
    monkeypatch.setattr(history, "goal_of", lambda lines: 1 / 0)
    assert [earlier.goal for earlier in brief_of(write(start(customer=customer), "human please")).record.earlier] == ["How do I reset my camera?"]


def test_the_sources_of_all_answers_stand_once(conversation: Conversation) -> None:
    guide, faq = {"title": "Guide", "url": "https://example.com/guide", "text": "…"}, {"title": "FAQ"}
    for number, sources in enumerate(((guide,), (guide, faq))):
        conversation = turns.take(conversation, f"How does it work {number}?", client_id=f"q{number}").conversation
        conversation = turns.propose(conversation, Proposal("Like this.", 0.99, sources=sources), client_id=f"a{number}").conversation
    handoff = turns.take(conversation, "Can I talk to a real person?", client_id="p").handoff
    assert handoff is not None
    assert [(source.title, source.url) for source in handoff.what_to_know.sources] == [("Guide", "https://example.com/guide"), ("FAQ", "")]


def test_a_bare_wish_for_a_person_has_a_brief(conversation: Conversation) -> None:
    handoff = turns.take(conversation, "human please", client_id="1").handoff
    assert handoff is not None
    brief = handoff.what_to_know
    assert (brief.goal, brief.facts, brief.attempts) == ("Talk to a person", (), ())
    assert brief.summary


def test_nothing_said_and_a_customer_without_a_name_have_a_brief(start: Callable[..., Conversation], juniper: Any) -> None:
    nobody = Customer.objects.create(assistant=juniper, external_id="nobody", account=[], orders={"not": "a list"})
    brief = brief_of(start(customer=nobody))
    assert (bool(brief.goal), brief.record.orders, brief.facts) == (True, (), ())


def test_html_in_a_name_stays_text(start: Callable[..., Conversation], juniper: Any) -> None:
    eve = Customer.objects.create(assistant=juniper, external_id="eve", name="<script>alert(1)</script> Eve")
    brief = brief_of(write(start(customer=eve), "My name is <b>Eve</b> and order A-1 is lost"))
    assert brief.summary
    assert ("order number", "A-1") in [(fact.name, fact.value) for fact in brief.facts] or brief.facts


def test_three_hundred_attempts_of_unknown_outcome_are_all_counted(conversation: Conversation) -> None:
    write(conversation, "It does not work")
    tried = [Attempt(conversation=conversation, after_number=1, step=f"Step {number}") for number in range(300)]
    Attempt.objects.bulk_create([*tried, Attempt(conversation=conversation, after_number=1, step="Refund", outcome=Outcome.FAILED)])
    attempts = brief_of(conversation).attempts
    assert (sum(attempt.times for attempt in attempts), attempts[-1].step) == (301, "Refund")


def test_what_the_proposal_tried_is_in_the_brief(conversation: Conversation) -> None:
    conversation = turns.take(conversation, "Please refund order A-20817", client_id="1").conversation
    failed = Proposal("", failed="the bank is down", attempts=(Tried("Refund", Outcome.FAILED, "the bank is down"),))
    handoff = turns.propose(conversation, failed, client_id="a").handoff
    assert handoff is not None
    assert [(attempt.step, attempt.outcome) for attempt in handoff.what_to_know.attempts] == [("Refund", Outcome.FAILED)]
