"""What a handoff asks of an agent: by its intent and the customer's language, kept where it waits and dropped where it was wrong."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from handoffs import claiming, receiving, roster, routing, turns
from handoffs.models import Agent, Conversation, Demand, Handoff, Team
from tests.conftest import reload


@pytest.fixture
def refund(start: Callable[..., Conversation], teams: dict[str, Team]) -> Callable[..., Handoff]:
    """Makes a handoff about a refund, which asks for a skill at level 3 and the room of two."""
    Team.objects.filter(code="billing").update(intents=["refund"])
    Demand.objects.create(intent="refund", weight=2, skills={"refunds": 3})

    def make(**columns: Any) -> Handoff:
        decision = turns.take(start(**columns), "I want to talk to a person about my refund", intent="Refund")
        assert decision.handoff is not None
        return reload(decision.handoff)

    return make


def may(agent: Agent, **columns: Any) -> Agent:
    Agent.objects.filter(pk=agent.pk).update(**columns)
    agent.refresh_from_db()
    return agent


def test_the_intent_says_skills_and_weight_the_conversation_the_language(refund: Callable[..., Handoff]) -> None:
    handoff = refund(language="es-MX")
    assert (handoff.team.code, handoff.language, handoff.skills, handoff.weight) == ("billing", "es", {"refunds": 3}, 2)


def test_without_a_demand_it_is_an_ordinary_one(handoff: Handoff) -> None:
    assert (handoff.skills, handoff.weight) == ({}, 1)


@pytest.mark.parametrize("language", ["", "Spanish", "e5", "-"])
def test_what_is_no_code_of_a_language_asks_for_none(language: str) -> None:
    assert routing.demand([], language) == {"language": "", "skills": {}, "weight": 1.0}


def test_a_broken_demand_never_stops_a_handoff(refund: Callable[..., Handoff]) -> None:
    Demand.objects.update(skills=["refunds"], weight=-3)
    handoff = refund()
    assert (handoff.skills, handoff.weight) == ({}, 1)


def test_claim_next_passes_over_what_asks_for_more_than_one_can(refund: Callable[..., Handoff], hand_off: Callable[..., Handoff], ann: Agent,
                                                                bob: Agent) -> None:
    skilled, ordinary = refund(), hand_off()
    assert claiming.claim_next(may(ann, skills={"refunds": 2})) == ordinary
    assert claiming.claim_next(ann) is None
    assert claiming.claim_next(may(bob, skills={"refunds": 3})) == skilled
    assert roster.room(bob) == 2


def test_claim_next_respects_languages(refund: Callable[..., Handoff], ann: Agent, bob: Agent) -> None:
    spanish = refund(language="es")
    assert claiming.claim_next(may(ann, skills={"refunds": 5}, languages={"en": 5, "es": 2})) is None
    assert claiming.claim_next(may(bob, skills={"refunds": 5}, languages={"es": 3})) == spanish


def test_claim_next_finds_what_stands_behind_many_that_ask_for_more(refund: Callable[..., Handoff], hand_off: Callable[..., Handoff], ann: Agent,
                                                                    django_assert_max_num_queries: Any) -> None:
    skilled, ordinary = refund(), hand_off()
    Handoff.objects.filter(pk=ordinary.pk).update(rank_at=skilled.rank_at + timedelta(hours=1))
    talks = [copied(skilled.conversation, external_id=f"{number}") for number in range(claiming.SEEN_AT_ONCE)]
    Conversation.objects.bulk_create(talks)
    Handoff.objects.bulk_create(copied(skilled, conversation=talk) for talk in talks)
    with django_assert_max_num_queries(50):
        assert claiming.claim_next(ann) == ordinary


def copied(row: Any, **columns: Any) -> Any:
    same = {field.name: getattr(row, field.name) for field in row._meta.concrete_fields if not field.primary_key}
    return type(row)(**{**same, **columns})


def test_anybody_of_the_team_may_pick_the_card_by_hand(refund: Callable[..., Handoff], ann: Agent) -> None:
    assert receiving.claim(refund(language="es"), may(ann, languages={"en": 5})).verb == "claimed"


@pytest.mark.parametrize(("covers", "skills"), [([], {}), (["refund"], {"refunds": 3})], ids=["about something else", "about the same"])
def test_another_team_is_asked_for_skills_only_where_it_covers_the_intent(refund: Callable[..., Handoff], ann: Agent, teams: dict[str, Team],
                                                                          covers: list[str], skills: dict[str, int]) -> None:
    Team.objects.filter(code="technical").update(intents=covers)
    handoff = refund(language="es")
    receiving.claim(handoff, ann)
    receiving.transfer(reload(handoff), ann, Team.objects.get(code="technical"))
    now = reload(handoff)
    assert (now.skills, now.language, now.weight) == (skills, "es", 2)


def test_released_it_asks_for_the_same(refund: Callable[..., Handoff], ann: Agent) -> None:
    handoff = refund()
    receiving.claim(handoff, ann)
    receiving.release(reload(handoff), ann)
    assert reload(handoff).skills == {"refunds": 3}


@pytest.mark.parametrize(("row", "field"), [
    (Demand(intent="a", weight=0), "weight"), (Demand(intent="a", weight=99), "weight"), (Demand(intent="a", skills=["a"]), "skills"),
    (Demand(intent="a", skills={"refunds": 6}), "skills"), (Demand(intent="a", skills={"refunds": "3"}), "skills"),
    (Agent(username="a", password="-", skills={"refunds": 0}), "skills"), (Agent(username="a", password="-", languages=["es"]), "languages"),
    (Team(code="a", name="a", public_name="a", hours={"mon": [["9", "5"]]}), "hours"),
    (Team(code="a", name="a", public_name="a", time_zone="Mars"), "time_zone"),
    (Team(code="a", name="a", public_name="a", holidays=["Christmas"]), "holidays"),
], ids=lambda value: value if isinstance(value, str) else type(value).__name__)  # fmt: skip
def test_the_admin_says_what_cannot_be_read(db: None, row: Any, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    assert set(refused.value.message_dict) == {field}


def test_the_intent_of_a_demand_is_kept_in_small_letters(db: None) -> None:
    row = Demand(intent=" Refund ", skills={"refunds": 5}, weight=0.5)
    row.full_clean()
    assert row.intent == "refund"


def test_a_team_does_not_overflow_to_itself(teams: dict[str, Team]) -> None:
    teams["billing"].overflow_team = teams["billing"]
    with pytest.raises(ValidationError, match="Another team"):
        teams["billing"].full_clean()
